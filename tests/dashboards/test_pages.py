"""Every page of the dashboard in a browser: drawn, legible, usable, and it asks for nothing."""

from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.harness import DESKTOP, PHONE, found, opened, wait_until_drawn
from tests.dashboards.pages import PAGES, SCREENSHOTS, csv_of, figures, table_of

CAMPAIGN = "campaign"

# What a table tells of an empty value.
NOTHING = "\N{EN DASH}"


@pytest.fixture(scope="module")
def folder(sample_warehouse: Path) -> Path:
    return sample_warehouse / "dashboard"


@pytest.fixture(params=[*PAGES, CAMPAIGN])
def path(folder: Path, request: pytest.FixtureRequest) -> Path:
    """Each page, and that of the campaign with the most to show."""
    if request.param != CAMPAIGN:
        return folder / request.param
    return max((folder / "campaigns").glob("*.html"), key=lambda page: page.stat().st_size)


def test_a_page_is_whole_in_every_mode(browser: Browser, folder: Path, path: Path) -> None:
    wrong = []
    with opened(browser, path, folder) as page:
        _keep(page, path, "light")
        for check in ("accessibility", "blank", "contrast", "overflow"):
            wrong += [f"light: {line}" for line in found(page, check)]
        wrong += _not_drawn(page)
        page.emulate_media(color_scheme="dark")
        wait_until_drawn(page)
        _keep(page, path, "dark")
        wrong += [f"dark: {line}" for line in found(page, "contrast")]
        page.emulate_media(color_scheme="dark", media="print")
        wait_until_drawn(page)
        _keep(page, path, "print")
        for check in ("accessibility", "contrast", "overflow"):
            wrong += [f"print: {line}" for line in found(page, check)]
        if page.locator("#from").is_hidden() and page.locator("#from").count():
            wrong.append("print: the period is not told")
        page.emulate_media(color_scheme="light", media="screen")
        page.set_viewport_size(PHONE)
        wait_until_drawn(page)
        _keep(page, path, "phone")
        wrong += [f"phone: {line}" for line in found(page, "overflow")]
        page.set_viewport_size(DESKTOP)
    assert wrong == []


def test_each_figure_has_a_table_and_the_same_as_csv(
    browser: Browser, folder: Path, path: Path
) -> None:
    with opened(browser, path, folder) as page:
        for name, figure in figures(page).items():
            table, csv = table_of(figure), csv_of(page, figure)
            named = [column.replace("_", " ") for column in csv.columns]
            assert table.columns == ["campaign" if c == "campaign id" else c for c in named], name
            assert len(table.rows) == len(csv.rows) > 0, name
            for told, raw in zip(table.rows, csv.rows, strict=True):
                for cell, value in zip(told, raw, strict=True):
                    assert _is_told(value, cell), f"{name}: {cell!r} in the table, {value!r} as CSV"


def _keep(page: Page, path: Path, mode: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{path.stem}-{mode}.png", full_page=True)


def _not_drawn(page: Page) -> list[str]:
    """The figures that have neither a drawing nor are lists; the sample has something for all."""
    return [
        f"{name} is not drawn"
        for name, figure in figures(page).items()
        if not figure.locator("svg, canvas").count()
        and "list" not in (figure.get_attribute("class") or "").split()
    ]


def _is_told(value: str, told: str) -> bool:
    """Whether a cell of a table tells a raw value: a number to its last digit shown."""
    words = {NOTHING: "", "yes": "true", "no": "false"}
    if told in words:
        return value == words[told]
    if told.endswith(" UTC"):
        return value[:16] == told.removesuffix(" UTC")
    number, is_share = told.removesuffix(" EUR").removesuffix("%").replace(",", ""), "%" in told
    try:
        shown, raw = Decimal(number), Decimal(value) * (100 if is_share else 1)
    except ArithmeticError:
        return told == value
    unit = Decimal(10) ** int(shown.as_tuple().exponent)
    return abs(raw - shown) <= unit / 2
