"""From pages to HTML: their tables as packed JSON, their charts as Vega, all in one file each."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup

from dashboards.model import COMPANY, Figure, Page, Section, Tile
from dashboards.tables import FORMATS, Table, format_of

_FOLDER = Path(__file__).parent / "page"

# Parts of ratios, which readers have no use for.
_HIDDEN = frozenset({"benchmark_clicks", "benchmark_impressions", "position_sum"})

_RULE_RANGE = re.compile(r"\b(ID|[A-Z])-(\d+)(?: to (?:\1-)?(\d+))?")


@dataclass(frozen=True)
class Frame:
    """What all pages of a dashboard have in common.

    night: what the footer says of the published night. currency: of all money. campaigns: name and
    file by id. rules: what each rule of the metrics says. columns: the descriptions of the marts'
    columns, by `mart.column`. weeks_before: the Monday before which tables are told by weeks.
    """

    night: str
    currency: str
    campaigns: Mapping[str, Mapping[str, str]]
    rules: Mapping[str, str]
    columns: Mapping[str, str]
    weeks_before: str
    links: tuple[Page, ...]


def cited_rules(description: str) -> list[str]:
    """The ids of the rules that a description cites: `S-3 to S-5` are three."""
    found = []
    for letters, first, last in _RULE_RANGE.findall(description):
        found += [f"{letters}-{number}" for number in range(int(first), int(last or first) + 1)]
    return found


class Renderer:
    """Makes the HTML of pages. Each chart is compiled once, and the script packed once."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
        )
        self._template = environment.get_template("page.html")
        self._style = _source("page.css")
        self._script = _source("page.js")
        self._vega = _packed(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
        self._charts: dict[str, Any] = {}

    def html(self, page: Page, tables: Mapping[str, Table], campaign: str | None = None) -> str:
        """A page. campaign: the id of the one whose page it is."""
        root = "../" * page.file.count("/")
        # Of the data nothing is among what is HTML already, but packed.
        return self._template.render(
            page=page,
            root=root,
            links=self._frame.links,
            footer=self._frame.night,
            style=Markup(self._style),
            script=Markup(self._script),
            data=Markup(_packed(self._data(page, tables, campaign, root))),
            vega=Markup(self._vega),
        )

    def _data(
        self, page: Page, tables: Mapping[str, Table], campaign: str | None, root: str
    ) -> str:
        shown = self._frame.campaigns
        data = {
            "name": Path(page.file).stem,
            "root": root,
            "days": page.days,
            "weeks_before": self._frame.weeks_before,
            "company": COMPANY,
            "campaign": campaign,
            "currency": self._frame.currency,
            "campaigns": {campaign: shown[campaign]} if campaign else shown,
            "formats": {name: format_of(name) for name in _formulas(page)},
            "rules": self._rules(page),
            "sections": [self._section(section) for section in page.sections],
        }
        listed = ", ".join(f"{json.dumps(name)}: {table.json()}" for name, table in tables.items())
        return json.dumps(data, ensure_ascii=False)[:-1] + f', "tables": {{{listed}}}}}'

    def _rules(self, page: Page) -> dict[str, str]:
        cited = {
            rule
            for section in page.sections
            for tile in section.tiles
            for rule in cited_rules(self._frame.columns.get(tile.source, ""))
        }
        return {rule: text for rule, text in self._frame.rules.items() if rule in cited}

    def _section(self, section: Section) -> dict[str, Any]:
        return {
            "title": section.title,
            "note": section.note,
            "tiles_table": section.tiles_table,
            "tiles": [self._tile(tile) for tile in section.tiles],
            "figures": [self._figure(figure) for figure in section.figures],
        }

    def _tile(self, tile: Tile) -> dict[str, Any]:
        description = self._frame.columns.get(tile.source, "")
        formats = {**FORMATS, **dict.fromkeys(_MONEY, "money")}
        return {
            **asdict(tile),
            "format": formats.get(tile.column, "count"),
            "description": description,
            "rules": cited_rules(description),
        }

    def _figure(self, figure: Figure) -> dict[str, Any]:
        told = {name: getattr(figure, name) for name in _FIGURE_FIELDS}
        hidden = [name for name in figure.sums if name in _HIDDEN]
        return {**told, "chart": self._chart(figure), "hidden": hidden}

    def _chart(self, figure: Figure) -> Any:
        if figure.chart is None:
            return None
        key = json.dumps(figure.chart, sort_keys=True)
        if key not in self._charts:
            compiled = vl_convert.vegalite_to_vega(dict(figure.chart))
            self._charts[key] = _without_colours(compiled)
        return self._charts[key]


def _without_colours(compiled: Any) -> Any:
    """A Vega specification without the colours that Vega-Lite gives where none are asked for."""
    if isinstance(compiled, list):
        return [_without_colours(part) for part in compiled]
    if not isinstance(compiled, dict):
        return compiled
    return {
        name: _without_colours(part)
        for name, part in compiled.items()
        if name != "background" and not (name == "fill" and part in _DEFAULT_FILLS)
    }


_DEFAULT_FILLS = ({"value": "#4c78a8"}, {"value": "black"})

_MONEY = ("influenced_revenue", "revenue", "attributed_revenue", "spend")

_FIGURE_FIELDS = (
    *("name", "title", "table", "by", "sums", "formulas", "measures", "pick", "choose", "top"),
    *("order", "limit", "note"),
)


def _formulas(page: Page) -> Iterator[str]:
    for section in page.sections:
        for figure in section.figures:
            yield from figure.formulas


def _packed(text: str) -> str:
    """A text compressed, in letters that HTML leaves alone."""
    packed = gzip.compress(text.encode("utf-8"), compresslevel=6, mtime=0)
    return base64.b64encode(packed).decode("ascii")


def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def campaign_file(campaign_id: str) -> str:
    """The file of a campaign's page: of its id what any file system takes, and what tells it."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", campaign_id).strip("-")[:40]
    digest = hashlib.sha256(campaign_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"campaigns/{plain}-{digest}.html" if plain else f"campaigns/{digest}.html"
