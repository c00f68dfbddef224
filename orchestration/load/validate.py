"""From a row as it came to typed columns, or to the first rule that it breaks: as SQL expressions.

The functions here return DuckDB expressions, so that a file is parsed, checked and written in one
pass. The grammar:

- instant: an optional sign and digits only are epoch milliseconds; else ``YYYY-MM-DD``, or
  ``YYYY-MM-DD(T|t| )HH:MM[:SS[.fraction]]`` with an optional zone ``Z|z|±HH|±HHMM|±HH:MM``
  (without one: UTC). Hours are 00 to 23 and minutes and seconds 00 to 59, in the zone too; what a
  fraction has beyond microseconds is cut off; the result lies in the years 0001 to 9999;
- date: ``YYYY-MM-DD``, or an instant, which gives its UTC date;
- number: an optional sign, digits, optionally ``.digits``, optionally an exponent. Amounts and
  rates round half away from zero; an integer is a number without a fraction; what the physical
  type can't hold is no number;
- boolean: true/false, yes/no, 1/0 in any case;
- properties: the text of a JSON object.

Blanks (space, tab, line end) around instants, dates and numbers are allowed. An empty text is a
missing value.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestration.load.blocks import LENIENT_JSON_PATTERN
from orchestration.load.contracts import Column, Kind, Table

_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_DATE_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DIGITS_PATTERN = r"[+-]?[0-9]+"
# The spelling of nearly all instants, which DuckDB's own cast takes as it is.
_PLAIN_INSTANT_PATTERN = rf"{_DATE_PATTERN}[T ]{_TIME}:[0-5][0-9](?:\.[0-9]+)?Z?"
_INSTANT_PATTERN = (
    rf"({_DATE_PATTERN})(?:[Tt ]({_TIME})(?::([0-5][0-9](?:\.[0-9]+)?))?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?"
)
_PLAIN_NUMBER_PATTERN = r"[+-]?[0-9]+(?:\.[0-9]+)?"
_NUMBER_PATTERN = r"([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?"

_FIRST_INSTANT = "timestamp '0001-01-01 00:00:00'"
_LAST_INSTANT = "timestamp '9999-12-31 23:59:59.999999'"
_FIRST_MILLISECOND, _LAST_MILLISECOND = -62_135_596_800_000, 253_402_300_799_999

# Zeros that a shifted decimal point is padded with at most: more than any physical type's digits.
_PADDING = 60


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def raw_rows(paths: list[Path]) -> str:
    """A relation of the rows of raw files."""
    names = ", ".join(literal(str(path)) for path in paths)
    # Without the option, a folder named as month=5 would become a column.
    return f"read_parquet([{names}], hive_partitioning = false)"


def _trimmed(text: str) -> str:
    return f"trim({text}, e' \\t\\r\\n')"


def _in_range(instant: str) -> str:
    return f"case when {instant} between {_FIRST_INSTANT} and {_LAST_INSTANT} then {instant} end"


def epoch_milliseconds_as_instant(value: str) -> str:
    """Instant of a bigint expression of epoch milliseconds; null outside the years 1 to 9999."""
    return (
        f"case when {value} between {_FIRST_MILLISECOND} and {_LAST_MILLISECOND}"
        f" then make_timestamp({value} * 1000) end"
    )


def instant(text: str) -> str:
    """UTC instant of a text expression; null where it is none."""
    trimmed = _trimmed(text)
    parts = (
        f"regexp_extract({trimmed}, {literal(_INSTANT_PATTERN)}, ['day', 'time', 'second', 'zone'])"
    )
    local = (
        f"try_cast({parts}.day || ' ' || coalesce(nullif({parts}.time, ''), '00:00') || ':'"
        f" || coalesce(nullif({parts}.second, ''), '00') as timestamp)"
    )
    zone = f"{parts}.zone"
    offset = (
        f"case when length({zone}) < 3 then 0 else"
        f" (case when left({zone}, 1) = '-' then -1 else 1 end)"
        f" * (cast(substr({zone}, 2, 2) as bigint) * 60"
        f" + case when length({zone}) > 3 then cast(right({zone}, 2) as bigint) else 0 end) end"
    )
    milliseconds = f"try_cast({trimmed} as bigint)"
    parsed = (
        f"case when regexp_full_match({text}, {literal(_PLAIN_INSTANT_PATTERN)})"
        f" then try_cast({text} as timestamp)"
        f" when regexp_full_match({trimmed}, {literal(_DIGITS_PATTERN)})"
        f" then {epoch_milliseconds_as_instant(milliseconds)}"
        f" when regexp_full_match({trimmed}, {literal(_INSTANT_PATTERN)})"
        f" then {local} - to_minutes({offset}) end"
    )
    return _in_range(f"({parsed})")


def date(text: str) -> str:
    """Date of a text expression; null where it is none."""
    plain = f"try_cast({text} as date)"
    return (
        f"case when regexp_full_match({text}, {literal(_DATE_PATTERN)})"
        f" then case when {plain} >= date '0001-01-01' then {plain} end"
        f" else cast({instant(text)} as date) end"
    )


def _plain_number(text: str) -> str:
    """The number's text without exponent, or null: the casts to decimal take exponents wrongly."""
    trimmed = _trimmed(text)
    parts = (
        f"regexp_extract({trimmed}, {literal(_NUMBER_PATTERN)},"
        " ['sign', 'whole', 'fraction', 'exponent'])"
    )
    digits = f"({parts}.whole || {parts}.fraction)"
    # An exponent too long for a bigint is as good as a million: past every type, or zero.
    exponent = (
        f"greatest(-1000000, least(1000000, coalesce(try_cast({parts}.exponent as bigint),"
        f" case when left({parts}.exponent, 1) = '-' then -1000000 else 1000000 end)))"
    )
    point = f"(length({parts}.whole) + {exponent})"
    shifted = (
        f"{parts}.sign || case"
        f" when {point} <= 0"
        f" then '0.' || repeat('0', cast(least(-{point}, {_PADDING}) as integer)) || {digits}"
        f" when {point} >= length({digits}) then {digits}"
        f" || repeat('0', cast(least({point} - length({digits}), {_PADDING}) as integer))"
        f" else left({digits}, {point}) || '.' || substr({digits}, {point} + 1) end"
    )
    return (
        f"case when regexp_full_match({text}, {literal(_PLAIN_NUMBER_PATTERN)}) then {text}"
        f" when regexp_full_match({trimmed}, {literal(_NUMBER_PATTERN)}) then {shifted} end"
    )


def decimal(text: str, sql_type: str) -> str:
    """Decimal of a text expression, half away from zero; null where it is no number."""
    return f"try_cast({_plain_number(text)} as {sql_type})"


def integer(text: str) -> str:
    """Bigint of a text expression; null where it is no whole number."""
    plain = f"({_plain_number(text)})"
    return (
        f"case when regexp_full_match({plain}, {literal(r'[+-]?[0-9]+(?:[.]0*)?')})"
        f" then try_cast(split_part({plain}, '.', 1) as bigint) end"
    )


def number(text: str) -> str:
    """Double of a text expression; null where it is no number or too large for a double."""
    trimmed = _trimmed(text)
    parsed = f"try_cast({trimmed} as double)"
    return (
        f"case when not regexp_full_match({trimmed}, {literal(_NUMBER_PATTERN)}) then null"
        f" when isfinite({parsed}) then {parsed} end"
    )


def boolean(text: str) -> str:
    """Boolean of a text expression; null where it is none."""
    return (
        f"case lower({text}) when 'true' then true when 'false' then false when '1' then true"
        " when '0' then false when 'yes' then true when 'no' then false end"
    )


_STRING_PATTERN = r'"(?:[^"\\]|\\.)*"'


def is_strict_json(text: str) -> str:
    """Whether what DuckDB takes for JSON has nothing that only lenient readers take."""
    pattern = literal(LENIENT_JSON_PATTERN)
    # An empty text stands for each string, so that only what lies between strings is searched.
    without_strings = f"regexp_replace({text}, {literal(_STRING_PATTERN)}, '\"\"', 'g')"
    return (
        f"(not regexp_matches({text}, {pattern})"
        f" or not regexp_matches({without_strings}, {pattern}))"
    )


def is_json_object(text: str) -> str:
    """Whether a text expression is a JSON object, strictly."""
    return (
        f"(json_valid({text}) and starts_with(ltrim({text}, e' \\t\\r\\n'), '{{')"
        f" and {is_strict_json(text)})"
    )


def from_text(text: str, kind: Kind) -> str:
    """The value of that kind of a text expression; null where it is missing or unparsable."""
    if kind is Kind.TEXT:
        return text
    if kind is Kind.INSTANT:
        return instant(text)
    if kind is Kind.DATE:
        return date(text)
    if kind in (Kind.AMOUNT, Kind.RATE):
        return decimal(text, kind.sql_type)
    if kind is Kind.INTEGER:
        return integer(text)
    if kind is Kind.NUMBER:
        return number(text)
    if kind is Kind.BOOLEAN:
        return boolean(text)
    return f"case when {is_json_object(text)} then {text} end"


_INTEGER_TYPES = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
}
_TIMESTAMP_TYPES = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}
_FLOAT_TYPES = {"FLOAT", "DOUBLE"}


def _is_nested(native_type: str) -> bool:
    return native_type.endswith("]") or native_type.startswith(("STRUCT", "MAP", "UNION"))


def native_as_text(value: str, native_type: str) -> str:
    """Text of a column of a Parquet file: nested values as JSON; null where it is empty."""
    if native_type == "VARCHAR":
        return f"nullif({value}, '')"
    if _is_nested(native_type):
        return f"cast(to_json({value}) as varchar)"
    return f"nullif(cast({value} as varchar), '')"


def from_native(value: str, native_type: str, kind: Kind) -> str:
    """The value of that kind in a Parquet column of a DuckDB type; null where there is none."""
    is_decimal = native_type.startswith("DECIMAL")
    text = native_as_text(value, native_type)
    if kind in (Kind.INSTANT, Kind.DATE):
        if native_type in _TIMESTAMP_TYPES:
            parsed = _in_range(f"try_cast({value} as timestamp)")
        elif native_type == "TIMESTAMP WITH TIME ZONE":
            finite = f"case when isfinite({value}) then {value} end"
            parsed = _in_range(f"make_timestamp(epoch_us({finite}))")
        elif native_type == "DATE":
            parsed = _in_range(f"try_cast({value} as timestamp)")
        elif native_type in _INTEGER_TYPES:
            parsed = epoch_milliseconds_as_instant(f"try_cast({value} as bigint)")
        elif native_type in _FLOAT_TYPES or is_decimal:
            # Tools without nullable integers write a column of them with gaps as floats.
            whole = f"case when {value} = trunc({value}) then try_cast({value} as bigint) end"
            parsed = epoch_milliseconds_as_instant(f"({whole})")
        else:
            return from_text(text, kind)
        return parsed if kind is Kind.INSTANT else f"cast({parsed} as date)"
    if kind in (Kind.AMOUNT, Kind.RATE) and (native_type in _INTEGER_TYPES or is_decimal):
        return f"try_cast({value} as {kind.sql_type})"
    if kind is Kind.INTEGER and native_type in _INTEGER_TYPES:
        return f"try_cast({value} as bigint)"
    if kind is Kind.NUMBER and (native_type in _INTEGER_TYPES | _FLOAT_TYPES or is_decimal):
        parsed = f"try_cast({value} as double)"
        return f"case when isfinite({parsed}) then {parsed} end"
    if kind is Kind.BOOLEAN and native_type == "BOOLEAN":
        return value
    return from_text(text, kind)


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
        " the column's range (whole where counts are kept)."
    ),
    "unparsable_boolean": "write {column} as true or false, yes or no, 1 or 0.",
    "properties_not_an_object": "write {column} as one JSON object, or leave it empty.",
    "unknown_asset_type": "use one of the asset types that the input format lists.",
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
) -> str:
    """A query from a source to the columns of a raw file.

    A row that breaks a rule comes with the negative position (from 1) of the rule in ``checks``
    as its ``_load_id`` and its own text as ``_extra``, so that one pass finds good and bad rows
    and a file without bad rows is finished after it. A row for which ``needs_number_texts`` holds
    comes with NEEDS_NUMBER_TEXTS instead.

    ``source`` has a column ``row_number`` and whatever the expressions name: ``columns``,
    ``is_broken`` (the row does not parse), ``extra`` (unknown columns as JSON), ``row_text`` (the
    row as it came, asked for of bad rows only) and ``needs_number_texts``.
    """
    given, parsed = [], []
    for column in table.columns:
        origin = columns.get(column.name)
        given_name = identifier(f"given_{column.name}")
        parsed_name = identifier(f"parsed_{column.name}")
        sql_type = column.kind.sql_type
        if origin is None:
            given.append(f"cast(null as varchar) as {given_name}")
            parsed.append(f"cast(null as {sql_type}) as {parsed_name}")
        elif origin.native_type == "VARCHAR":
            given.append(f"nullif({origin.expression}, '') as {given_name}")
            parsed.append(f"{from_text(given_name, column.kind)} as {parsed_name}")
        elif column.kind is Kind.TEXT:
            text = native_as_text(origin.expression, origin.native_type)
            given.append(f"{text} as {given_name}")
            parsed.append(f"{given_name} as {parsed_name}")
        else:
            given.append(f"{origin.expression} as {given_name}")
            value = from_native(given_name, origin.native_type, column.kind)
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

        parsed_rows as (
            select *, {", ".join(parsed)} from source_rows
        ),

        judged_rows as (
            select *, case {conditions} else {load_id} end as load_id from parsed_rows
        )

        select
            {named},
            case when load_id > 0 then {extra} else {row_text} end as _extra,
            {literal(file)} as _file,
            row_number as _row_number,
            cast(load_id as bigint) as _load_id
        from judged_rows
    """
