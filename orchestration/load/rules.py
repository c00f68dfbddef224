"""The rules that a row must keep, and what is said of one that doesn't."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.load.contracts import Column, Kind, Table
from orchestration.load.sql import identifier, literal


@dataclass(frozen=True)
class Problem:
    """A rule that a row can break: the column at fault (None: the whole row) and its code."""

    column: str | None
    code: str

    @property
    def reason(self) -> str:
        """``<code>: <what to do>``; never the value, which may be personal data."""
        return f"{self.code}: {_ADVICE[self.code].format(column=self.column)}"


_ADVICE = {
    "row_does_not_parse": (
        "write one JSON object per line, or a CSV row with as many fields as the header and quotes"
        " doubled, in UTF-8."
    ),
    "required_value_missing": "give {column} a value in every row.",
    "unparsable_instant": (
        "write {column} as ISO 8601 (2024-05-31T13:45:00Z) or epoch milliseconds,"
        " in the years 0001 to 9999."
    ),
    "unparsable_date": "write {column} as an ISO date (2024-05-31).",
    "unparsable_number": (
        "write {column} as a number with a decimal point, without thousands separators, within"
        " the column's range (whole where counts are kept; amounts below 10,000,000,000,000)."
    ),
    "unparsable_boolean": "write {column} as true or false, yes or no, 1 or 0.",
    "properties_not_an_object": "write {column} as one JSON object, or leave it empty.",
    "unknown_asset_type": "use one of the asset types that the input format lists.",
    "reserved_id": "rename it: `all`, `no campaign` and `unattributed` name rows of the marts.",
    "no_visitor_or_contact": "give the event a visitor_id or a contact_id.",
    "interval_ends_before_it_begins": "let {column} lie at or after the beginning, or empty it.",
    "rate_not_positive": "give {column} as company currency per unit, above 0.",
}

_UNPARSABLE = {
    Kind.INSTANT: "unparsable_instant",
    Kind.DATE: "unparsable_date",
    Kind.AMOUNT: "unparsable_number",
    Kind.RATE: "unparsable_number",
    Kind.INTEGER: "unparsable_number",
    Kind.NUMBER: "unparsable_number",
    Kind.BOOLEAN: "unparsable_boolean",
    Kind.JSON: "properties_not_an_object",
}

# An amount beyond this is a filler such as 9999999999999999.99; the sum of a thousand of those that
# are left still fits decimal(18, 2), where a sum that doesn't would stop the night.
LARGEST_AMOUNT = "9999999999999.99"

ROW_DOES_NOT_PARSE = Problem(None, "row_does_not_parse")

# Stands as the ``_load_id`` of a row that must be read again with its numbers as they are written.
NEEDS_NUMBER_TEXTS = -1_000_000


def _column_checks(column: Column, given: str, parsed: str) -> list[tuple[Problem, str]]:
    checks = []
    if column.required:
        checks.append((Problem(column.name, "required_value_missing"), f"{given} is null"))
    if column.kind is not Kind.TEXT:
        unparsable = Problem(column.name, _UNPARSABLE[column.kind])
        checks.append((unparsable, f"{given} is not null and {parsed} is null"))
    if column.allowed is not None:
        allowed = ", ".join(literal(value) for value in column.allowed)
        problem = Problem(column.name, "unknown_asset_type")
        checks.append((problem, f"{parsed} not in ({allowed})"))
    if column.reserved:
        reserved = ", ".join(literal(value) for value in column.reserved)
        checks.append((Problem(column.name, "reserved_id"), f"{parsed} in ({reserved})"))
    if column.kind is Kind.AMOUNT:
        problem = Problem(column.name, "unparsable_number")
        checks.append((problem, f"abs({parsed}) > {LARGEST_AMOUNT}"))
    if column.kind is Kind.RATE:
        checks.append((Problem(column.name, "rate_not_positive"), f"{parsed} <= 0"))
    return checks


def checks(table: Table, is_broken: str = "false") -> list[tuple[Problem, str]]:
    """What a row must not be, in the order in which the first violation is reported.

    The conditions are over the columns ``given_<column>`` (the value as it came, null where
    missing) and ``parsed_<column>``; ``is_broken`` says whether the row does not parse.
    """
    found = [(ROW_DOES_NOT_PARSE, is_broken)]
    for column in table.columns:
        given = identifier(f"given_{column.name}")
        found += _column_checks(column, given, identifier(f"parsed_{column.name}"))
    if table.needs_visitor_or_contact:
        problem = Problem("visitor_id", "no_visitor_or_contact")
        found.append((problem, "parsed_visitor_id is null and parsed_contact_id is null"))
    if table.interval is not None:
        begin, end = table.interval
        problem = Problem(end, "interval_ends_before_it_begins")
        found.append((problem, f"parsed_{end} < parsed_{begin}"))
    return found
