"""The grammar of values once more, in plain Python, to hold the SQL against."""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from orchestration.load.contracts import Kind

BLANKS = " \t\r\n"
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CLOCK = re.compile(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_EPOCH = datetime(1970, 1, 1)


def instant(text: str) -> datetime | None:
    """UTC instant of a text, or None."""
    text = text.strip(BLANKS)
    if re.fullmatch(r"[+-]?[0-9]+", text):
        # Python's clock knows the same years as the contract.
        try:
            return _EPOCH + timedelta(milliseconds=int(text))
        except OverflowError:
            return None
    day = _DAY.fullmatch(text[:10])
    if day is None:
        return None
    try:
        local = datetime(*map(int, day.groups()))
    except ValueError:
        return None
    if len(text) == 10:
        return local
    clock = _CLOCK.fullmatch(text[11:])
    if text[10] not in "Tt " or clock is None:
        return None
    hour, minute, second, fraction, zone = clock.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return None
    microsecond = int(((fraction or "") + "000000")[:6])
    local += timedelta(
        hours=int(hour), minutes=int(minute), seconds=int(second or 0), microseconds=microsecond
    )
    if zone is None or zone in "Zz":
        return local
    hours, minutes = int(zone[1:3]), int(zone[3:].removeprefix(":") or 0)
    if hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    try:
        return local + offset if zone[0] == "-" else local - offset
    except OverflowError:
        return None


def day(text: str) -> date | None:
    """Date of a text, or None."""
    found = instant(text)
    return found.date() if found else None


def _exact(text: str) -> Decimal | None:
    match = _NUMBER.fullmatch(text.strip(BLANKS))
    if match is None:
        return None
    sign, whole, fraction, exponent = match.groups()
    digits = (whole + (fraction or "")).lstrip("0")
    if not digits:
        return Decimal(0)
    shift = int(exponent or 0) - len(fraction or "")
    if len(digits) + shift > 400:
        return Decimal("Infinity")
    if len(digits) + shift < -400:
        return Decimal("1e-400") * (-1 if sign == "-" else 1)
    return Decimal((sign == "-", tuple(map(int, digits)), shift))


def fixed(text: str, places: int, digits: int = 18) -> Decimal | None:
    """DECIMAL(digits, places) of a text, half away from zero, or None."""
    value = _exact(text)
    if value is None or value.is_infinite():
        return None
    with localcontext() as context:
        context.prec = 2000
        rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return rounded + 0 if abs(rounded) < Decimal(10) ** (digits - places) else None


def whole(text: str) -> int | None:
    """BIGINT of a text, or None."""
    value = _exact(text)
    if value is None or value.is_infinite() or value != value.to_integral_value():
        return None
    return int(value) if -(2**63) <= int(value) < 2**63 else None


def double(text: str) -> float | None:
    """DOUBLE of a text, or None."""
    if _NUMBER.fullmatch(text.strip(BLANKS)) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def boolean(text: str) -> bool | None:
    """Boolean of a text, or None."""
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
        text.lower()
    )


def _no_constant(name: str) -> None:
    raise ValueError(name)


def json_object(text: str) -> str | None:
    """The text if it is a JSON object, or None."""
    try:
        parsed = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return text if isinstance(parsed, dict) else None


def value(text: str, kind: Kind) -> Any:
    """Value of that kind of a text, or None."""
    if text == "":
        return None
    return {
        Kind.TEXT: lambda: text,
        Kind.INSTANT: lambda: instant(text),
        Kind.DATE: lambda: day(text),
        Kind.AMOUNT: lambda: fixed(text, 2),
        Kind.RATE: lambda: fixed(text, 16, digits=23),
        Kind.INTEGER: lambda: whole(text),
        Kind.NUMBER: lambda: double(text),
        Kind.BOOLEAN: lambda: boolean(text),
        Kind.JSON: lambda: json_object(text),
    }[kind]()
