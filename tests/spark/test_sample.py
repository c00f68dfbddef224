"""A night of the bundled sample on Spark is the night that DuckDB builds."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.agreement.compare import differences, summary
from tests.agreement.warehouse import read_marts
from tests.reference import KEYS

pytest.importorskip("pyspark", reason="Spark is in .venv-spark: make test-spark")

CURRENT = Path("published") / "current.duckdb"

# Marts without a counterpart in the reference.
OTHER_KEYS = {"dates": ("date",), "metric_rules": ("rule_id",), "warehouse_runs": ("files",)}

# What tells one run from another.
OF_THE_RUN = {
    "data_quality_issues": {"first_seen_at"},
    "load_audit": {"loaded_at"},
    "warehouse_runs": {"run_id", "started_at", "finished_at", "versions"},
}


def read(warehouse: Path, query: str, database: Path = CURRENT) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse / database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def row_counts(warehouse: Path) -> dict[str, int]:
    """Rows of each model and seed of the build."""
    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema not in ('changes', 'raw', 'state')"
        ).fetchall()
        return {
            name: connection.execute(f"select count(*) from {name}").fetchone()[0]
            for (name,) in tables
        }


def test_every_mart_has_the_same_rows(sample_warehouse: Path, spark_warehouse: Path) -> None:
    wanted, found = (read_marts(place / CURRENT) for place in (sample_warehouse, spark_warehouse))
    keys = KEYS | OTHER_KEYS
    assert wanted.keys() == found.keys() == keys.keys()
    lines = {
        name: differences(
            [
                {k: v for k, v in row.items() if k not in OF_THE_RUN.get(name, set())}
                for row in rows
            ],
            found[name],
            keys[name],
            name,
        )
        for name, rows in wanted.items()
    }
    assert not any(lines.values()), summary(lines)
    assert all(wanted.values())


def test_every_column_has_its_type_and_description(
    sample_warehouse: Path, spark_warehouse: Path
) -> None:
    columns = (
        "select table_name, column_name, data_type, comment from duckdb_columns() "
        "where schema_name = 'marts' order by all"
    )
    assert read(spark_warehouse, columns) == read(sample_warehouse, columns)


def test_every_table_of_the_build_has_as_many_rows(
    sample_warehouse: Path, spark_warehouse: Path
) -> None:
    counts = [row_counts(place) for place in (sample_warehouse, spark_warehouse)]
    assert counts[0] == counts[1]
    assert len(counts[0]) > 200


def test_the_same_tests_passed(sample_warehouse: Path, spark_warehouse: Path) -> None:
    results = (
        "select unique_id, status, failures from read_json('{}/state/test_results.ndjson') "
        "order by all"
    )
    wanted, found = (
        duckdb.sql(results.format(place)).fetchall()
        for place in (sample_warehouse, spark_warehouse)
    )
    assert found == wanted
    assert len(found) > 200


def test_the_night_is_published_as_files_and_drawn(
    sample_warehouse: Path, spark_warehouse: Path
) -> None:
    def names(folder: str, warehouse: Path) -> set[str]:
        place = warehouse / folder
        return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}

    for folder in ("published/parquet", "dashboard"):
        assert names(folder, spark_warehouse) == names(folder, sample_warehouse)
