"""The pages of the dashboard as they are written; tests/browser opens them."""

import base64
import gzip
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dashboards import draw
from dashboards.draw import draw_dashboard
from dashboards.model import Figure, Page, Query
from dashboards.pages import campaign, pages
from dashboards.render import campaign_file, cited_rules
from dashboards.tables import Table, read_table, read_tables_by_campaign
from orchestration.assets.dashboard import draw_night
from orchestration.errors import DashboardError, StorageError, UsageError
from orchestration.night import Night
from orchestration.publish.__main__ import main as going_back
from orchestration.publish.files import PublishedFolder
from orchestration.settings import PROJECT_DIR, Settings

WEEKS_BEFORE = "2025-01-06"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with a row per campaign and day of 2024 and half of 2025."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table daily as select campaign_id, cast(day as date) as date,"
            " cast(dayofyear(day) as bigint) as sessions,"
            " cast(0.01 * dayofyear(day) as decimal(18, 2)) as revenue"
            " from range(timestamp '2024-01-01', timestamp '2025-07-01', interval 1 day) days(day),"
            " (values ('a'), ('b')) campaigns(campaign_id)"
        )
        yield connection


@pytest.fixture
def settings(sample_warehouse: Path, tmp_path: Path) -> Settings:
    """A warehouse that holds but the published files of the sample's."""
    folder = tmp_path / "warehouse"
    (folder / "published").mkdir(parents=True)
    source = (sample_warehouse / "published" / "current.duckdb").resolve()
    (folder / "published" / "current.duckdb").symlink_to(source)
    return Settings.from_environment({"CAMPAIGN_WAREHOUSE": str(folder)})


def data_of(page: Path) -> dict[str, Any]:
    """What a page has in it."""
    found = re.search(
        r'<script id="data" type="text/plain">(.*?)</script>', page.read_text(encoding="utf-8")
    )
    assert found is not None
    return json.loads(gzip.decompress(base64.b64decode(found[1])))


def rows_of(table: Table) -> list[tuple[Any, ...]]:
    """A table's rows, in order."""
    columns = [
        column if isinstance(column, list) else [column["values"][n] for n in column["places"]]
        for column in json.loads(table.columns).values()
    ]
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize(
    ("description", "rules"),
    [
        ("Sessions that count (S-3 to S-5, S-10).", ["S-3", "S-4", "S-5", "S-10"]),
        ("Contacts (ID-2, N-1 to N-2) of the e-mail.", ["ID-2", "N-1", "N-2"]),
        ("No rule, but UTF-8 and utm-3.", []),
    ],
)
def test_a_description_cites_rules_one_by_one_or_from_the_first_to_the_last(
    description: str, rules: list[str]
) -> None:
    assert cited_rules(description) == rules


def test_each_campaign_has_a_file_of_its_own_below_campaigns() -> None:
    ids = ["a", "A", "a b", "a-b", "../../etc/passwd", "😀", "", "x" * 300, "con", "a\0b", "<b>"]
    files = [campaign_file(campaign_id) for campaign_id in ids]
    assert len({file.lower() for file in files}) == len(ids)
    assert all(re.fullmatch(r"campaigns/[A-Za-z0-9-]{8,50}\.html", file) for file in files)


def test_what_is_older_than_the_last_year_is_told_by_weeks(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    query = Query("select campaign_id, date, sessions, revenue from daily", adds_up=True)
    table = read_table(connection, query, WEEKS_BEFORE)
    rows = rows_of(table)
    assert table.rows == len(rows)
    dates = sorted({date.fromisoformat(row[1]) for row in rows})
    before = [day for day in dates if day < date(2025, 1, 6)]
    assert {day.weekday() for day in before} == {0}
    assert len(before) == 53
    assert dates[len(before) :] == [date(2025, 1, 6) + timedelta(days=n) for n in range(176)]
    daily = connection.execute("select * from daily").fetchall()
    for monday in (date(2024, 1, 1), date(2024, 12, 30)):
        (week,) = [row for row in rows if row[:2] == ("a", monday.isoformat())]
        days = [r for r in daily if r[0] == "a" and 0 <= (r[1] - monday).days < 7]
        assert len(days) == 7
        assert week[2] == sum(row[2] for row in days)
        assert round(week[3], 2) == float(sum(row[3] for row in days))
    assert sum(row[2] for row in rows) == sum(row[2] for row in daily)


def test_what_cannot_be_added_up_keeps_its_days(connection: duckdb.DuckDBPyConnection) -> None:
    table = read_table(connection, Query("from daily"), WEEKS_BEFORE)
    assert table.rows == connection.execute("select count(*) from daily").fetchone()[0]


# What a table may hold; a text and a date of their own, and none.
ROWS = (
    *(("a", date(2025, 2, 3), "x", 1.5, True), ("a", date(2025, 2, 3), "y", None, None)),
    *(("a", date(2025, 2, 4), "x", 1.5, False), ("a", None, None, 2.0, True)),
    *(("b", date(2025, 2, 4), "", 0.0, True), ("b", date(2025, 2, 4), "é \"'", -1.0, True)),
)
QUERY = Query("from various")


@pytest.fixture
def various(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute(
        "create table various"
        ' (campaign_id varchar, date date, "a text" varchar, score double, is_told boolean)'
    )
    connection.executemany("insert into various values (?, ?, ?, ?, ?)", ROWS[::-1])
    return connection


def as_on_a_page(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [(row[0], None if row[1] is None else str(row[1]), *row[2:]) for row in rows]


def test_a_table_has_the_rows_of_its_query_in_order(various: duckdb.DuckDBPyConnection) -> None:
    table = read_table(various, QUERY, WEEKS_BEFORE)
    assert rows_of(table) == as_on_a_page(ROWS)
    assert table.rows == len(ROWS)
    assert not table.has_company


def test_a_table_tells_each_text_and_date_once(various: duckdb.DuckDBPyConnection) -> None:
    columns = json.loads(read_table(various, QUERY, WEEKS_BEFORE).columns)
    assert columns["campaign_id"] == {"values": ["a", "b"], "places": [0, 0, 0, 0, 1, 1]}
    assert columns["date"]["values"] == ["2025-02-03", "2025-02-04", None]


def test_a_table_without_rows_is_one(connection: duckdb.DuckDBPyConnection) -> None:
    table = read_table(connection, Query("from daily where false", adds_up=True), WEEKS_BEFORE)
    assert (table.rows, rows_of(table)) == (0, [])


def test_a_table_with_the_whole_company_says_so(various: duckdb.DuckDBPyConnection) -> None:
    various.execute("insert into various (campaign_id) values ('all')")
    assert read_table(various, QUERY, WEEKS_BEFORE).has_company


def test_each_campaign_gets_its_rows_alone(various: duckdb.DuckDBPyConnection) -> None:
    found, none = read_tables_by_campaign(various, QUERY, WEEKS_BEFORE)
    assert {name: rows_of(table) for name, table in found.items()} == {
        "a": as_on_a_page(ROWS[:4]),
        "b": as_on_a_page(ROWS[4:]),
    }
    assert [found[name].rows for name in "ab"] == [4, 2]
    assert json.loads(found["b"].columns)["campaign_id"]["values"] == ["b"]
    assert (none.rows, set(json.loads(none.columns))) == (0, set(found["a"].formats))


def test_figures_name_tables_and_columns_that_there_are(settings: Settings) -> None:
    with duckdb.connect(str(settings.published / "current.duckdb"), read_only=True) as connection:
        for page in [*pages(), a_campaign_page()]:
            queries = page.tables or campaign.TABLES
            tables = {
                name: read_table(connection, query, "0001-01-01") for name, query in queries.items()
            }
            for section in page.sections:
                for tile in section.tiles:
                    assert tile.formula or tile.column in tables[section.tiles_table].formats
                for figure in section.figures:
                    known = set(tables[figure.table].formats)
                    assert used(figure) <= known | set(figure.formulas), (page.file, figure.name)
                    assert not {*figure.by, *figure.sums} & set(figure.formulas)


def a_campaign_page() -> Page:
    return campaign.page("c1", "One", "campaigns/c1.html")


def used(figure: Figure) -> set[str]:
    order = {name.removeprefix("-") for name in figure.order} - {"value", "rank"}
    rows = set().union(*(re.findall(r"row\.(\w+)", text) for text in figure.formulas.values()))
    top = {figure.top[0]} if figure.top else set()
    return {*figure.by, *figure.sums, *figure.measures, *figure.choose, *order, *rows, *top}


def test_the_exposure_names_the_marts_that_the_pages_read() -> None:
    text = (PROJECT_DIR / "models" / "marts" / "_exposures.yml").read_text(encoding="utf-8")
    (exposure,) = [one for one in yaml.safe_load(text)["exposures"] if one["name"] == "dashboard"]
    named = {re.findall(r"'(.*)'", ref)[0] for ref in exposure["depends_on"]}
    queries = [query.sql for page in pages() for query in page.tables.values()]
    queries += [query.sql for query in campaign.TABLES.values()]
    read = {name for query in queries for name in re.findall(r"\bmarts\.(\w+)", query)}
    # These three tell what all pages have in common.
    assert named == read | {"campaigns", "metric_rules", "warehouse_runs"}


def test_names_of_figures_on_a_page_differ() -> None:
    for page in [*pages(), a_campaign_page()]:
        names = [figure.name for section in page.sections for figure in section.figures]
        assert len(names) == len(set(names)), page.file


def test_every_measure_of_the_campaign_tool_has_a_tile_that_cites_its_rules(
    settings: Settings,
) -> None:
    draw_dashboard(settings, lambda line: None)
    tiles = {
        tile["column"]: tile
        for section in data_of(settings.dashboard / "index.html")["sections"]
        for tile in section["tiles"]
    }
    assert tiles["sessions"]["rules"][:3] == ["S-3", "S-4", "S-5"]
    assert tiles["closed_deals"]["rules"] == ["D-2", "D-3", "D-4"]
    assert all(tile["description"] for tile in tiles.values())
    rules = data_of(settings.dashboard / "index.html")["rules"]
    assert rules["D-5"].startswith("Influenced revenue")


def test_new_pages_replace_the_old_ones_but_for_drawings_of_journeys(settings: Settings) -> None:
    (settings.dashboard / "campaigns").mkdir(parents=True)
    (settings.dashboard / "journeys").mkdir()
    gone = settings.dashboard / "campaigns" / "gone.html"
    kept = settings.dashboard / "journeys" / "webinar.svg"
    for path in (gone, kept):
        path.write_text("", encoding="utf-8")
    first = draw_dashboard(settings, lambda line: None)
    assert first == settings.dashboard / "index.html"
    assert not gone.exists()
    assert kept.exists()
    files = sorted(path.name for path in (settings.dashboard / "campaigns").iterdir())
    listed = data_of(first)["campaigns"].values()
    assert files == sorted(Path(campaign["file"]).name for campaign in listed)
    assert [path.name for path in settings.warehouse.glob(".dashboard*")] == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("odd"), DashboardError),
        (duckdb.Error("odd"), DashboardError),
        (OSError(28, "No space left on device"), StorageError),
    ],
)
def test_a_drawing_that_fails_leaves_the_old_pages(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    told: type[Exception],
) -> None:
    index = draw_dashboard(settings, lambda line: None)
    before = index.read_bytes()
    count = [0]

    def fail(path: Path, *arguments: Any, **options: Any) -> int:
        count[0] += 1
        if count[0] == 5:
            raise error
        return write(path, *arguments, **options)

    write: Callable[..., int] = Path.write_text
    monkeypatch.setattr(draw.Path, "write_text", fail)
    night = Night(settings, "run", datetime.now(UTC))
    with pytest.raises(told):
        draw_night(night, lambda line: None)
    monkeypatch.undo()
    assert index.read_bytes() == before


def test_the_dashboard_goes_back_with_the_published_warehouse(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = PublishedFolder(settings.published)
    source = names.current.resolve()
    for stamp in ("1", "2"):
        shutil.copyfile(source, names.database(stamp))
        names.parquet(stamp).mkdir()
    with duckdb.connect(str(names.database("1"))) as older:
        older.execute(
            "update marts.campaigns set name = 'Before' where campaign_id = 'camp-stories'"
        )
    names.link("2")
    index = draw_dashboard(settings, lambda line: None)
    assert data_of(index)["campaigns"]["camp-stories"]["name"] == "Customer Stories"
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(settings.warehouse))
    monkeypatch.setattr("sys.argv", ["publish", "--back"])
    assert going_back() == 0
    assert data_of(index)["campaigns"]["camp-stories"]["name"] == "Before"


def test_nothing_is_drawn_before_a_night_is_published(settings: Settings) -> None:
    shutil.rmtree(settings.published)
    with pytest.raises(UsageError, match="make run"):
        draw_dashboard(settings, lambda line: None)
