"""dbt's unit tests, which `make test` runs on DuckDB, pass on Spark, too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyspark", reason="Spark is in .venv-spark: make test-spark")

from dbt.cli.main import dbtRunner

from orchestration.load import init_raw
from orchestration.spark.sources import register_sources
from tests.conftest import PROJECT

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from pyspark.sql import SparkSession

# A statement of few rows spends its time in being planned: code isn't worth being made for it.
FEW_ROWS = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.legacy.storeAnalyzedPlanForView": "true",
    "spark.sql.shuffle.partitions": "1",
}


class Dbt:
    """dbt on an empty warehouse, in the session of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: Manifest | None = None

    def run(self, command: str, *arguments: str) -> Sequence:
        """The results of a command's nodes."""
        done = dbtRunner(manifest=self.manifest).invoke(
            [
                *(command, *arguments, "--quiet", "--no-use-colors", "--target", "spark"),
                *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                *("--target-path", str(self.folder), "--log-path", str(self.folder)),
                *("--vars", json.dumps({"rows_of_a_piece": 300})),
            ]
        )
        assert done.exception is None, done.exception
        if command == "parse":
            self.manifest = done.result
            return []
        return done.result.results


@pytest.fixture
def dbt(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dbt:
    """dbt with a table of every source, seed and model, all empty but the seeds'.

    Unit tests take the types of their inputs from them.
    """
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(tmp_path))
    monkeypatch.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "False")
    monkeypatch.setenv("DBT_VERSION_CHECK", "False")
    for name, value in FEW_ROWS.items():
        spark.conf.set(name, value)
    init_raw(tmp_path)
    (tmp_path / "raw" / "ledger.ndjson").touch()
    (tmp_path / "state").mkdir()
    for name in ("test_results", "unit_tests", "runs"):
        (tmp_path / "state" / f"{name}.ndjson").touch()
    dbt = Dbt(tmp_path / "target")
    dbt.run("parse")
    register_sources(spark, dbt.manifest.to_dict(), tmp_path / "sources")
    all_passed(dbt.run("seed", "--full-refresh"))
    all_passed(dbt.run("run", "--empty", "--full-refresh"))
    return dbt


def all_passed(results: Sequence) -> None:
    failed = [
        f"{result.node.name}: {result.message}"
        for result in results
        if result.status not in ("success", "pass")
    ]
    assert not failed, "\n".join([f"{len(failed)} failed:", *failed])


def test_every_unit_test_passes_on_spark(dbt: Dbt) -> None:
    results = dbt.run("test", "--select", "test_type:unit")
    tests = [result for result in results if result.node.resource_type == "unit_test"]
    assert {result.node.unique_id for result in tests} == dbt.manifest.unit_tests.keys()
    all_passed(tests)
