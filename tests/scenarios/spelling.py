"""How a value stands in a file: every spelling that the input contract allows for its kind."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.scenarios import contract

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# (suffix, minutes east of UTC)
_ZONES = (
    ("Z", 0),
    ("z", 0),
    ("", 0),
    ("+00:00", 0),
    ("-00:00", 0),
    ("+02:00", 120),
    ("-0530", -330),
    ("+01", 60),
    ("+05:45", 345),
    ("-11:00", -660),
)

_TRUE = ("true", "TRUE", "True", "1", "yes", "Yes", "YES")
_FALSE = ("false", "FALSE", "False", "0", "no", "No", "NO")


class Raw(str):
    """A value that stands in the file exactly as it is: how bad rows get their bad values."""


def epoch_milliseconds(instant: datetime) -> int | None:
    """Milliseconds since 1970, or None where the instant is finer than that."""
    since = instant - _EPOCH
    return None if since % _MILLISECOND else since // _MILLISECOND


def instant_text(rng: random.Random, instant: datetime) -> str:
    """An instant as ISO 8601 with or without a zone, or as epoch milliseconds."""
    milliseconds = epoch_milliseconds(instant)
    if milliseconds is not None and rng.random() < 0.2:
        return rng.choice((str(milliseconds), str(milliseconds), f"+{milliseconds}"))
    suffix, minutes = rng.choice(_ZONES)
    local = instant.astimezone(timezone(timedelta(minutes=minutes)))
    at_midnight = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    if not suffix and at_midnight and rng.random() < 0.5:
        return local.strftime("%Y-%m-%d")
    text = local.strftime("%Y-%m-%d") + rng.choice("TT t") + local.strftime("%H:%M")
    if local.second or local.microsecond or rng.random() < 0.8:
        text += local.strftime(":%S")
        fraction = f"{local.microsecond:06d}"
        if local.microsecond:
            # What lies beyond the microseconds is cut off, never rounded up.
            text += "." + rng.choice((fraction, fraction + "999", fraction.rstrip("0")))
        elif rng.random() < 0.3:
            text += rng.choice((".0", ".000", ".000000", ".0000009"))
    text += suffix
    return f" {text} " if rng.random() < 0.05 else text


def date_text(rng: random.Random, day: date) -> str:
    """A date as such, or as an instant on that day in UTC."""
    if rng.random() < 0.7:
        return day.isoformat()
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return instant_text(rng, midnight + timedelta(hours=rng.choice((0, 1, 12, 23))))


def number_text(rng: random.Random, number: Decimal) -> str:
    """A number with or without sign, needless zeros, exponent and blanks around it."""
    plain = f"{number:f}"
    spelling = rng.choice(("plain", "plain", "plain", "zeros", "plus", "exponent", "blanks"))
    if spelling == "zeros":
        return plain + ("0" if "." in plain else ".00")
    if spelling == "plus" and number >= 0:
        return f"+{plain}"
    if spelling == "exponent":
        return f"{number * 10:f}{rng.choice('eE')}-1"
    if spelling == "blanks":
        return f" {plain} "
    return plain


def as_text(rng: random.Random, kind: str, value: Any) -> str:
    """A value as text, as it may stand in a CSV or in a text column."""
    if isinstance(value, str):
        return value
    if kind == contract.INSTANT:
        return instant_text(rng, value)
    if kind == contract.DATE:
        return date_text(rng, value)
    if kind == contract.BOOLEAN:
        return rng.choice(_TRUE if value else _FALSE)
    if kind == contract.JSON:
        separators = rng.choice(((", ", ": "), (",", ":")))
        return json.dumps(value, ensure_ascii=rng.random() < 0.5, separators=separators)
    return number_text(rng, Decimal(str(value)))


def as_json(rng: random.Random, kind: str, column: str, value: Any) -> Any:
    """A value as it may stand in NDJSON: as JSON's own type or as text."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        # An id beyond 2^53 loses digits in whoever reads JSON numbers as doubles.
        if column.endswith("_id") and is_plain_number(value) and rng.random() < 0.5:
            return int(value)
        return value
    if kind == contract.INSTANT:
        milliseconds = epoch_milliseconds(value)
        if milliseconds is not None and rng.random() < 0.3:
            return milliseconds
        return instant_text(rng, value)
    if kind == contract.DATE:
        return date_text(rng, value)
    if kind == contract.BOOLEAN:
        return rng.choice((value, value, int(value), as_text(rng, kind, value)))
    if kind == contract.JSON:
        return value
    if rng.random() < 0.3:
        return as_text(rng, kind, value)
    return int(value) if value == int(value) else float(value)


def is_plain_number(text: str) -> bool:
    """True for whole numbers whose text survives being read and written as a number."""
    return text.isascii() and text.isdigit() and not text.startswith("0")
