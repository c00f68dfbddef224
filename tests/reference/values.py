"""One cell of an input file to one typed value: the grammars of the input contract."""

import json
import math
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

EPOCH = datetime(1970, 1, 1)
BLANKS = " \t\r\n"

_DIGITS = re.compile(r"[+-]?[0-9]+")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})"
    r"(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"(?:([Zz])|([+-])([0-9]{2})(?::?([0-9]{2}))?)?"
)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def words(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


class UnparsableError(ValueError):
    """A value that its column's grammar does not know; the text is the quarantine code."""


class NumberText(str):
    """A JSON number kept as the text that stood in the file (an id keeps its digits)."""

    __slots__ = ()


class Micros(int):
    """Microseconds since 1970 of a Parquet timestamp."""


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def parse_json(text: str) -> Any:
    """Parse JSON with numbers kept as text; NaN and Infinity are refused.

    Raises:
        ValueError: the text is no JSON.
    """
    return json.loads(
        text, parse_int=NumberText, parse_float=NumberText, parse_constant=_reject_constant
    )


def text_of(value: Any) -> str:
    """The text of a value that came typed (JSON, Parquet), as an id or a grammar reads it."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, Micros):
        return from_micros(int(value)).isoformat(sep=" ")
    if isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def from_micros(micros: int) -> datetime:
    """Naive UTC instant of microseconds since 1970.

    Raises:
        UnparsableError: the year is outside 0001..9999.
    """
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        raise UnparsableError("unparsable_instant") from None


def parse_instant(value: Any) -> datetime:
    """Naive UTC instant of an ISO 8601 text or of epoch milliseconds.

    Raises:
        UnparsableError: the text follows neither grammar or its year is outside 0001..9999.
    """
    if isinstance(value, Micros):
        return from_micros(int(value))
    text = text_of(value).strip(BLANKS)
    if _DIGITS.fullmatch(text):
        return from_micros(int(text) * 1000)
    try:
        match = _DATE.fullmatch(text)
        if match:
            year, month, day = (int(part) for part in match.groups())
            return datetime(year, month, day)
        match = _INSTANT.fullmatch(text)
        if not match:
            raise UnparsableError("unparsable_instant")
        y, mo, d, hour, minute, second, fraction, _, sign, zone_h, zone_m = match.groups()
        micros = int(((fraction or "") + "000000")[:6])
        local = datetime(int(y), int(mo), int(d), int(hour), int(minute), int(second or 0), micros)
        if sign is None:
            return local
        if int(zone_h) > 23 or int(zone_m or 0) > 59:
            raise UnparsableError("unparsable_instant")
        offset = timedelta(hours=int(zone_h), minutes=int(zone_m or 0))
        return local - offset if sign == "+" else local + offset
    except (ValueError, OverflowError):
        raise UnparsableError("unparsable_instant") from None


def parse_date(value: Any) -> date:
    """Date of an ISO date, or the UTC date of any instant.

    Raises:
        UnparsableError: it is neither.
    """
    try:
        return parse_instant(value).date()
    except UnparsableError:
        raise UnparsableError("unparsable_date") from None


def multiply(one: Decimal, other: Decimal) -> Decimal:
    """Exact product: the default context would round it to 28 digits."""
    with localcontext() as context:
        context.prec = 100
        return one * other


def _decimal(value: Any) -> Decimal:
    text = text_of(value).strip(BLANKS)
    if not _NUMBER.fullmatch(text):
        raise UnparsableError("unparsable_number")
    number = Decimal(text)
    if number and number.adjusted() > 400:
        raise UnparsableError("unparsable_number")
    return number


def parse_plain_number(text: str) -> Decimal | None:
    """The number that a property's text is; None where it is none. Unlike a cell of a table it
    has neither blanks around it nor a plus sign before it."""
    try:
        return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None
    except InvalidOperation:  # an exponent that nothing has
        return None


def round_half_away(number: Decimal, places: int) -> Decimal:
    """Round half away from zero to a number of decimal places."""
    with localcontext() as context:
        context.prec = 800
        return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP) + 0


def _fixed(value: Any, places: int, digits: int = 18) -> Decimal:
    """A number as DECIMAL(digits, places)."""
    rounded = round_half_away(_decimal(value), places)
    if abs(rounded) >= Decimal(10) ** (digits - places):
        raise UnparsableError("unparsable_number")
    return rounded


def _integer(value: Any) -> int:
    number = _decimal(value)
    if number != number.to_integral_value():
        raise UnparsableError("unparsable_number")
    whole = int(number)
    if not -(2**63) <= whole < 2**63:
        raise UnparsableError("unparsable_number")
    return whole


def _double(value: Any) -> float:
    text = text_of(value).strip(BLANKS)
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise UnparsableError("unparsable_number")
    return float(text)


def _boolean(value: Any) -> bool:
    try:
        return _BOOLEANS[text_of(value).lower()]
    except KeyError:
        raise UnparsableError("unparsable_boolean") from None


def _json_object(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    try:
        parsed = parse_json(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict) or isinstance(value, NumberText):
        raise UnparsableError("properties_not_an_object")
    return parsed


def parse_value(kind: str, value: Any) -> Any:
    """Typed value of a cell; None and empty text are missing values.

    Raises:
        UnparsableError: with the quarantine code, where the kind's grammar does not know it.
    """
    if value is None or value == "":
        return None
    if kind == "text":
        return text_of(value)
    if kind == "instant":
        return parse_instant(value)
    if kind == "date":
        return parse_date(value)
    if kind == "amount":
        amount = _fixed(value, 2)
        if abs(amount) >= Decimal(10) ** 13:
            raise UnparsableError("unparsable_number")
        return amount
    if kind == "rate":
        return _fixed(value, 16, digits=23)
    if kind == "integer":
        return _integer(value)
    if kind == "number":
        return _double(value)
    if kind == "boolean":
        return _boolean(value)
    return _json_object(value)
