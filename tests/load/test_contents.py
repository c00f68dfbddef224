"""Landing files that lie there as they did aren't read again."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from orchestration.load import contents
from orchestration.load.loader import _Load
from tests.load.folder import load, write


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Filled with the names of landing files that are read; any file counts as settled."""
    seen: list[str] = []
    hashed = _Load._hash

    def note(self: _Load, file: Any) -> str:
        seen.append(file.name)
        return hashed(self, file)

    monkeypatch.setattr(_Load, "_hash", note)
    monkeypatch.setattr(contents, "_SETTLED_AFTER", 0)
    return seen


def write_user(landing: Path, name: str, user_id: str) -> Path:
    path = write(landing / "users" / name, f"user_id\n{user_id}\n")
    # Clocks of file systems tick every few milliseconds.
    time.sleep(0.02)
    return path


def cache(warehouse: Path) -> Path:
    return warehouse / "raw" / ".contents.json"


def test_a_file_that_lies_there_as_it_did_is_read_once(
    landing: Path, warehouse: Path, read: list[str]
) -> None:
    write_user(landing, "a.csv", "u")
    load(landing, warehouse)
    write_user(landing, "b.csv", "v")
    assert load(landing, warehouse).files_unchanged == 1
    assert load(landing, warehouse).files_unchanged == 2
    assert read == ["users/a.csv", "users/b.csv"]


def test_a_change_that_hides_behind_size_and_time_is_seen(
    landing: Path, warehouse: Path, read: list[str]
) -> None:
    path = write_user(landing, "a.csv", "u")
    load(landing, warehouse)
    before = path.stat()
    write_user(landing, "a.csv", "v")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )
    assert [line.status for line in load(landing, warehouse).entries] == ["loaded"]


def test_another_file_in_its_place_is_read(landing: Path, warehouse: Path, read: list[str]) -> None:
    write_user(landing, "a.csv", "u")
    write_user(landing, "b.csv", "v")
    load(landing, warehouse)
    (landing / "users" / "b.csv").rename(landing / "users" / "a.csv")
    assert [line.status for line in load(landing, warehouse).entries] == ["skipped"]


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"users/a.csv": 1}', '{"users/a.csv": []}'])
def test_what_is_lost_or_damaged_is_found_again(
    landing: Path, warehouse: Path, read: list[str], text: str | None
) -> None:
    write_user(landing, "a.csv", "u")
    load(landing, warehouse)
    whole = cache(warehouse).read_bytes()
    cache(warehouse).unlink()
    if text is not None:
        cache(warehouse).write_text(text)
    assert load(landing, warehouse).files_unchanged == 1
    assert read == ["users/a.csv"] * 2
    assert cache(warehouse).read_bytes() == whole


def test_files_that_are_gone_are_forgotten(landing: Path, warehouse: Path, read: list[str]) -> None:
    write_user(landing, "a.csv", "u")
    write_user(landing, "b.csv", "v").rename(landing / "users" / "c.csv")
    time.sleep(0.02)
    load(landing, warehouse)
    (landing / "users" / "c.csv").unlink()
    load(landing, warehouse)
    assert cache(warehouse).read_text().count("users/") == 1


def test_a_file_that_was_written_just_now_is_read_again(landing: Path, warehouse: Path) -> None:
    write_user(landing, "a.csv", "u")
    load(landing, warehouse)
    assert not cache(warehouse).exists()


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "_SETTLED_AFTER", 0)
    path = write_user(landing, "a.csv", "u")
    hashed = _Load._hash

    def read_and_change(self: _Load, file: Any) -> str:
        content = hashed(self, file)
        path.write_text("user_id\nv\n")
        return content

    with monkeypatch.context() as patch:
        patch.setattr(_Load, "_hash", read_and_change)
        load(landing, warehouse)
    assert not cache(warehouse).exists()


def test_a_disk_that_refuses_what_is_only_a_help_does_not_stop_a_load(
    landing: Path, warehouse: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_user(landing, "a.csv", "u")

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert len(load(landing, warehouse).entries) == 1
    assert not cache(warehouse).exists()
