"""Who reads while nights are published and rolled back sees one whole night, never parts of two."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.assets.published import publish_night
from orchestration.night import Night
from orchestration.publish.files import PublishedFolder
from orchestration.settings import Settings
from orchestration.state import note_run
from tests.conftest import run_command
from tests.readers.readers import Readers, problems
from tests.readers.reading import KINDS, of_database, of_parquet

NIGHTS = 24
MARTS = ("assets", "campaigns", "contacts", "deals", "sessions")
FIRST = datetime(2024, 1, 1, 3, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {"CAMPAIGN_WAREHOUSE": str(tmp_path / "warehouse"), "CAMPAIGN_KEEP_PUBLISHED": "100"}
    )


def publish(settings: Settings, number: int) -> str:
    """Publish a night all of whose marts hold its number; gives its run id."""
    night = Night(settings, f"{number:08}", FIRST + timedelta(days=number))
    settings.warehouse.mkdir(exist_ok=True)
    settings.build_file.unlink(missing_ok=True)
    with duckdb.connect(str(settings.build_file)) as connection:
        connection.execute("create schema marts")
        for table in MARTS:
            connection.execute(
                f"create table marts.{table} as select {number} as night, range as row"
                " from range(2000)"
            )
        connection.execute(
            "create table marts.warehouse_runs as"
            f" select '{night.run_id}' as run_id, true as is_published, {number} as started_at"
        )
    note_run(settings, night.line(is_published=True, issues=0))
    publish_night(night, {"nodes": {}}, lambda line: None)
    return night.run_id


def published(settings: Settings) -> dict[str, str]:
    """The checksum of each published night, as its database and as its Parquet files have it."""
    folder = PublishedFolder(settings.published)
    checksums = {}
    for stamp in folder.stamps():
        with duckdb.connect(str(folder.database(stamp)), read_only=True) as connection:
            night, checksum = of_database(connection)
            assert of_parquet(connection, folder.parquet(stamp)) == (night, checksum)
        checksums[night] = checksum
    return checksums


def test_readers_see_whole_nights_while_nights_are_published_and_rolled_back(
    settings: Settings, tmp_path: Path
) -> None:
    publish(settings, 1)
    with Readers(settings.published, tmp_path / "readers", number=len(KINDS)) as readers:
        for number in range(2, NIGHTS):
            publish(settings, number)
        before, last = f"{NIGHTS - 1:08}", publish(settings, NIGHTS)
        readers.wait_until_each_has_seen(last)
        done = run_command(
            "orchestration.publish", "--back", CAMPAIGN_WAREHOUSE=str(settings.warehouse)
        )
        assert done.returncode == 0, done.stderr
        readers.wait_until_each_has_seen(before)
    readings = readers.readings()
    assert problems(readings, published(settings)) == []
    seen = {line["night"] for lines in readings.values() for line in lines}
    assert len(seen) > 2


def test_who_resolves_the_folder_of_parquet_files_reads_one_night(settings: Settings) -> None:
    publish(settings, 1)
    link = settings.published / "parquet"
    folder = link.resolve()
    assert night_of(folder / "assets.parquet") == 1
    publish(settings, 2)
    assert night_of(folder / "campaigns.parquet") == 1
    assert night_of(link / "campaigns.parquet") == 2, "the link alone would have mixed two nights"


def night_of(file: Path) -> int:
    with duckdb.connect() as connection:
        found = connection.execute(f"select distinct night from '{file}'").fetchall()
    ((night,),) = found
    return night
