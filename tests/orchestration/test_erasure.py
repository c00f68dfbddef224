"""A night in which people asked to be forgotten: nothing of them is left, every figure stays."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.load.erasure import Register
from tests.conftest import PROJECT, run_command
from tests.nights.compare import differences
from tests.nights.warehouse import Warehouse

SAMPLE = PROJECT / "seeds" / "sample"

# c00342 was merged into c00417, and that into c00411; c00403 was forgotten the night before.
ASKS, GROUP, FORGOTTEN = "c00342", ("c00342", "c00417", "c00411"), "c00403"

LATE_EVENTS = f"""event_id,event_type,occurred_at,visitor_id,contact_id,url,user_agent,ip_country
late-1,page_viewed,2025-05-01T08:00:00Z,v00403,,https://www.example.com/?m=boris.farkas%40example.com,Firefox,DE
late-2:{FORGOTTEN},page_viewed,2025-05-01T08:01:00Z,,{FORGOTTEN},https://www.example.com/{FORGOTTEN},Firefox,DE
late-3,page_viewed,never,,{FORGOTTEN},,Firefox,DE
"""

# What tells of runs and files, not of what people did.
TRUST = {"load_audit", "warehouse_runs", "data_quality_issues", "metric_rules", "quarantine"}

# Marts that tell more of people than their figures, and what of them stays.
_ADDRESS = r"'boris\.farkas%40example\.com|erased-[0-9a-f]{32}', 'erased', 'g'"
WITHOUT_PEOPLE = {
    "campaign_sessions": "* exclude (session_id)",
    "deals": "* exclude (name)",
    "qr_performance": "* exclude (region, city)",
    "session_replays": "* exclude (session_id)"
    f" replace (regexp_replace(events::varchar, {_ADDRESS}) as events)",
    "sessions": "* exclude (session_id)"
    f" replace (regexp_replace(entry_url, {_ADDRESS}) as entry_url,"
    f" regexp_replace(exit_url, {_ADDRESS}) as exit_url)",
    "traffic_performance": f"* replace (regexp_replace(entry_url, {_ADDRESS}) as entry_url)",
}


@dataclass(frozen=True)
class Forgotten:
    """A published warehouse, the folder of its landing files, and what stood for the people."""

    folder: Path
    warehouse: Path
    output: str
    words: tuple[str, ...]


@pytest.fixture(scope="module")
def forgotten(sample_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Forgotten:
    """The night in which somebody asks to be forgotten, upon that of the sample."""
    folder = tmp_path_factory.mktemp("forgotten")
    warehouse, landing = folder / "warehouse", folder / "landing"
    shutil.copytree(sample_warehouse, warehouse, symlinks=True)
    shutil.copytree(SAMPLE, landing)
    (landing / "contact_erasures" / "later.csv").write_text(
        f"contact_id,requested_at\n{ASKS},2025-12-30T00:00:00Z\n", encoding="utf-8"
    )
    (landing / "events" / "late.csv.gz").write_bytes(gzip.compress(LATE_EVENTS.encode()))
    (warehouse / "logs").mkdir(exist_ok=True)
    (warehouse / "logs" / "old.log").write_text(f"a row of {ASKS}", encoding="utf-8")
    done = run_command(
        "orchestration.run", CAMPAIGN_LANDING=str(landing), CAMPAIGN_WAREHOUSE=str(warehouse)
    )
    assert done.returncode == 0, done.stderr
    return Forgotten(folder, warehouse, done.stdout, tuple(words_of([*GROUP, FORGOTTEN])))


def words_of(contacts: list[str]) -> Iterator[str]:
    """Ids, addresses and numbers of contacts in the sample."""
    yield from contacts
    for path in (SAMPLE / "contacts").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row["contact_id"] in contacts:
                    yield from (word for word in (row["email"], row["phone"]) if word)
    with next((SAMPLE / "visitor_identities").glob("*.csv")).open(encoding="utf-8") as file:
        yield from (
            row["visitor_id"] for row in csv.DictReader(file) if row["contact_id"] in contacts
        )


def test_no_file_of_the_warehouse_has_anything_of_them(forgotten: Forgotten) -> None:
    assert len(forgotten.words) >= 12
    words = "|".join(re.escape(word.lower()) for word in forgotten.words)
    seen: set[str] = set()
    for path in sorted(forgotten.warehouse.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        seen.add(path.suffix)
        content = path.read_bytes().lower()
        named = [word for word in forgotten.words if word.lower().encode() in content]
        text = content.decode("latin-1") if named else ""
        found = re.search(rf"(?<![0-9a-z])({words})(?![0-9a-z])", text)
        assert found is None, f"{path}: {text[max(0, found.start() - 80) : found.end() + 80]}"
        rows = rows_with(path, rf"(^|[^0-9a-z])({words})([^0-9a-z]|$)")
        assert rows == [], path
    assert seen >= {".parquet", ".duckdb", ".ndjson", ".db", ".json"}


def rows_with(path: Path, pattern: str) -> list[tuple[str, ...]]:
    """Rows of a Parquet or DuckDB file that have the pattern in a column of texts."""
    with duckdb.connect() as connection:
        if path.suffix == ".parquet":
            connection.execute(f"create view held as from read_parquet('{path}')")
            database = "memory"
        elif path.suffix == ".duckdb":
            connection.execute(f"attach '{path}' as held (read_only)")
            database = "held"
        else:
            return []
        columns = connection.execute(
            "select schema_name, table_name, list(column_name) from duckdb_columns()"
            " where database_name = ? and data_type like '%VARCHAR%' group by all",
            [database],
        ).fetchall()
        found = []
        for schema, table, names in columns:
            text = ", ".join(f'"{name}"::varchar' for name in names)
            found += connection.execute(
                f"select '{schema}.{table}', concat_ws(' ', {text}) as t"
                f' from {database}."{schema}"."{table}" where regexp_matches(lower(t), ?) limit 1',
                [pattern],
            ).fetchall()
        return found


def test_every_figure_stays(forgotten: Forgotten) -> None:
    whole = Warehouse(forgotten.folder / "whole")
    whole.load(forgotten.folder / "landing", datetime(2026, 1, 1, tzinfo=UTC))
    whole.build_anew()
    published = forgotten.warehouse / "published" / "current.duckdb"
    except_for = {f"marts.{name}" for name in TRUST | WITHOUT_PEOPLE.keys()}
    assert differences(whole.database, published, except_for=except_for) == []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{whole.database}' as whole (read_only)")
        connection.execute(f"attach '{published}' as published (read_only)")
        for name, columns in WITHOUT_PEOPLE.items():
            before, after = (
                connection.sql(f"select {columns} from {side}.marts.{name} order by all").fetchall()
                for side in ("whole", "published")
            )
            assert before == after, name


def test_what_was_published_before_is_gone(forgotten: Forgotten) -> None:
    published = forgotten.warehouse / "published"
    assert len(list(published.glob("warehouse-*.duckdb"))) == 1
    assert len(list(published.glob("parquet-*"))) == 1
    assert not (forgotten.warehouse / "logs" / "old.log").exists()
    assert not (forgotten.warehouse / "dashboard").exists()
    assert "People asked to be forgotten" in forgotten.output
    assert "Forgetting contact ids: 3, visitors: 3." in forgotten.output
    register = Register.read(forgotten.warehouse)
    assert not register.is_rebuild_due
    assert not register.is_outdated
