"""What tests read off a page of the dashboard, and set on it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from playwright.sync_api import Locator, Page

from tests.browser.harness import wait_until_drawn
from tests.conftest import PROJECT

PAGES = (
    "index.html",
    "attribution.html",
    "channels.html",
    "kpis.html",
    "journeys.html",
    "behaviour.html",
    "quality.html",
)

# Screenshots of every page, for people to look at.
SCREENSHOTS = PROJECT / "target" / "dashboard"


@dataclass(frozen=True)
class Tile:
    """A tile's raw numbers; None where it has none."""

    value: float | None
    previous: float | None


@dataclass(frozen=True)
class Table:
    """A figure's table as texts, or its CSV."""

    columns: list[str]
    rows: list[list[str]]

    def column(self, name: str) -> list[str]:
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def numbers(self, name: str) -> list[float]:
        return [float(value or 0) for value in self.column(name)]


def tiles(page: Page) -> dict[str, Tile]:
    """The tiles by the column that they tell."""
    found = page.eval_on_selector_all(
        "[data-tile]", "all => all.map(e => [e.dataset.tile, e.dataset.value, e.dataset.previous])"
    )
    return {
        column: Tile(float(value) if value else None, float(previous) if previous else None)
        for column, value, previous in found
    }


def period(page: Page) -> tuple[str, str]:
    """The first and the last date that the page shows."""
    return page.input_value("#from"), page.input_value("#to")


def set_period(page: Page, first: str, last: str) -> None:
    """Choose a period as a reader does, by its two dates."""
    steps = [("#from", first), ("#to", last)]
    # A first date after the last one would take that along.
    for control, date in steps if first <= page.input_value("#to") else reversed(steps):
        page.fill(control, date)
        page.dispatch_event(control, "change")
        wait_until_drawn(page)


def set_campaigns(page: Page, ids: Sequence[str]) -> None:
    """Choose just these campaigns."""
    page.locator("#campaigns > summary").click()
    page.locator("#campaigns button").click()
    for campaign in ids:
        page.locator(f"#campaigns input[value='{campaign}']").check()
    page.locator("#campaigns > summary").click()
    wait_until_drawn(page)


def figures(page: Page) -> dict[str, Locator]:
    """The figures of a page by name, in order."""
    names = page.eval_on_selector_all("[data-figure]", "all => all.map(e => e.dataset.figure)")
    return {name: page.locator(f"[data-figure='{name}']") for name in names}


def csv_of(page: Page, figure: Locator) -> Table:
    """Download a figure's CSV."""
    with page.expect_download() as download:
        figure.locator("button[data-csv]").click()
    # Chromium lets a page begin ten downloads a second.
    page.wait_for_timeout(100)
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return Table(header, rows)


def table_of(figure: Locator) -> Table:
    """Open a figure's table, with all of its rows."""
    figure.locator("> details").evaluate("details => { details.open = true; }")
    figure.locator("table").wait_for()
    more = figure.get_by_role("button", name="Show all")
    if more.count():
        more.click()
    found = figure.locator("table").evaluate(
        "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return Table(found[0], found[1:])


@contextmanager
def marts(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published marts."""
    path = warehouse / "published" / "current.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("use marts")
        yield connection
