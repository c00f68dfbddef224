"""What keeps a night from being published, and what a user is told."""

from typing import Any

import pytest

from orchestration.errors import AuditFailedError, StorageError
from orchestration.failures import find_warehouse_error
from orchestration.settings import Settings
from orchestration.transform import audit
from orchestration.transform.audit import Outcome

SETTINGS = Settings.from_environment({"CAMPAIGN_WAREHOUSE": "/data/warehouse"})


def outcome(name: str, status: str, *, is_test: bool = True, message: str = "") -> Outcome:
    return Outcome(name, name, is_test, status, message, 3, "campaigns", None)


def test_passes_and_warnings_are_published() -> None:
    found = [outcome("a", "pass"), outcome("b", "warn"), outcome("m", "success", is_test=False)]
    audit.judge(SETTINGS, found)
    assert audit.warnings(found) == ["b: 3 rows"]


@pytest.mark.parametrize("status", ["fail", "error"])
def test_failing_tests_are_named(status: str) -> None:
    found = [outcome("fine", "pass"), *(outcome(f"bad_{n}", status) for n in range(7))]
    with pytest.raises(AuditFailedError, match=r"bad_0, bad_1.* and 2 more") as raised:
        audit.judge(SETTINGS, found)
    assert "fine" not in str(raised.value)


def test_a_failing_model_is_named_with_its_first_error() -> None:
    found = [
        outcome("int_sessions", "error", is_test=False, message="Binder Error:\n  no column x"),
        outcome("sessions", "skipped", is_test=False),
    ]
    with pytest.raises(AuditFailedError, match=r"int_sessions .*Binder Error: no column x"):
        audit.judge(SETTINGS, found)


@pytest.mark.parametrize(
    "message",
    [
        "IO Error: Could not write file: No space left on device",
        "IO Error: No magic bytes found in '/data/warehouse/raw/events/000001-00001-ab.parquet'",
    ],
)
def test_a_full_disk_or_a_damaged_raw_file_is_a_storage_error(message: str) -> None:
    found = [outcome("stg_events", "error", is_test=False, message=message)]
    assert not audit.is_damaged(SETTINGS, found, None)
    with pytest.raises(StorageError):
        audit.judge(SETTINGS, found)


def test_a_damaged_build_file_is_recognised_and_a_damaged_raw_file_is_not_taken_for_it() -> None:
    corrupt = (
        "IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2"
    )
    assert audit.is_damaged(SETTINGS, [outcome("m", "error", message=corrupt)], None)
    assert audit.is_damaged(SETTINGS, [], RuntimeError(corrupt))
    raw = "corrupt Parquet file /data/warehouse/raw/events/x.parquet"
    assert not audit.is_damaged(SETTINGS, [outcome("m", "error", message=raw)], None)
    assert not audit.is_damaged(SETTINGS, [outcome("m", "pass", message=corrupt)], None)


def test_test_results_have_a_line_per_data_test() -> None:
    found = [outcome("a", "fail"), outcome("m", "success", is_test=False)]
    assert audit.test_lines(found, "run-1") == [
        {
            "run_id": "run-1",
            "unique_id": "a",
            "name": "a",
            "status": "fail",
            "model": "campaigns",
            "column_name": None,
            "failures": 3,
        }
    ]


@pytest.mark.parametrize(
    ("error", "is_storage"),
    [
        (OSError(28, "No space left on device"), True),
        (OSError(30, "Read-only file system"), True),
        (OSError(2, "No such file or directory"), False),
        (RuntimeError("database or disk is full"), True),
        (ValueError("a mistake"), False),
    ],
)
def test_what_went_wrong_underneath_is_found_in_the_chain_of_causes(
    error: Exception, is_storage: bool
) -> None:
    outer: Any = RuntimeError("the step failed")
    outer.__cause__ = error
    assert isinstance(find_warehouse_error(outer), StorageError) == is_storage
