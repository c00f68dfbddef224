"""What Dagster finds: an asset per raw table, per model and for what is published, and the job."""

import importlib
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from orchestration.assets import build_definitions
from orchestration.assets.checks import newest_load
from orchestration.instance import prepare_dagster_home
from orchestration.load.contracts import TABLES
from orchestration.settings import Settings
from orchestration.transform.dbt import Dbt


@pytest.fixture(scope="module")
def dbt(sample_warehouse: Path) -> Dbt:
    return Dbt(Settings.from_environment({"CAMPAIGN_WAREHOUSE": str(sample_warehouse)}))


@pytest.fixture(scope="module")
def definitions(dbt: Dbt) -> dg.Definitions:
    return build_definitions(dbt)


@pytest.fixture(scope="module")
def assets(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    """The specs of all assets by their keys."""
    specs = definitions.resolve_all_asset_specs()
    return {spec.key.to_user_string(): spec for spec in specs}


def test_every_raw_table_is_an_asset_that_its_staging_model_reads(
    assets: dict[str, dg.AssetSpec],
) -> None:
    raw = {key for key in assets if key.startswith("raw/")}
    assert raw == {f"raw/{name}" for name in (*TABLES, "ledger", "quarantine")}
    for name in TABLES:
        parents = {dep.asset_key.to_user_string() for dep in assets[f"staging/stg_{name}"].deps}
        assert f"raw/{name}" in parents


def test_every_model_and_seed_is_an_asset_in_the_group_of_its_folder(
    assets: dict[str, dg.AssetSpec], dbt: Dbt
) -> None:
    built = {
        f"{node['schema']}/{node['name']}": "reference"
        if node["resource_type"] == "seed"
        else Path(node["original_file_path"]).parts[1]
        for node in dbt.manifest()["nodes"].values()
        if node["resource_type"] in {"model", "seed"}
        and node["config"]["materialized"] != "ephemeral"
    }
    groups = {key: spec.group_name for key, spec in assets.items()}
    assert built.items() <= groups.items()
    others = {key for key in groups if key not in built and not key.startswith(("raw/", "state/"))}
    assert others == {"published/warehouse", "published/dashboard"}


def test_postgres_is_behind_what_is_published_where_a_database_is_named(dbt: Dbt) -> None:
    specs = build_definitions(dbt, to_postgres=True).resolve_all_asset_specs()
    (postgres,) = (spec for spec in specs if spec.key.path == ["published", "postgres"])
    assert [dep.asset_key.to_user_string() for dep in postgres.deps] == ["published/warehouse"]


def test_what_is_published_is_behind_every_mart(assets: dict[str, dg.AssetSpec], dbt: Dbt) -> None:
    behind = {dep.asset_key.to_user_string() for dep in assets["published/warehouse"].deps}
    assert behind == {key for key in assets if key.startswith("marts/")}


def test_every_data_test_is_a_check_and_no_unit_test_is(
    definitions: dg.Definitions, dbt: Dbt
) -> None:
    repository = definitions.get_repository_def()
    checks = {key.name for key in repository.asset_graph.asset_check_keys}
    manifest = dbt.manifest()
    tests = {n["name"] for n in manifest["nodes"].values() if n["resource_type"] == "test"}
    assert checks == tests | {"files_are_fresh", "volume_is_usual"}
    assert manifest["unit_tests"], "the project has unit tests, so that leaving them out shows"


def test_the_job_runs_all_of_it_in_one_process(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("nightly")
    assert job.executor_def is dg.in_process_executor
    assert set(job.asset_layer.executable_asset_keys) == {
        spec.key for spec in definitions.resolve_all_asset_specs() if spec.key.path[0] != "state"
    }
    assert {"load", "build", "published__warehouse"} <= set(job.graph.node_dict)


def test_schedule_and_sensor_wait_to_be_turned_on(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    schedule = repository.get_schedule_def("nightly_schedule")
    assert (schedule.cron_schedule, schedule.job_name) == ("0 3 * * *", "nightly")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    sensor = repository.get_sensor_def("new_files_sensor")
    assert sensor.job_name == "nightly"
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED


def test_the_dagster_home_queues_runs_and_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "")
    settings = Settings.from_environment({"CAMPAIGN_WAREHOUSE": str(tmp_path / "a: b")})
    home = prepare_dagster_home(settings)
    config = yaml.safe_load((home / "dagster.yaml").read_text())
    assert config["telemetry"] == {"enabled": False}
    assert config["concurrency"]["runs"] == {"max_concurrent_runs": 1}
    with dg.DagsterInstance.get() as instance:
        assert Path(instance.root_directory) == home
        assert instance.get_runs() == []
        assert not instance.telemetry_enabled


def line(run_id: str, rows_in: int, status: str = "loaded", day: int = 1) -> dict[str, Any]:
    loaded_at = f"2024-01-{day:02}T03:00:00Z"
    return {"run_id": run_id, "rows_in": rows_in, "status": status, "loaded_at": loaded_at}


def test_a_damaged_configuration_of_dagster_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    settings = Settings.from_environment({"CAMPAIGN_WAREHOUSE": str(tmp_path)})
    path = prepare_dagster_home(settings) / "dagster.yaml"
    written = path.read_bytes()
    path.write_bytes(b"\x9a" + written[1:])
    prepare_dagster_home(settings)
    assert path.read_bytes() == written


def test_freshness_goes_by_what_was_loaded() -> None:
    lines = [line("a", 1, day=2), line("b", 1, day=1), line("c", 1, status="failed", day=3)]
    newest = newest_load(lines)
    assert newest is not None and newest.day == 2
    assert newest_load([]) is None


def test_dagster_loads_the_module(sample_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(sample_warehouse))
    module = importlib.import_module("orchestration.definitions")
    dg.Definitions.validate_loadable(module.defs)


def test_the_environment_says_whether_nights_go_to_postgres(
    sample_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(sample_warehouse))
    for url, expected in (("postgresql:///bi", True), ("", False)):
        monkeypatch.setenv("CAMPAIGN_POSTGRES_URL", url)
        monkeypatch.delitem(sys.modules, "orchestration.definitions", raising=False)
        defs = importlib.import_module("orchestration.definitions").defs
        keys = {spec.key.to_user_string() for spec in defs.resolve_all_asset_specs()}
        assert ("published/postgres" in keys) == expected
