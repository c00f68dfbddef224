"""The event log that keeps its files open holds what Dagster's own would."""

import threading
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.event_log import OpenEventLogStorage
from orchestration.instance import prepare_dagster_home
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
