"""What a run says at its end: the campaigns' main figures, what came in, what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from orchestration.publish.files import PublishedFolder
from orchestration.settings import Settings
from orchestration.state import read_lines

CAMPAIGNS_SHOWN = 15
FILES_SHOWN = 10
NAME_WIDTH = 32

FIGURES = (
    "sessions",
    "new_contacts_first_touch",
    "new_contacts_last_touch",
    "influenced_contacts",
    "closed_deals",
    "influenced_revenue",
    "contacts_with_revenue",
    "revenue",
)
ROWS = ("rows_in", "rows_loaded", "rows_duplicate", "rows_quarantined")


def closing_report(settings: Settings, run_id: str) -> Iterator[str]:
    """The lines that tell what the run published; the published warehouse must be there."""
    ledger = list(read_lines(settings.ledger))
    with duckdb.connect(str(settings.published / "current.duckdb"), read_only=True) as connection:
        yield ""
        yield from _campaigns(connection)
        yield ""
        yield from loaded_lines(ledger, run_id)
        yield from _issues(connection)
    yield ""
    yield from _places(settings)


def _campaigns(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    if not _has_table(connection, "campaigns"):
        return
    rows = connection.execute(
        f"select name, {', '.join(FIGURES)} from marts.campaigns "
        "order by revenue desc nulls last, sessions desc, name, campaign_id"
    ).fetchall()
    yield from table(["campaign", *FIGURES], rows[:CAMPAIGNS_SHOWN])
    if len(rows) > CAMPAIGNS_SHOWN:
        yield f"… {len(rows) - CAMPAIGNS_SHOWN} more"


def loaded_lines(ledger: Iterable[Mapping[str, Any]], run_id: str) -> Iterator[str]:
    """What the run loaded, and which files failed, from the lines of the ledger."""
    ledger = list(ledger)
    this_run = [line for line in ledger if line["run_id"] == run_id]
    rows = {name: sum(line[name] for line in this_run) for name in ROWS}
    yield (
        f"{len(this_run)} new files: {rows['rows_in']:,} rows in, {rows['rows_loaded']:,} loaded, "
        f"{rows['rows_duplicate']:,} duplicate, {rows['rows_quarantined']:,} quarantined."
    )
    troubled = [line for line in this_run if line["status"] in {"failed", "unknown_table"}]
    for line in troubled[:FILES_SHOWN]:
        yield f"  {line['status']}: {line['file']}: {line['message']}"
    if len(troubled) > FILES_SHOWN:
        yield f"  … {len(troubled) - FILES_SHOWN} more in load_audit"
    newest = {line["file"]: line for line in ledger}
    earlier = sum(
        line["status"] == "failed" and line["run_id"] != run_id for line in newest.values()
    )
    if earlier:
        yield f"  {earlier} files failed in earlier runs and are unchanged since (load_audit)."


def _issues(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    if not _has_table(connection, "data_quality_issues"):
        return
    rules = connection.execute("select rule from marts.data_quality_issues").fetchall()
    counts = Counter(rule for (rule,) in rules)
    listed = ", ".join(f"{rule} {count:,}" for rule, count in sorted(counts.items()))
    yield f"Data quality issues: {listed or 'none'}."


def _places(settings: Settings) -> Iterator[str]:
    folder = PublishedFolder(settings.published)
    yield f"Published:  {folder.current} (read-only, schema marts)"
    yield f"As Parquet: {settings.published / 'parquet'}"
    if settings.has_dashboard:
        yield f"Dashboard:  {settings.dashboard / 'index.html'}"
    yield f"Runs:       make dev WAREHOUSE='{settings.warehouse}'"


def _has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'marts' and table_name = ?",
        [name],
    ).fetchone()
    return found is not None


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """A table as lines of text: the first column to the left, figures to the right."""
    heads = [_two_lines(name) for name in names]
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [
        max(len(text) for text in (*head, *(row[i] for row in cells)))
        for i, head in enumerate(heads)
    ]
    for part in (0, 1):
        yield _aligned([head[part] for head in heads], widths)
    yield "  ".join("─" * width for width in widths)
    for row in cells:
        yield _aligned(row, widths)


def _two_lines(name: str) -> tuple[str, str]:
    """A column's name, cut at the underscore nearest to its middle."""
    cuts = [i + 1 for i, letter in enumerate(name) if letter == "_"]
    if not cuts:
        return "", name
    cut = min(cuts, key=lambda position: abs(position - len(name) / 2))
    return name[:cut], name[cut:]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    text = " ".join(str(value).split())
    return text if len(text) <= NAME_WIDTH else text[: NAME_WIDTH - 1] + "…"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    line = first[0].ljust(first[1])
    for cell, width in others:
        line += "  " + cell.rjust(width)
    return line.rstrip()
