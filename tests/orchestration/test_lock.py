"""One writer at a time."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration.errors import AnotherRunError, StorageError, UsageError
from orchestration.lock import only_writer


def test_a_second_writer_is_refused_and_told_who_holds_the_folder(tmp_path: Path) -> None:
    with (
        only_writer(tmp_path),
        pytest.raises(AnotherRunError, match=f"process {os.getpid()}"),
        only_writer(tmp_path),
    ):
        pass


def test_the_folder_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), only_writer(tmp_path):
        raise ValueError("broken")
    with only_writer(tmp_path):
        pass


def test_the_folder_is_free_again_when_its_writer_was_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from orchestration.lock import only_writer\n"
        "with only_writer(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "held\n"
    with pytest.raises(AnotherRunError), only_writer(tmp_path):
        pass
    writer.kill()
    writer.wait()
    started = time.monotonic()
    with only_writer(tmp_path):
        assert time.monotonic() - started < 1


def test_a_warehouse_that_is_a_file_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a folder"), only_writer(tmp_path / "file"):
        pass


def test_a_warehouse_that_cannot_be_made_is_a_storage_error() -> None:
    with pytest.raises(StorageError, match="/proc/warehouse"), only_writer(Path("/proc/warehouse")):
        pass
