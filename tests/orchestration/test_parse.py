"""The parsed project serves every later run, whatever the settings of that run."""

from dataclasses import replace
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

from orchestration.errors import UsageError
from orchestration.settings import Settings
from orchestration.transform.dbt import Dbt
from tests.nights.project import copy_project


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    project = copy_project(tmp_path / "project")
    monkeypatch.setattr("orchestration.transform.dbt.PROJECT_DIR", project)
    return Settings(
        landing=tmp_path / "landing",
        warehouse=tmp_path / "warehouse",
        dbt_vars={},
        keep_published=1,
        dbt_threads=1,
        fresh_hours=1,
        alert_url="",
    )


def test_other_limits_and_another_warehouse_need_no_other_parse(settings: Settings) -> None:
    first = len(Dbt(settings).parse().nodes)
    other = replace(
        settings, memory_limit="1500MB", dbt_threads=2, warehouse=settings.warehouse / "b"
    )
    assert len(Dbt(other).parse().nodes) == first > 100


def test_a_parse_that_forgot_the_project_is_told_and_made_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = len(Dbt(settings).parse().nodes)
    monkeypatch.setattr("orchestration.transform.dbt.ANY_MEMORY_LIMIT", "2GB")
    with pytest.raises(UsageError, match="run it once more"):
        Dbt(settings).parse()
    assert len(Dbt(settings).parse().nodes) == whole


def test_a_run_has_the_memory_limit_of_its_settings(settings: Settings) -> None:
    settings.warehouse.mkdir()
    dbt = Dbt(replace(settings, memory_limit="1500MB"))
    outcome = dbt.run(
        dbtRunner(manifest=dbt.parse()),
        ["show", "--inline", "select current_setting('memory_limit') as memory"],
    )
    assert outcome.success
    assert outcome.result.results[0].agate_table.rows[0]["memory"] == "1.3 GiB"


def test_without_spark_only_what_it_builds_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.transform.dbt.find_spec", lambda name: None)
    dbt = Dbt(replace(settings, engine="spark"))
    with pytest.raises(UsageError, match="run `make spark`"):
        dbt.parse()
    assert dbt.on_duckdb().parse().nodes
