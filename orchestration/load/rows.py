"""The one query from a source's rows to those of a raw file, good and bad ones."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.load.contracts import Table
from orchestration.load.rules import NEEDS_NUMBER_TEXTS, checks
from orchestration.load.sql import identifier
from orchestration.load.values import from_native, from_text, native_as_text, parts


@dataclass(frozen=True)
class ColumnSource:
    """Where a column's value comes from: an expression over the source, and its DuckDB type."""

    expression: str
    native_type: str = "VARCHAR"


def select_rows(
    table: Table,
    columns: dict[str, ColumnSource],
    *,
    source: str,
    is_broken: str,
    extra: str,
    row_text: str,
    file: str,
    load_id: int,
    needs_number_texts: str = "false",
    kept: tuple[str, ...] = (),
) -> str:
    """A query from a source to the columns of a raw file.

    A row that breaks a rule comes with the negative position (from 1) of the rule in ``checks``
    as its ``_load_id`` and its own text as ``_extra``, so that one pass finds good and bad rows
    and a file without bad rows is finished after it. A row for which ``needs_number_texts`` holds
    comes with NEEDS_NUMBER_TEXTS instead.

    ``source`` has a column ``row_number`` and whatever the expressions name: ``columns``,
    ``is_broken`` (the row does not parse), ``extra`` (unknown columns as JSON), ``row_text`` (the
    row as it came, asked for of bad rows only), ``file`` (the landing file's name) and
    ``needs_number_texts``. ``kept``: columns of the source that stand behind those of a raw file.
    """
    given, taken_apart, parsed = [], [], []
    for column in table.columns:
        given_name, parts_name, parsed_name = (
            identifier(f"{prefix}_{column.name}") for prefix in ("given", "parts", "parsed")
        )
        origin = columns.get(column.name)
        if origin is None:
            given.append(f"cast(null as varchar) as {given_name}")
            parsed.append(f"cast(null as {column.kind.sql_type}) as {parsed_name}")
            continue
        value = from_native(given_name, origin.native_type, column.kind)
        if value is not None:
            given.append(f"{origin.expression} as {given_name}")
        else:
            given.append(f"{native_as_text(origin.expression, origin.native_type)} as {given_name}")
            value = from_text(given_name, column.kind, parts_name)
            apart = parts(given_name, column.kind)
            if apart is not None:
                taken_apart.append(f"{apart} as {parts_name}")
        parsed.append(f"{value} as {parsed_name}")
    conditions = f"when {needs_number_texts} then {NEEDS_NUMBER_TEXTS} " + " ".join(
        f"when {condition} then {-position}"
        for position, (_, condition) in enumerate(checks(table, is_broken), start=1)
    )
    named = ", ".join(
        f"{identifier('parsed_' + name)} as {identifier(name)}" for name in table.column_names
    )
    return f"""
        with source_rows as (
            select *, {", ".join(given)} from {source}
        ),

        rows_apart as (
            select {", ".join(["*", *taken_apart])} from source_rows
        ),

        parsed_rows as (
            select *, {", ".join(parsed)} from rows_apart
        ),

        judged_rows as (
            select *, case {conditions} else {load_id} end as load_id from parsed_rows
        )

        select
            {named},
            case when load_id > 0 then {extra} else {row_text} end as _extra,
            {file} as _file,
            row_number as _row_number,
            {", ".join(["cast(load_id as bigint) as _load_id", *kept])}
        from judged_rows
    """
