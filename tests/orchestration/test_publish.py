"""Publishing: readers see the old night or the new one, never half of one."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import orchestration.publish.files
from orchestration.assets.published import publish_night
from orchestration.errors import AuditFailedError, StorageError, UsageError
from orchestration.night import Night, correct_last_run
from orchestration.publish.__main__ import main as going_back
from orchestration.publish.files import PublishedFolder
from orchestration.settings import Settings
from orchestration.state import last_run, note_run, read_lines

MANIFEST: dict[str, Any] = {
    "nodes": {
        "model.p.campaigns": {
            "resource_type": "model",
            "schema": "marts",
            "alias": "campaigns",
            "description": "One row per campaign; it's short.",
            "columns": {
                "name": {"description": "The campaign's name."},
                "gone": {"description": "A column that isn't there."},
            },
        }
    }
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {"CAMPAIGN_WAREHOUSE": str(tmp_path / "ware house"), "CAMPAIGN_KEEP_PUBLISHED": "2"}
    )


@pytest.fixture
def nights(settings: Settings) -> Iterator[Night]:
    """One audited night after the other; the n-th built a campaign named n."""
    return audited_nights(settings)


def audited_nights(settings: Settings) -> Iterator[Night]:
    settings.warehouse.mkdir()
    first = datetime(2024, 1, 1, 3, tzinfo=UTC)
    for number in range(1, 100):
        settings.build_file.unlink(missing_ok=True)
        with duckdb.connect(str(settings.build_file)) as connection:
            connection.execute("create schema marts")
            connection.execute("create schema staging")
            connection.execute("create table staging.stg_campaigns (name varchar)")
            connection.execute(f"create table marts.campaigns as select '{number}' as name")
        night = Night(settings, f"run-{number:04}", first + timedelta(days=number))
        note_run(settings, night.line(is_published=True, issues=0))
        yield night


def publish(night: Night) -> dict[str, Any]:
    return publish_night(night, MANIFEST, lambda line: None)


def published_name(settings: Settings) -> str:
    """The campaign that someone reads who opens the published warehouse now."""
    with duckdb.connect(str(settings.published / "current.duckdb"), read_only=True) as connection:
        row = connection.execute("select name from marts.campaigns").fetchone()
        parquet = str(settings.published / "parquet" / "campaigns.parquet")
        assert connection.execute("select name from read_parquet(?)", [parquet]).fetchone() == row
    assert row is not None
    return row[0]


def test_the_marts_alone_are_published_with_their_descriptions(
    settings: Settings, nights: Iterator[Night]
) -> None:
    publish(next(nights))
    with duckdb.connect(str(settings.published / "current.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables()"
        ).fetchall()
        columns = connection.execute(
            "select column_name, comment from duckdb_columns() where table_name = 'campaigns'"
        ).fetchall()
    assert tables == [("marts", "campaigns", "One row per campaign; it's short.")]
    assert columns == [("name", "The campaign's name.")]


def test_a_reader_keeps_the_night_that_it_opened(
    settings: Settings, nights: Iterator[Night]
) -> None:
    publish(next(nights))
    with duckdb.connect(str(settings.published / "current.duckdb"), read_only=True) as reader:
        publish(next(nights))
        publish(next(nights))
        publish(next(nights))
        assert reader.execute("select name from marts.campaigns").fetchall() == [("1",)]
    assert published_name(settings) == "4"


def test_the_published_files_are_whole_and_read_only(
    settings: Settings, nights: Iterator[Night]
) -> None:
    publish(next(nights))
    names = sorted(path.name for path in settings.published.iterdir())
    stamp = "20240102T030000Z-run-0001"
    assert names == ["current.duckdb", "parquet", f"parquet-{stamp}", f"warehouse-{stamp}.duckdb"]
    assert (settings.published / "current.duckdb").readlink() == Path(f"warehouse-{stamp}.duckdb")
    parquet = list((settings.published / f"parquet-{stamp}").iterdir())
    assert [path.name for path in parquet] == ["campaigns.parquet"]
    for path in (settings.published / f"warehouse-{stamp}.duckdb", *parquet):
        assert path.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("broken", ["copy", "sync", "link"])
def test_a_publish_that_fails_half_way_leaves_the_old_night(
    settings: Settings, nights: Iterator[Night], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    publish(next(nights))
    before = sorted(path.name for path in settings.published.iterdir())

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    night = next(nights)
    if broken == "copy":
        with duckdb.connect(str(settings.build_file)) as connection:
            connection.execute(
                "create view marts.broken as select error('No space left on device')"
            )
    elif broken == "sync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "symlink_to", full)
    with pytest.raises(StorageError, match="No space left on device"):
        publish(night)
    monkeypatch.undo()

    assert published_name(settings) == "1"
    PublishedFolder(settings.published).discard_unfinished()
    assert sorted(path.name for path in settings.published.iterdir()) == before
    with duckdb.connect(str(settings.build_file)) as connection:
        connection.execute("drop view if exists marts.broken")
    publish(next(nights))
    assert published_name(settings) == "3"


def test_a_failed_publish_is_noted_as_such(
    settings: Settings, nights: Iterator[Night], monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: Any) -> None:
        raise duckdb.IOException("Corrupt database file")

    night = next(nights)
    monkeypatch.setattr("orchestration.assets.published.copy_marts", damaged)
    with pytest.raises(StorageError, match="--full-refresh"):
        publish(night)
    correct_last_run(settings)
    assert [line["is_published"] for line in read_lines(settings.state / "runs.ndjson")] == [False]


def test_a_run_that_was_killed_while_it_published_is_noted_by_the_next(
    settings: Settings, nights: Iterator[Night]
) -> None:
    publish(next(nights))
    correct_last_run(settings)
    first = last_run(settings)
    assert first is not None and first.is_published
    next(nights)
    correct_last_run(settings)
    killed = last_run(settings)
    assert killed is not None and not killed.is_published
    assert len(list(read_lines(settings.state / "runs.ndjson"))) == 2


def test_parquet_files_without_their_database_are_removed(
    settings: Settings, nights: Iterator[Night]
) -> None:
    publish(next(nights))
    killed = settings.published / "parquet-20240101T040000Z-killed"
    killed.mkdir()
    (killed / "campaigns.parquet").write_bytes(b"")
    publish(next(nights))
    assert not killed.exists()
    stamps = PublishedFolder(settings.published).stamps()
    assert {path.name for path in settings.published.glob("parquet-*")} == {
        f"parquet-{stamp}" for stamp in stamps
    }
    assert len(stamps) == 2


def test_what_was_not_audited_is_not_published(settings: Settings, nights: Iterator[Night]) -> None:
    night = next(nights)
    note_run(settings, night.line(is_published=False, issues=None))
    with pytest.raises(AuditFailedError, match="audited"):
        publish(night)
    with pytest.raises(AuditFailedError, match="audited"):
        publish(replace(night, run_id="another"))
    assert not settings.published.exists()


def test_the_last_files_stay_and_the_linked_one_always(
    settings: Settings, nights: Iterator[Night]
) -> None:
    folder = PublishedFolder(settings.published)
    for _ in range(3):
        publish(next(nights))
    assert [stamp[-1] for stamp in folder.stamps()] == ["2", "3"]
    folder.link(folder.stamps()[0])
    assert [stamp[-1] for stamp in folder.prune(keep=2)] == []
    assert [stamp[-1] for stamp in folder.prune(keep=1)] == ["3"]
    assert [stamp[-1] for stamp in folder.stamps()] == ["2"]
    assert {path.name for path in settings.published.glob("parquet-*")} == {
        f"parquet-{stamp}" for stamp in folder.stamps()
    }


def test_going_back_links_the_night_before(settings: Settings, nights: Iterator[Night]) -> None:
    publish(next(nights))
    publish(next(nights))
    folder = PublishedFolder(settings.published)
    folder.back()
    assert published_name(settings) == "1"
    with pytest.raises(UsageError, match="nothing to go back to"):
        folder.back()
    publish(next(nights))
    assert published_name(settings) == "3"


def test_a_clock_that_was_set_back_leaves_the_nights_in_their_order(
    settings: Settings,
    nights: Iterator[Night],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(settings.warehouse))
    monkeypatch.setattr("sys.argv", ["publish", "--back"])
    for year in (2099, 2024):
        night = next(nights)
        night = replace(night, started_at=night.started_at.replace(year=year))
        note_run(settings, night.line(is_published=True, issues=0))
        publish(night)
    assert published_name(settings) == "2"
    assert going_back() == 0
    assert "is the warehouse of 2099" in capsys.readouterr().out
    assert published_name(settings) == "1"
    assert going_back() == 2
    publish(next(nights))
    # Of the two that are kept, the one of 2099 is the oldest.
    assert [stamp[-1] for stamp in PublishedFolder(settings.published).stamps()] == ["2", "3"]


def test_a_link_is_never_missing_while_it_moves(
    settings: Settings, nights: Iterator[Night], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(next(nights))
    seen: list[str] = []
    replace_path = Path.replace

    def watching(path: Path, target: Path) -> Path:
        seen.append(published_name_by_link(settings))
        moved = replace_path(path, target)
        seen.append(published_name_by_link(settings))
        return moved

    monkeypatch.setattr(orchestration.publish.files.Path, "replace", watching)
    folder = PublishedFolder(settings.published)
    publish(next(nights))
    monkeypatch.undo()
    older, newer = (folder.database(stamp).name for stamp in folder.stamps())
    # The last rename is that of `current.duckdb`; all before it leave it alone.
    assert set(seen[:-1]) == {older}
    assert seen[-1] == newer


def published_name_by_link(settings: Settings) -> str:
    return (settings.published / "current.duckdb").readlink().name
