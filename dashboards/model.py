"""What a page of the dashboard is made of: tables of data, tiles, charts, and what filters them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The rows of a table that stand for the whole company, beside those of campaigns.
COMPANY = "all"


@dataclass(frozen=True)
class Query:
    """A table of a page as SQL over the marts.

    With a column `date` it follows the period, with `campaign_id` the chosen campaigns. adds_up:
    all its numbers can be added up over dates, so that what is older than a year may be told by
    weeks.
    """

    sql: str
    adds_up: bool = False


@dataclass(frozen=True)
class Tile:
    """A figure over the chosen period and campaigns, beside that of the period before.

    column: of the section's table. formula: JavaScript over `row`, the sums of the table's columns;
    without it the sum of the column. source: the mart's column that says what it is.
    """

    column: str
    label: str
    source: str
    formula: str = ""


@dataclass(frozen=True)
class Figure:
    """A chart with its table, or a table alone.

    table: which of the page's tables it is of. by: the columns that its rows are told apart by;
    sums: those that are added up for each; formulas: further columns, each JavaScript over `row`,
    the sums. With neither sums nor formulas the table's rows stand as they are (columns `by`).
    chart: a Vega-Lite specification over the data named `rows`. measures: of the columns, those
    that the chart has as rows (`measure`, `value`); pick: the reader picks one of them.
    choose: columns of which the reader picks a value first. top: a column and how many of its
    values stay, by the first of `sums`; all others are one, `others`. order: columns, `-` in front
    of those from the greatest down; `value` is the picked measure, `rank` the place among `top`.
    limit: how many rows the chart has at most.
    """

    name: str
    title: str
    table: str
    by: tuple[str, ...]
    sums: tuple[str, ...] = ()
    formulas: Mapping[str, str] = field(default_factory=dict)
    chart: Mapping[str, Any] | None = None
    measures: tuple[str, ...] = ()
    pick: bool = False
    choose: tuple[str, ...] = ()
    top: tuple[str, int] | None = None
    order: tuple[str, ...] = ()
    limit: int = 0
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A part of a page: tiles of one table, then figures."""

    title: str
    figures: tuple[Figure, ...] = ()
    tiles: tuple[Tile, ...] = ()
    tiles_table: str = ""
    note: str = ""


@dataclass(frozen=True)
class Page:
    """A page: its file below the dashboard's folder, its tables by name, its sections.

    days: how many days up to the last one it shows at first, 0: all.
    """

    file: str
    title: str
    lead: str
    tables: Mapping[str, Query]
    sections: tuple[Section, ...]
    days: int = 0
