"""From the text or the native value of a column to its typed value, as SQL expressions.

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

Blanks (space, tab, line end) around instants, dates and numbers are allowed. Nearly all values are
spelled plainly, as DuckDB's own casts take them; ``parts`` takes the others apart first, so that
the long expressions for them are written, planned and evaluated once.
"""

from __future__ import annotations

from orchestration.load.blocks import LENIENT_JSON_PATTERN
from orchestration.load.contracts import Kind
from orchestration.load.sql import literal

_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_DAY = f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SECOND = r"[0-5][0-9](?:\.[0-9]+)?"
_ZONE = "[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?"
_PLAIN_INSTANT_PATTERN = f"{_DAY}[T ]{_TIME}:{_SECOND}Z?"
_INSTANT_PATTERN = rf"\A(?:([+-]?[0-9]+)|({_DAY})(?:[Tt ]({_TIME})(?::({_SECOND}))?({_ZONE})?)?)\z"
_INSTANT_PARTS = "['milliseconds', 'day', 'time', 'second', 'zone']"

_PLAIN_NUMBER_PATTERN = r"[+-]?[0-9]+(?:\.[0-9]+)?"
_NUMBER_PATTERN = r"\A([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?\z"
_NUMBER_PARTS = "['sign', 'whole', 'fraction', 'exponent']"

_FIRST_INSTANT = "timestamp '0001-01-01 00:00:00'"
_LAST_INSTANT = "timestamp '9999-12-31 23:59:59.999999'"
_FIRST_MILLISECOND, _LAST_MILLISECOND = -62_135_596_800_000, 253_402_300_799_999

# Zeros that a shifted decimal point is padded with at most: more than any physical type's digits.
_PADDING = 60

_PLAIN_PATTERNS = {
    Kind.INSTANT: _PLAIN_INSTANT_PATTERN,
    Kind.DATE: _DAY,
    Kind.AMOUNT: _PLAIN_NUMBER_PATTERN,
    Kind.RATE: _PLAIN_NUMBER_PATTERN,
    Kind.INTEGER: _PLAIN_NUMBER_PATTERN,
    Kind.NUMBER: _PLAIN_NUMBER_PATTERN,
}


def parts(text: str, kind: Kind) -> str | None:
    """What a text expression that isn't spelled plainly consists of, for ``from_text``.

    A struct of texts, all of them empty where the text is no value of that kind, and null where it
    is missing or spelled plainly. None where the kind has no other spellings.
    """
    plain = _PLAIN_PATTERNS.get(kind)
    if plain is None:
        return None
    is_instant = kind in (Kind.INSTANT, Kind.DATE)
    pattern = _INSTANT_PATTERN if is_instant else _NUMBER_PATTERN
    names = _INSTANT_PARTS if is_instant else _NUMBER_PARTS
    return (
        f"case when not regexp_full_match({text}, {literal(plain)})"
        f" then regexp_extract({_trimmed(text)}, {literal(pattern)}, {names}) end"
    )


def from_text(text: str, kind: Kind, parts: str) -> str:
    """The value of that kind of a text expression; null where it is missing or unparsable.

    ``parts``: an expression that holds the text's parts, where the kind has any.
    """
    if kind is Kind.TEXT:
        return text
    if kind is Kind.INSTANT:
        plain = f"try_cast({text} as timestamp)"
        return f"case when {parts} is null then {plain} else {_instant(parts)} end"
    if kind is Kind.DATE:
        plain = f"try_cast({text} as date)"
        return f"case when {parts} is null then {plain} else cast({_instant(parts)} as date) end"
    if kind in (Kind.AMOUNT, Kind.RATE):
        return f"try_cast({_without_exponent(text, parts)} as {kind.sql_type})"
    if kind is Kind.INTEGER:
        plain = _without_exponent(text, parts)
        whole = f"case when regexp_full_match({plain}, '[+-]?[0-9]+(?:[.]0*)?') then {plain} end"
        return f"try_cast(split_part({whole}, '.', 1) as bigint)"
    if kind is Kind.NUMBER:
        number = (
            f"try_cast(case when {parts} is null then {text}"
            f" when {parts}.whole <> '' then {_trimmed(text)} end as double)"
        )
        return f"case when isfinite({number}) then {number} end"
    if kind is Kind.BOOLEAN:
        return _boolean(text)
    return f"case when {_is_json_object(text)} then {text} end"


def _trimmed(text: str) -> str:
    return f"trim({text}, e' \\t\\r\\n')"


def _in_range(instant: str) -> str:
    return f"case when {instant} between {_FIRST_INSTANT} and {_LAST_INSTANT} then {instant} end"


def _from_milliseconds(value: str) -> str:
    return (
        f"case when {value} between {_FIRST_MILLISECOND} and {_LAST_MILLISECOND}"
        f" then make_timestamp({value} * 1000) end"
    )


def _instant(parts: str) -> str:
    day, time, second, zone = (f"{parts}.{part}" for part in ("day", "time", "second", "zone"))
    local = (
        f"try_cast({day} || ' ' || case when {time} = '' then '00:00' else {time} end || ':'"
        f" || case when {second} = '' then '00' else {second} end as timestamp)"
    )
    offset = (
        f"case when length({zone}) < 3 then 0 else"
        f" (case when {zone}[1] = '-' then -1 else 1 end)"
        f" * (cast({zone}[2:3] as bigint) * 60"
        f" + case when length({zone}) > 3 then cast({zone}[-2:] as bigint) else 0 end) end"
    )
    milliseconds = f"try_cast({parts}.milliseconds as bigint)"
    return (
        f"case when {parts}.milliseconds <> '' then {_from_milliseconds(milliseconds)}"
        f" when {day} <> '' then {_in_range(f'({local} - to_minutes({offset}))')} end"
    )


def _without_exponent(text: str, parts: str) -> str:
    """The number's text without an exponent: the cast to decimal takes these wrongly."""
    sign, whole, fraction, exponent = (
        f"{parts}.{part}" for part in ("sign", "whole", "fraction", "exponent")
    )
    digits = f"({whole} || {fraction})"
    # An exponent too long for a bigint is as good as a million: beyond every type, or zero.
    shift = (
        f"case when {exponent} = '' then 0 else greatest(-1000000, least(1000000,"
        f" coalesce(try_cast({exponent} as bigint),"
        f" case when {exponent}[1] = '-' then -1000000 else 1000000 end))) end"
    )
    point = f"(length({whole}) + {shift})"
    return (
        f"case when {parts} is null then {text} when {whole} <> '' then {sign} || case"
        f" when {point} <= 0"
        f" then '0.' || repeat('0', cast(least(-{point}, {_PADDING}) as integer)) || {digits}"
        f" when {point} >= length({digits}) then {digits}"
        f" || repeat('0', cast(least({point} - length({digits}), {_PADDING}) as integer))"
        f" else left({digits}, {point}) || '.' || substr({digits}, {point} + 1) end end"
    )


def _boolean(text: str) -> str:
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


def _is_json_object(text: str) -> str:
    """Whether a text expression is a JSON object, strictly."""
    return (
        f"(json_valid({text}) and starts_with(ltrim({text}, e' \\t\\r\\n'), '{{')"
        f" and {is_strict_json(text)})"
    )


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


def from_native(value: str, native_type: str, kind: Kind) -> str | None:
    """The value of that kind in a Parquet column of a DuckDB type; null where there is none.

    None where the column is to be read as text, by ``native_as_text``.
    """
    is_integer = native_type in _INTEGER_TYPES
    is_number = is_integer or native_type in _FLOAT_TYPES or native_type.startswith("DECIMAL")
    if kind in (Kind.INSTANT, Kind.DATE):
        instant = _native_instant(value, native_type, is_number)
        return f"cast({instant} as date)" if instant and kind is Kind.DATE else instant
    is_exact = is_integer or native_type.startswith("DECIMAL")
    if kind in (Kind.AMOUNT, Kind.RATE) and is_exact:
        return f"try_cast({value} as {kind.sql_type})"
    if kind is Kind.INTEGER and is_integer:
        return f"try_cast({value} as bigint)"
    if kind is Kind.NUMBER and is_number:
        number = f"try_cast({value} as double)"
        return f"case when isfinite({number}) then {number} end"
    return value if kind is Kind.BOOLEAN and native_type == "BOOLEAN" else None


def _native_instant(value: str, native_type: str, is_number: bool) -> str | None:
    if native_type in _TIMESTAMP_TYPES or native_type == "DATE":
        return _in_range(f"try_cast({value} as timestamp)")
    if native_type == "TIMESTAMP WITH TIME ZONE":
        finite = f"case when isfinite({value}) then {value} end"
        return _in_range(f"make_timestamp(epoch_us({finite}))")
    if is_number:
        # Tools without nullable integers write a column of them with gaps as floats.
        whole = f"case when {value} = trunc({value}) then try_cast({value} as bigint) end"
        return _from_milliseconds(f"({whole})")
    return None
