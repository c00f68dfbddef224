"""What the dashboard tells is what the marts hold, for every choice of a reader."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import found, opened, wait_until_drawn
from tests.conftest import run_command
from tests.dashboards.pages import (
    Tile,
    csv_of,
    figures,
    marts,
    period,
    set_campaigns,
    set_period,
    tiles,
)

MEASURES = (
    "sessions",
    "new_contacts_first_touch",
    "new_contacts_last_touch",
    "influenced_contacts",
    "closed_deals",
    "influenced_revenue",
    "revenue",
    "attributed_revenue",
    "spend",
)
ONE = ("camp-stories",)
TWO = ("camp-partners", "camp-autumn-upgrade")


@pytest.fixture(scope="module")
def folder(sample_warehouse: Path) -> Path:
    return sample_warehouse / "dashboard"


@pytest.fixture(scope="module")
def published(sample_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(sample_warehouse) as connection:
        yield connection


@pytest.fixture
def page(browser: Browser, folder: Path) -> Iterator[Page]:
    """The overview, as it opens."""
    with opened(browser, folder / "index.html", folder) as shown:
        yield shown


def of_company(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> dict[str, float]:
    """The company's measures over a period: each contact and deal once."""
    rows = connection.execute(
        "select kpi, sum(value) from kpi_daily"
        " where campaign_id = 'all' and date between ? and ? group by kpi",
        [first, last],
    ).fetchall()
    told = {kpi: float(value or 0) for kpi, value in rows if kpi in MEASURES}
    return {**dict.fromkeys(MEASURES, 0.0), **told}


def of_campaigns(
    connection: duckdb.DuckDBPyConnection, first: date, last: date, ids: Sequence[str]
) -> dict[str, float]:
    """The measures of campaigns over a period, added up."""
    sums = ", ".join(f"sum({measure})" for measure in MEASURES)
    row = connection.execute(
        f"select {sums} from campaign_daily where date between ? and ?"
        " and list_contains(?, campaign_id)",
        [first, last, list(ids)],
    ).fetchone()
    assert row is not None
    return {name: float(value or 0) for name, value in zip(MEASURES, row, strict=True)}


def roi(sums: Mapping[str, float]) -> float | None:
    return (sums["revenue"] - sums["spend"]) / sums["spend"] if sums["spend"] else None


def assert_tiles_tell(
    shown: Mapping[str, Tile], now: Mapping[str, float], before: Mapping[str, float] | None
) -> None:
    for name in (*MEASURES, "roi"):
        value = roi(now) if name == "roi" else now[name]
        assert shown[name].value == pytest.approx(value, abs=0.005), name
        previous = before and (roi(before) if name == "roi" else before[name])
        assert shown[name].previous == pytest.approx(previous, abs=0.005), f"{name} before"


def dates(page: Page) -> tuple[date, date]:
    first, last = period(page)
    return date.fromisoformat(first), date.fromisoformat(last)


def before(first: date, last: date) -> tuple[date, date]:
    """The period of the same length that ends the day before."""
    return first - (last - first) - timedelta(days=1), first - timedelta(days=1)


@pytest.fixture(scope="module")
def older(sample_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with its dashboard whose figures were the same two years before."""
    warehouse = tmp_path_factory.mktemp("older")
    published = warehouse / "published" / "current.duckdb"
    published.parent.mkdir()
    shutil.copyfile(sample_warehouse / "published" / "current.duckdb", published)
    with duckdb.connect(str(published)) as connection:
        connection.execute("use marts")
        for table in ("campaign_daily", "kpi_daily"):
            connection.execute(
                f"insert into {table} select * replace (date - 104 * 7 as date) from {table}"
            )
    done = run_command("dashboards", CAMPAIGN_WAREHOUSE=str(warehouse))
    assert done.returncode == 0, done.stderr
    return warehouse


def test_where_only_weeks_are_known_a_period_is_one_of_weeks(browser: Browser, older: Path) -> None:
    folder = older / "dashboard"
    with marts(older) as connection, opened(browser, folder / "index.html", folder) as page:
        set_period(page, "2023-06-07", "2023-06-20")
        weeks = date(2023, 6, 5), date(2023, 6, 25)
        assert dates(page) == weeks
        earlier = of_company(connection, *before(*weeks))
        assert_tiles_tell(tiles(page), of_company(connection, *weeks), earlier)
        # The period before begins in the middle of a week.
        set_period(page, "2024-12-11", "2025-02-05")
        assert dates(page) == (date(2024, 12, 9), date(2025, 2, 5))
        assert_tiles_tell(tiles(page), of_company(connection, *dates(page)), None)
        set_period(page, "2025-02-03", "2025-02-05")
        assert dates(page) == (date(2025, 2, 3), date(2025, 2, 5))
        earlier = of_company(connection, *before(*dates(page)))
        assert_tiles_tell(tiles(page), of_company(connection, *dates(page)), earlier)
        set_period(page, *map(str, weeks))
        set_campaigns(page, TWO)
        earlier = of_campaigns(connection, *before(*weeks), TWO)
        assert_tiles_tell(tiles(page), of_campaigns(connection, *weeks, TWO), earlier)


def test_an_end_that_lies_behind_the_other_takes_it_along(page: Page) -> None:
    set_period(page, "2025-09-03", "2025-10-14")
    page.fill("#to", "2025-08-20")
    page.dispatch_event("#to", "change")
    wait_until_drawn(page)
    assert period(page) == ("2025-08-20", "2025-08-20")


def test_it_opens_with_the_last_ninety_days_of_the_company(
    page: Page, published: duckdb.DuckDBPyConnection
) -> None:
    first, last = dates(page)
    assert published.sql("select max(date) from kpi_daily").fetchone() == (last,)
    assert last - first == timedelta(days=89)
    earlier = of_company(published, *before(first, last))
    assert_tiles_tell(tiles(page), of_company(published, first, last), earlier)


def test_deals_and_revenue_of_the_company_are_those_of_the_deals(
    page: Page, published: duckdb.DuckDBPyConnection
) -> None:
    deals = published.execute(
        "select count(*), sum(amount) from deals where deal_id in (select deal_id from"
        " campaign_deals) and cast(closed_at as date) between ? and ?",
        dates(page),
    ).fetchone()
    revenue = published.execute(
        "select sum(revenue) from campaign_revenue where cast(closed_at as date) between ? and ?",
        dates(page),
    ).fetchone()
    shown = tiles(page)
    assert (shown["closed_deals"].value, shown["influenced_revenue"].value) == pytest.approx(
        tuple(map(float, deals or ()))
    )
    assert shown["revenue"].value == pytest.approx(float(revenue[0] if revenue else 0))


@pytest.mark.parametrize("ids", [(), ONE, TWO])
def test_a_period_and_campaigns_of_choice_are_told(
    page: Page, published: duckdb.DuckDBPyConnection, ids: Sequence[str]
) -> None:
    first, last = date(2025, 9, 3), date(2025, 10, 14)
    untouched = tiles(page)
    set_period(page, str(first), str(last))
    set_campaigns(page, ids)
    shown = tiles(page)
    assert shown != untouched

    def measured(days: tuple[date, date]) -> dict[str, float]:
        return of_campaigns(published, *days, ids) if ids else of_company(published, *days)

    assert_tiles_tell(shown, measured((first, last)), measured(before(first, last)))
    curves = csv_of(page, figures(page)["visits"])
    told = curves.column("date")
    assert (min(told), max(told)) >= (str(first), str(first))
    assert max(told) <= str(last)
    assert sum(curves.numbers("sessions")) == shown["sessions"].value
    compared = csv_of(page, figures(page)["campaigns"])
    names = published.execute(
        "select name from campaigns where list_contains(?, campaign_id)", [list(ids)]
    ).fetchall()
    if ids:
        assert sorted(compared.column("campaign_id")) == sorted(name for (name,) in names)


def test_of_all_time_there_is_no_period_before(
    page: Page, published: duckdb.DuckDBPyConnection
) -> None:
    page.select_option("#preset", label="All")
    wait_until_drawn(page)
    assert_tiles_tell(tiles(page), of_company(published, *dates(page)), None)


def test_each_campaign_has_a_page_with_its_figures(
    browser: Browser, folder: Path, published: duckdb.DuckDBPyConnection
) -> None:
    columns = (*MEASURES, "roi", "cac", "unique_marketing_influences", "contacts_with_revenue")
    rows = published.sql(f"select name, {', '.join(columns)} from campaigns").fetchall()
    expected = {name: dict(zip(columns, row, strict=True)) for name, *row in rows}
    told = {}
    for path in sorted((folder / "campaigns").glob("*.html")):
        with opened(browser, path, folder) as page:
            told[page.locator("h1").inner_text()] = {
                column: tile.value for column, tile in tiles(page).items()
            }
    assert told.keys() == expected.keys()
    for name, figures_of in expected.items():
        for column, value in figures_of.items():
            # Of a campaign without cost there is nothing to divide by.
            wanted = None if value is None else pytest.approx(float(value), abs=0.005)
            assert told[name][column] == wanted, f"{name}: {column}"


@pytest.mark.parametrize("ids", [(), ONE])
def test_each_model_shares_out_what_the_mart_has(
    browser: Browser, folder: Path, published: duckdb.DuckDBPyConnection, ids: Sequence[str]
) -> None:
    with opened(browser, folder / "attribution.html", folder) as page:
        set_period(page, "2025-04-02", "2025-11-20")
        set_campaigns(page, ids)
        shown = csv_of(page, figures(page)["models-campaigns"])
    expected = published.execute(
        "select model, sum(revenue), sum(credit) from campaign_attribution"
        " where date between '2025-04-02' and '2025-11-20'"
        " and (len(?) = 0 or list_contains(?, campaign_id)) group by model",
        [list(ids), list(ids)],
    ).fetchall()
    told: dict[str, list[float]] = {}
    for model, revenue, credit in zip(
        shown.column("model"), shown.numbers("revenue"), shown.numbers("credit"), strict=True
    ):
        sums = told.setdefault(model, [0.0, 0.0])
        sums[0] += revenue
        sums[1] += credit
    assert told == {
        model: pytest.approx([float(revenue), credit]) for model, revenue, credit in expected
    }


def test_what_is_chosen_goes_along_to_the_other_pages(page: Page) -> None:
    set_period(page, "2025-09-03", "2025-10-14")
    set_campaigns(page, TWO)
    page.get_by_role("link", name="Attribution").click()
    wait_until_drawn(page)
    assert page.url.split("#")[0].endswith("/attribution.html")
    assert period(page) == ("2025-09-03", "2025-10-14")
    expect(page.locator("#campaigns input:checked")).to_have_count(2)
    page.get_by_role("link", name="Overview").click()
    wait_until_drawn(page)
    assert period(page) == ("2025-09-03", "2025-10-14")


def test_all_can_be_done_with_the_keyboard(page: Page) -> None:
    reached: list[str] = []
    while reached[-1:] != ["All campaigns"] and len(reached) < 40:
        page.keyboard.press("Tab")
        assert found(page, "focused") == []
        place = page.evaluate(
            "(({ id, textContent }) => id || textContent)(document.activeElement)"
        )
        # A date has several stops: year, month, day, calendar.
        reached.append(place)
    links = page.locator("nav a").all_inner_texts()
    filters = ["from", "to", "preset", "All campaigns"]
    assert list(dict.fromkeys(reached)) == ["Skip to the figures", *links, *filters]
    options = page.locator("#campaigns input[type=checkbox]")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("customer stories")
    expect(options.filter(visible=True)).to_have_count(1)
    page.keyboard.press("Tab")
    unfiltered = tiles(page)
    page.keyboard.press("Space")
    wait_until_drawn(page)
    assert tiles(page) != unfiltered
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    assert found(page, "focused") == []
    page.keyboard.press("Tab")
    popover = page.locator("details.what[open]")
    page.keyboard.press("Enter")
    expect(popover).to_have_count(1)
    expect(popover.locator("dd").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(popover).to_have_count(0)
    assert found(page, "focused") == []


def test_dates_of_charts_are_the_same_in_every_time_zone(browser: Browser, folder: Path) -> None:
    def labels(zone: str) -> list[str]:
        path = folder / "index.html"
        with opened(browser, path, folder, timezone_id=zone) as page:
            texts = page.locator("[data-figure='visits'] .chart text")
            points = page.locator("[data-figure='visits'] .chart path[aria-label]")
            told = points.evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")
            return [*texts.all_text_contents(), *told]

    assert labels("UTC") == labels("America/Los_Angeles")
