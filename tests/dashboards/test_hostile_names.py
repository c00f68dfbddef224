"""Names that would break out of a page, a table or a spreadsheet are text there, no more."""

import shutil
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page

from dashboards.render import campaign_file
from tests.browser.harness import PHONE, found, opened, wait_until_drawn
from tests.conftest import run_command
from tests.dashboards.pages import csv_of, figures, table_of, tiles

NAMES = {
    "camp-stories": "</script><script>alert(1)</script>",
    "camp-partners": "=cmd|' /C calc'!A0",
    "camp-black-week": "N" * 300,
    "camp-hall-9": "\N{RIGHT-TO-LEFT OVERRIDE}حملة الربيع \N{PARTY POPPER}\N{ZERO WIDTH JOINER}",
    "camp-new-year": "<img src=x onerror=alert(2)>",
    "camp-planning-fridays": 'A "quoted", listed;\r\nbroken\tname',
    "camp-remote-guide": "\t@SUM(1)",
    "camp-spring-release": "${alert(3)} {{ 7 * 7 }} %s\N{LINE SEPARATOR}&lt;b&gt;",
    "camp-summer-switch": "-2+3",
    "camp-black-week-uk": "all",
    "camp-autumn-upgrade": "Two of one name",
}
HOSTILE = [*NAMES.values(), "all", "__proto__", "constructor", "javascript:alert(4)"]


@pytest.fixture(scope="module")
def folder(sample_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dashboard of marts whose names are hostile."""
    warehouse = tmp_path_factory.mktemp("hostile")
    published = warehouse / "published" / "current.duckdb"
    published.parent.mkdir()
    shutil.copyfile(sample_warehouse / "published" / "current.duckdb", published)
    with duckdb.connect(str(published)) as connection:
        connection.execute("use marts")
        for campaign, name in NAMES.items():
            connection.execute(
                "update campaigns set name = ? where campaign_id = ?", [name, campaign]
            )
        for table, column in (
            ("assets", "name"),
            ("deals", "name"),
            ("traffic_performance", "entry_channel"),
            ("utm_performance", "utm_source"),
            ("affiliate_performance", "partner"),
            ("search_rankings", "keyword"),
            ("data_quality_issues", "key"),
            ("quarantine", "file"),
        ):
            connection.execute(
                f"update {table} set {column} = list_extract(?, 1 + (hash({column}) % ?)::int)",
                [HOSTILE, len(HOSTILE)],
            )
    done = run_command("dashboards", CAMPAIGN_WAREHOUSE=str(warehouse))
    assert done.returncode == 0, done.stderr
    return warehouse / "dashboard"


@pytest.mark.parametrize(
    "file", ["index.html", "attribution.html", "channels.html", "behaviour.html", "quality.html"]
)
def test_a_page_with_hostile_names_is_whole(browser: Browser, folder: Path, file: str) -> None:
    with opened(browser, folder / file, folder) as page:
        _assert_whole(page)


@pytest.mark.parametrize(
    "campaign", ["camp-stories", "camp-black-week", "camp-hall-9", "camp-remote-guide"]
)
def test_the_page_of_a_campaign_is_whole_and_has_its_name(
    browser: Browser, folder: Path, campaign: str
) -> None:
    with opened(browser, folder / campaign_file(campaign), folder, viewport=PHONE) as page:
        assert page.locator("h1").text_content() == NAMES[campaign]
        assert found(page, "accessibility") + found(page, "overflow") == []


def test_names_are_in_tables_and_links_as_they_are(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "index.html", folder) as page:
        table = table_of(figures(page)["campaign-list"])
        assert sorted(table.column("campaign")) == sorted(NAMES.values())
        links = page.locator("[data-figure='campaign-list'] tbody a")
        for place in range(links.count()):
            address = str(links.nth(place).get_attribute("href"))
            assert (folder / address).is_file()


def test_no_cell_of_a_csv_is_a_formula(browser: Browser, folder: Path) -> None:
    texts = set()
    for file in ("index.html", "channels.html", "quality.html"):
        with opened(browser, folder / file, folder) as page:
            for figure in figures(page).values():
                for row in csv_of(page, figure).rows:
                    texts |= {cell for cell in row if not _is_number(cell)}
    assert {text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))} == set()
    for name in NAMES.values():
        assert texts & {name, f"'{name}"}, name


def test_a_value_that_is_called_as_the_company_hides_nothing(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder / "channels.html", folder) as page:
        channels = table_of(figures(page)["traffic"]).column("entry channel")
    assert len(channels) > 1
    assert "all" in channels


def test_addresses_that_were_tampered_with_choose_nothing(browser: Browser, folder: Path) -> None:
    address = "#from=2025-99-99&to=<script>&campaign=__proto__&campaign=constructor&campaign=none"
    with opened(browser, folder / "index.html", folder) as page:
        untouched = tiles(page)
        page.evaluate("address => { location.hash = address; }", address)
        page.reload()
        wait_until_drawn(page)
        assert tiles(page) == untouched


def _assert_whole(page: Page) -> None:
    for check in ("accessibility", "blank"):
        assert found(page, check) == []
    page.set_viewport_size(PHONE)
    wait_until_drawn(page)
    assert found(page, "overflow") == []


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
