"""What becomes of a row by the documentation alone, in plain Python."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orchestration.load.contracts import Kind, Table
from tests.load import grammar

_LARGEST_AMOUNT = Decimal("9999999999999.99")


def typed(table: Table, row: dict[str, str]) -> dict[str, Any] | None:
    """The values of a row of texts ('' is missing) under the contract's columns.

    None where the row belongs in quarantine.
    """
    values: dict[str, Any] = {}
    for column in table.columns:
        text = row.get(column.name, "")
        value = grammar.value(text, column.kind)
        if value is None and (text != "" or column.required):
            return None
        if value is not None and not _is_allowed(column.kind, value):
            return None
        if value is not None and column.allowed is not None and value not in column.allowed:
            return None
        if value in column.reserved:
            return None
        values[column.name] = value
    if table.needs_visitor_or_contact and not (values["visitor_id"] or values["contact_id"]):
        return None
    if table.interval is not None:
        begin, end = (values[name] for name in table.interval)
        if begin is not None and end is not None and end < begin:
            return None
    return values


def _is_allowed(kind: Kind, value: Any) -> bool:
    if kind is Kind.AMOUNT:
        return bool(abs(value) <= _LARGEST_AMOUNT)
    return kind is not Kind.RATE or bool(value > 0)
