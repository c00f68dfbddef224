"""Lines of JSON become rows as Python's own strict reader understands them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.load import blocks
from orchestration.load.contracts import TABLES
from orchestration.load.convert import Converter
from orchestration.load.landing import LandingFile
from orchestration.load.ndjson_source import quote_numbers

_COLUMNS = ("user_id", "name", "team", "business_unit")


class Number(str):
    """A number as it is written."""


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def parse(line: str) -> dict[str, Any] | None:
    """The object of a line, or None. Of a key that is there twice, the first counts."""
    try:
        parsed = json.loads(
            line,
            parse_int=Number,
            parse_float=Number,
            parse_constant=_no_constant,
            object_pairs_hook=_first_of_each,
        )
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def as_text(value: Any) -> str | None:
    """The text of a value that isn't nested."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or None


def convert(content: bytes) -> tuple[list[tuple[Any, ...]], list[int]]:
    """Good rows with their numbers, and the numbers of bad rows, of a file of users."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("set threads = 2")
        path = Path(folder) / "a.ndjson"
        path.write_bytes(content)
        file = LandingFile(path, "users/a.ndjson", "users", "ndjson")
        converted = Converter(
            file, TABLES["users"], "hash", 1, connection, Path(folder), "x"
        ).convert(2)
        names = ", ".join(("_row_number", *_COLUMNS, "_extra"))
        rows = f"select {names} from read_parquet('{converted.raw}') order by _row_number"
        good = connection.execute(rows).fetchall()
        bad = []
        if converted.quarantine:
            rows = f"select row_number from read_parquet('{converted.quarantine}') order by all"
            bad = connection.execute(rows).fetchall()
        return good, [number for (number,) in bad]


_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=6).filter(lambda text: "\0" not in text),
    st.integers(-(10**25), 10**25).map(lambda n: Number(n)),
    st.sampled_from(["1.10", "-0.0", "1e2", "12E-3", "0.1234567890123456789"]).map(Number),
)
_nested = st.recursive(
    st.one_of(st.none(), st.booleans(), st.sampled_from(["NaN, ", ",]", ": inf", '"', "\\"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab,"), inner, max_size=3)
    ),
    max_leaves=5,
)
_keys = st.sampled_from([*_COLUMNS, "user_id", "other", "ö\"'", "a.b", "$", ""])


def write_value(value: Any) -> str:
    """JSON of a value."""
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


def write_object(pairs: list[tuple[str, Any]], blank: str) -> str:
    """JSON of an object, keys as often as they come."""
    inner = f",{blank}".join(f"{json.dumps(key)}{blank}:{write_value(v)}" for key, v in pairs)
    return f"{blank}{{{inner}}}{blank}"


_good_lines = st.builds(
    write_object,
    st.lists(st.tuples(_keys, st.one_of(_scalars, _nested)), max_size=6),
    st.sampled_from(["", "", " ", "\t"]),
)
_bad_lines = st.sampled_from(
    [
        *("{", "}", "[]", '"x"', "1", "null", "nope", "{} {}", '{"user_id"}', "{'user_id': 1}"),
        *('{"user_id": "x",}', '{"user_id": NaN}', '{"user_id": [1, ]}'),
        '{"name": -Infinity, "user_id": "x"}',
    ]
)
_lines = st.lists(
    st.one_of(_good_lines, _good_lines, _good_lines, _bad_lines, st.sampled_from(["", " ", "\r"])),
    max_size=12,
)


@settings(max_examples=120, deadline=None)
@given(
    lines=_lines, end=st.sampled_from(["", "\n", "\r\n"]), size=st.sampled_from([1, 50, 1 << 22])
)
def test_lines_are_understood_as_python_understands_them(
    lines: list[str], end: str, size: int
) -> None:
    expected_good, expected_bad = [], []
    for number, line in enumerate(lines, start=1):
        row = parse(line)
        if not line.strip(" \t\r"):
            continue
        if row is None or row.get("user_id") in (None, ""):
            expected_bad.append(number)
        else:
            expected_good.append((number, row))
    content = ("\n".join(lines) + end).encode("utf-8", "surrogatepass")
    before = blocks.BLOCK_BYTES
    blocks.BLOCK_BYTES = size
    try:
        good, bad = convert(b'{"user_id": "first"}\n' + content)
    finally:
        blocks.BLOCK_BYTES = before
    assert bad == [number + 1 for number in expected_bad]
    assert [row[0] for row in good[1:]] == [number + 1 for number, _ in expected_good]
    for found, (_, row) in zip(good[1:], expected_good, strict=True):
        for column, text in zip(_COLUMNS, found[1:5], strict=True):
            value = row.get(column)
            if isinstance(value, (dict, list)):
                assert json.loads(text) == json.loads(write_value(value))
            else:
                assert text == as_text(value)
        extra = {key for key in row if key not in _COLUMNS}
        assert set(json.loads(found[5] or "{}")) == extra


def test_numbers_of_the_outermost_object_are_quoted_and_nothing_else() -> None:
    line = (
        '{"a": -1.50, "b 1.0": [1.0, {"c": 2}], "d": "x \\" 3.0", "e": 1e-2, "f": {"g": 7}, "h":8}'
    )
    assert quote_numbers(line) == (
        '{"a": "-1.50", "b 1.0": [1.0, {"c": 2}], "d": "x \\" 3.0", "e": "1e-2", "f": {"g": 7},'
        ' "h":"8"}'
    )


def test_a_line_without_end_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 10)
    monkeypatch.setattr(blocks, "MAX_LINE_BYTES", 1000)
    with pytest.raises(blocks.UnreadableFileError, match="it has a line of more than"):
        convert(b'{"user_id": "' + b"x" * 5000 + b'"}\n')


def test_lines_longer_than_a_block_are_read_wholly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 10)
    good, bad = convert(b'{"user_id": "' + b"x" * 5000 + b'"}\n{"user_id": "y"}')
    assert ([row[1] for row in good], bad) == (["x" * 5000, "y"], [])


@pytest.mark.parametrize("odd", ['{"user_id": 7}', "", "{", '{"User_ID": "a"}', '{"x": null}'])
@pytest.mark.parametrize("place", [0, 60, 119])
def test_a_line_that_is_not_plain_changes_nothing_for_the_others(
    monkeypatch: pytest.MonkeyPatch, odd: str, place: int
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 256)
    name = '"name": "\\u00e4 \\ud83d\\ude00"'
    plain = [f'{{"user_id": "a{number}", {name}}}' for number in range(120)]
    plain[40] = '{"name": "nobody"}'
    lines = [*plain[:place], odd, *plain[place:]]
    good, bad = convert("\n".join(lines).encode())
    expected_bad = [n for n, line in enumerate(lines, start=1) if '"nobody"' in line]
    if odd in ("{", '{"x": null}'):
        expected_bad.append(place + 1)
    assert bad == sorted(expected_bad)
    blank = {place + 1} if odd == "" else set()
    numbers = [n for n in range(1, 122) if n not in {*expected_bad, *blank}]
    assert [row[0] for row in good] == numbers
    assert {row[2] for row in good if row[1] not in ("7", "a")} == {"ä 😀"}


def test_plain_lines_are_not_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_ndjson_block", None)
    good, bad = convert(b'{"user_id": "a"}\r\n{"name": "b"}\r\n{"team": null, "user_id": "c"}')
    assert ([row[1] for row in good], bad) == (["a", "c"], [2])


@pytest.mark.parametrize("following", ["", '{"user_id": "c"}', '\n{"user_id": "c"}'])
def test_two_objects_on_a_line_are_a_bad_row(following: str) -> None:
    text = '{"user_id": "a"}{"user_id": "b"}\n' + following
    good, bad = convert(text.encode())
    assert bad == [1]
    assert [row[1] for row in good] == ["c"] * text.count("c")
