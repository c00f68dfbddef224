"""Draws the dashboard of many campaigns over years, and tells what it takes to draw and to open.

python -m tests.dashboards.large --like warehouse --campaigns 1000 --years 3

Its marts are those of a published warehouse, repeated under other ids and in earlier years, with
amounts of their own. Ends with 1 where a page is larger than 10 MB, or where one does not open as
it should.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dashboards.pages import campaign, pages
from orchestration.load.sql import identifier
from tests.browser.chromium import NoChromiumError, chromium
from tests.browser.harness import launched, opened
from tests.conftest import run_command
from tests.dashboards.pages import PAGES

MOST_BYTES = 10_000_000

# Columns that tell whose a row is: each repetition has ids of its own, but for these.
_IDS = frozenset({"asset_id", "campaign_id", "contact_id", "deal_id", "entity_id", "session_id"})
_ONE_OF_A_KIND = ("all", "no campaign", "unattributed")

# Whole numbers that tell where a row belongs, not how much there is of something.
_PLACES = frozenset({"hour", "weekday", "stage", "step", "scroll_decile"})

# A repeated amount is this many times its pattern's at most, so that pages do not pack too well.
_GREATEST_FACTOR = 9

# Whole weeks, so that weekdays stay.
_DAYS_OF_A_YEAR = 364


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the marts, draw and open the pages; gives the exit status."""
    options = _options(arguments)
    folder = Path(tempfile.mkdtemp(prefix="dashboard-", dir=options.folder))
    try:
        source = options.like / "published" / "current.duckdb"
        published = folder / "published" / "current.duckdb"
        published.parent.mkdir()
        count = _repeat(source, published, options.campaigns, options.years)
        print(f"{count:,} campaigns, {options.years} years: {_mb(published)} of marts", flush=True)
        _draw(folder)
        dashboard = folder / "dashboard"
        too_large = _sizes(dashboard)
        wrong = _open(dashboard)
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    for problem in (*too_large, *wrong):
        print(problem)
    return 1 if too_large or wrong else 0


def _repeat(source: Path, target: Path, campaigns: int, years: int) -> int:
    """Write the tables that the pages read, repeated; gives how many campaigns there are."""
    queries = [query for page in pages() for query in page.tables.values()]
    sql = " ".join(query.sql for query in [*queries, *campaign.TABLES.values()])
    tables = {*re.findall(r"\bmarts\.(\w+)", sql), "metric_rules", "warehouse_runs"}
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach '{source}' as pattern (read_only)")
        connection.execute("create schema marts")
        found = connection.sql("select count(*) from pattern.marts.campaigns").fetchone()
        assert found is not None
        copies = -(-campaigns // found[0])
        for table in sorted(tables):
            columns = connection.sql(f"describe pattern.marts.{table}").fetchall()
            kinds = {name: kind for name, kind, *_ in columns}
            query = _repeated(f"pattern.marts.{table}", kinds, copies, years)
            connection.execute(f"create table marts.{table} as {query}")
        return copies * found[0]


def _repeated(table: str, kinds: dict[str, str], copies: int, years: int) -> str:
    ids = sorted(_IDS & kinds.keys())
    if table.endswith(".data_driven_attribution"):
        ids = ["key"]
    told = ", ".join(f"'{value}'" for value in _ONE_OF_A_KIND)
    replaced = {
        name: f"case when {name} in ({told}) then {name} else {name} || '-' || copy end"
        for name in ids
    }
    if "name" in kinds:
        replaced["name"] = "name || ' ' || copy"
    has_years = "date" in kinds
    year = "year" if has_years else f"copy % {years}"
    for name, kind in kinds.items():
        if ids and kind in ("DATE", "TIMESTAMP"):
            shifted = f"{name} - to_days(cast({year} * {_DAYS_OF_A_YEAR} as integer))"
            replaced[name] = f"cast({shifted} as {kind.lower()})"
        if ids and kind.startswith(("BIGINT", "DECIMAL")) and name not in _PLACES:
            quoted = identifier(name)
            factor = f"1 + hash(pattern, copy, {year}) % {_GREATEST_FACTOR}"
            replaced[name] = f"cast({quoted} * cast({factor} as integer) as {kind.lower()})"
    replace = ", ".join(f"{value} as {identifier(name)}" for name, value in replaced.items())
    return (
        f"select pattern.* {f'replace ({replace})' if replace else ''} from {table} as pattern"
        f" cross join range({copies if ids else 1}) as copies(copy)"
        f" cross join range({years if has_years else 1}) as years(year)"
        + (f" where copy = 0 or {ids[0]} not in ({told})" if ids else "")
    )


def _draw(warehouse: Path) -> None:
    began = time.monotonic()
    done = run_command("dashboards", CAMPAIGN_WAREHOUSE=str(warehouse))
    if done.returncode != 0:
        raise RuntimeError(f"The pages were not drawn: {done.stderr}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"drawn in {time.monotonic() - began:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of CPU),"
        f" at most {used.ru_maxrss / 1e6:.1f} GB of memory",
        flush=True,
    )


def _sizes(dashboard: Path) -> list[str]:
    """Print what the pages take on disk; gives those that are too large."""
    files = sorted(dashboard.rglob("*.html"), key=lambda path: -path.stat().st_size)
    total = sum(path.stat().st_size for path in files)
    print(f"{len(files):,} pages, {total / 1e6:.0f} MB")
    for path in [dashboard / name for name in PAGES] + [_largest_campaign(dashboard)]:
        print(f"  {path.relative_to(dashboard)}: {_mb(path)}")
    return [
        f"{path.relative_to(dashboard)} is larger than {MOST_BYTES / 1e6:.0f} MB: {_mb(path)}"
        for path in files
        if path.stat().st_size > MOST_BYTES
    ]


def _open(dashboard: Path) -> list[str]:
    """Print how long pages take to open, and what they keep; gives what goes wrong on them."""
    wrong = []
    try:
        program = chromium()
    except NoChromiumError as error:
        print(f"not opened: {error}")
        return []
    with launched(program) as browser:
        for path in [dashboard / name for name in PAGES] + [_largest_campaign(dashboard)]:
            began = time.monotonic()
            try:
                with opened(browser, path, dashboard) as page:
                    seconds = time.monotonic() - began
                    heap = page.evaluate("performance.memory.usedJSHeapSize")
                    print(
                        f"  {path.name} opens in {seconds:.1f} s, {heap / 1e6:.0f} MB", flush=True
                    )
            except Exception as error:
                wrong.append(f"{path.name}: {error}")
    return wrong


def _largest_campaign(dashboard: Path) -> Path:
    return max((dashboard / "campaigns").iterdir(), key=lambda path: path.stat().st_size)


def _mb(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--like", type=Path, default=Path("warehouse"), help="a warehouse")
    parser.add_argument("--campaigns", type=int, default=1_000)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the marts are made")
    parser.add_argument("--keep", action="store_true", help="leave the pages there")
    options = parser.parse_args(arguments)
    if not (options.like / "published" / "current.duckdb").exists():
        parser.error(f"nothing is published in {options.like}: run `make run` first")
    return options


if __name__ == "__main__":
    sys.exit(main())
