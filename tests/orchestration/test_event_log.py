"""The event log that keeps its files open holds what Dagster's own would."""

import sqlite3
import threading
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.event_log import OpenEventLogStorage
from orchestration.instance import forget_old_runs, prepare_dagster_home
from orchestration.settings import Settings


@dg.asset
def figures() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"rows": 3})


def test_events_are_there_for_dagsters_own_storage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "")
    home = prepare_dagster_home(Settings.from_environment({"CAMPAIGN_WAREHOUSE": str(tmp_path)}))
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, OpenEventLogStorage)
        run_ids = [dg.materialize([figures], instance=instance).run_id for _ in range(3)]
        kept = {run_id: len(instance.all_logs(run_id)) for run_id in run_ids}
    own = SqliteEventLogStorage(str(home / "events"))
    assert {run_id: len(own.get_logs_for_run(run_id)) for run_id in run_ids} == kept
    record = own.get_latest_materialization_events([figures.key])[figures.key]
    assert record is not None and record.run_id == run_ids[-1]


@dg.asset_check(asset=figures)
def there_are_rows() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


def test_of_a_run_that_is_forgotten_nothing_stays_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "")
    monkeypatch.setattr("orchestration.instance.KEPT_RUNS", 2)
    home = prepare_dagster_home(Settings.from_environment({"CAMPAIGN_WAREHOUSE": str(tmp_path)}))
    with dg.DagsterInstance.get() as instance:
        run_ids = [
            dg.materialize([figures, there_are_rows], instance=instance).run_id for _ in range(4)
        ]
        forget_old_runs(instance)
        assert list(instance.get_run_ids()) == run_ids[:1:-1]
        record = instance.get_latest_materialization_event(figures.key)
        assert record is not None and record.run_id == run_ids[-1]
    files = [path for path in home.rglob("*") if path.is_file()]
    assert not [path.name for path in files if any(run_id in path.name for run_id in run_ids[:2])]
    index = sqlite3.connect(home / "events" / "index.db")
    for table in ("event_logs", "asset_check_executions"):
        found = {run_id for (run_id,) in index.execute(f"select run_id from {table}")}
        assert found == set(run_ids[2:]), table
    index.close()


def test_threads_share_the_open_files(tmp_path: Path) -> None:
    storage = OpenEventLogStorage(str(tmp_path))
    problems: list[BaseException] = []

    def read(run_id: str) -> None:
        try:
            for _ in range(20):
                storage.get_logs_for_run(run_id)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=read, args=(f"run-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    storage.dispose()
    assert problems == []
