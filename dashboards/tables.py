"""The tables of pages as their queries give them: columns as JSON, days beyond a year as weeks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from dashboards.model import COMPANY, Query
from orchestration.load.sql import identifier

# Of columns, and of results of formulas, that are no plain numbers.
FORMATS = {
    **dict.fromkeys(("ctr", "benchmark_ctr", "roi", "share", "removal_effect"), "share"),
    **dict.fromkeys(("cpc", "cac", "cost", "spend"), "money"),
}
_SHARE = re.compile(r"_rate$|_share$|^conversion_from_")


@dataclass(frozen=True)
class Table:
    """The rows of a table: its columns as a JSON object, how many, and their formats.

    A column is the list of its values, or, of texts and dates, of their places in a list of all
    different ones: `{"values": […], "places": […]}`.
    """

    columns: str
    rows: int
    formats: Mapping[str, str]
    adds_up: bool
    has_company: bool

    def json(self) -> str:
        """The table as the page reads it."""
        told = {
            "rows": self.rows,
            "formats": self.formats,
            "adds_up": self.adds_up,
            "has_company": self.has_company,
        }
        return json.dumps(told)[:-1] + f', "columns": {self.columns}}}'


def read_table(connection: duckdb.DuckDBPyConnection, query: Query, weeks_before: str) -> Table:
    """The rows that a query gives; in order, where one thread reads them, so that they pack well.

    weeks_before: the Monday before which a table that adds up is told by weeks.
    """
    relation = _by_weeks(connection, query, weeks_before)
    is_company = f"{_value('campaign_id')} = '{COMPANY}'"
    company = f"bool_or({is_company})" if "campaign_id" in relation.columns else "false"
    found = connection.sql(
        f"select count(*), {_columns(relation)}, {company} from ({_placed(relation)})"
    ).fetchone()
    assert found is not None
    rows, columns, has_company = found
    return _table(relation, query, rows, columns, has_company=bool(has_company))


def read_tables_by_campaign(
    connection: duckdb.DuckDBPyConnection, query: Query, weeks_before: str
) -> tuple[dict[str, Table], Table]:
    """As read_table, the rows of each campaign; and a table without rows."""
    relation = _by_weeks(connection, query, weeks_before)
    campaign_id = _value("campaign_id")
    rows = connection.sql(
        f"select {campaign_id}, count(*), {_columns(relation)}"
        f" from ({_placed(relation, 'partition by campaign_id')}) group by {campaign_id}"
    ).fetchall()
    empty = json.dumps({name: [] for name in relation.columns})
    return (
        {campaign: _table(relation, query, count, columns) for campaign, count, columns in rows},
        _table(relation, query, 0, empty),
    )


def _by_weeks(
    connection: duckdb.DuckDBPyConnection, query: Query, weeks_before: str
) -> duckdb.DuckDBPyRelation:
    relation = connection.sql(query.sql)
    if not query.adds_up or connection.sql(
        f"select bool_and(date >= date '{weeks_before}') from relation"
    ).fetchone() in ((True,), (None,)):
        return relation
    day = f"case when date >= date '{weeks_before}' then date else date_trunc('week', date) end"
    columns = [
        f"cast({day} as date) as date"
        if name == "date"
        else f"sum({column}) as {column}"
        if _is_number(kind)
        else column
        for name, column, kind in _names_and_kinds(relation)
    ]
    return connection.sql(f"select {', '.join(columns)} from relation group by all")


def _placed(relation: duckdb.DuckDBPyRelation, partition: str = "") -> str:
    """The rows in order, each text and date beside its place among all of its column."""
    columns = ", ".join(
        f"{column} as {_value(name)},"
        f" dense_rank() over ({partition} order by {column} nulls last) - 1 as {column}"
        if _has_places(kind)
        else f"{_plain(column, kind)} as {column}"
        for name, column, kind in _names_and_kinds(relation)
    )
    return f"select {columns} from relation order by all"


def _columns(relation: duckdb.DuckDBPyRelation) -> str:
    """An aggregate of placed rows: their columns as the text of a JSON object."""
    lists = ", ".join(
        f"{column} := struct_pack("
        f'"values" := {_all(f"distinct {_value(name)} order by {_value(name)} nulls last")},'
        f" places := {_all(column)})"
        if _has_places(kind)
        else f"{column} := {_all(column)}"
        for name, column, kind in _names_and_kinds(relation)
    )
    return f"cast(to_json(struct_pack({lists})) as varchar)"


def _all(values: str) -> str:
    return f"coalesce(list({values}), [])"


def _names_and_kinds(relation: duckdb.DuckDBPyRelation) -> list[tuple[str, str, str]]:
    """Of each column its name, its name in SQL and its type."""
    return [
        (name, identifier(name), str(kind))
        for name, kind in zip(relation.columns, relation.types, strict=True)
    ]


def _has_places(kind: str) -> bool:
    return kind in ("VARCHAR", "DATE")


def _value(name: str) -> str:
    return identifier(f"{name} value")


def _plain(column: str, kind: str) -> str:
    """A value as JSON has it for a reader: instants to the second, infinite numbers as none."""
    if kind == "TIMESTAMP":
        return f"strftime({column}, '%Y-%m-%d %H:%M:%S')"
    if kind == "DOUBLE":
        return f"case when isfinite({column}) then {column} end"
    return column


def _is_number(kind: str) -> bool:
    return kind.startswith(("DECIMAL", "DOUBLE", "BIGINT", "HUGEINT", "INTEGER"))


def _table(
    relation: duckdb.DuckDBPyRelation,
    query: Query,
    rows: int,
    columns: str,
    *,
    has_company: bool = False,
) -> Table:
    formats = {name: format_of(name, kind) for name, _, kind in _names_and_kinds(relation)}
    return Table(columns, rows, formats, query.adds_up, has_company)


def format_of(name: str, kind: str = "") -> str:
    """How a column of a type, or a formula's result, is shown: as the page's script names it."""
    if name in FORMATS:
        return FORMATS[name]
    if _SHARE.search(name):
        return "share"
    if kind.startswith("DECIMAL"):
        return "money" if kind.endswith(",2)") else "number"
    if kind == "DOUBLE":
        return "number"
    if _is_number(kind):
        return "count"
    return {"TIMESTAMP": "instant", "BOOLEAN": "flag", "DATE": "date"}.get(kind, "text")
