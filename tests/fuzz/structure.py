"""Faults in the structure of CSV and NDJSON, as tools and people make them."""

from __future__ import annotations

import json
import random

from tests.fuzz.tables import Grid, csv_lines, ndjson_lines
from tests.fuzz.values import COLUMNS, JSONS, NUMBERS, hostile

_CSV_FIELDS = (
    *('"', '""', '"""', '"a', 'a"', '"a"b', 'a"b"c', '" "', '"a\nb"', '"\r"', '"a""', "'a,b'", ""),
    *(" ", "\t", ",", ",,,,", ";", "\\,", "\x00", "\r", "\n", "\n\n", "x" * 70_000, '"' * 1001),
)


def spoiled_csv(rng: random.Random, grid: Grid) -> bytes:
    """CSV with one or two faults in its header, records or quotes."""
    if rng.random() < 0.4:
        grid = Grid(grid.table, _spoiled_names(rng, grid.columns), grid.rows)
    records, end = csv_lines(rng, grid)
    for _ in range(rng.choice((0, 1, 1, 3))):
        position = rng.randrange(len(records))
        record = records[position]
        spoil = rng.randrange(6)
        if spoil == 0:
            records[position] = record + rng.choice((",", ";", "\t", ",x", '"', '","'))
        elif spoil == 1:
            records[position] = record.rpartition(rng.choice((",", ";", '"')))[0]
        elif spoil == 2:
            cut = rng.randrange(len(record) + 1)
            records[position] = record[:cut] + rng.choice(_CSV_FIELDS) + record[cut:]
        elif spoil == 3:
            fields = record.split(",")
            fields[rng.randrange(len(fields))] = rng.choice(_CSV_FIELDS)
            records[position] = ",".join(fields)
        elif spoil == 4:
            records[position] = record.replace('"', rng.choice(("'", "“", "", '"""')))
        else:
            records.insert(position, rng.choice(("", " ", "# comment", record, "sep=;", "\ufeff")))
    text = end.join(records) + rng.choice((end, "", end * 3, "\x1a"))
    return text.encode("utf-8")


def _spoiled_names(rng: random.Random, columns: list[str]) -> list[str]:
    names = list(columns)
    position = rng.randrange(len(names))
    spoil = rng.randrange(8)
    if spoil == 0:
        names[position] = rng.choice(names)
    elif spoil == 1:
        names[position] = rng.choice(("", " ", "\x00", '"', *COLUMNS))
    elif spoil == 2:
        names = [rng.choice((name, name.upper(), f" {name} ", name.title())) for name in names]
    elif spoil == 3:
        names.pop(position)
    elif spoil == 4:
        names += [f"column {number}" for number in range(rng.choice((1, 50, 700)))]
    elif spoil == 5:
        names = []
    elif spoil == 6:
        names[position] = names[position].replace("i", "\u0131").replace("k", "\u212a")
    else:
        names = ["" for _ in names]
    return names


def nested(rng: random.Random, depth: int) -> str:
    """JSON that is nested so deep."""
    if rng.random() < 0.5:
        return "[" * depth + "]" * depth
    return '{"a":' * depth + "1" + "}" * depth


def spoiled_ndjson(rng: random.Random, grid: Grid) -> bytes:
    """Lines of JSON with one or two faults."""
    lines = ndjson_lines(rng, grid)
    for position in rng.sample(range(len(lines)), min(len(lines), rng.choice((1, 1, 2, 4)))):
        lines[position] = _spoiled_line(rng, grid, lines[position])
    return (rng.choice(("\n", "\n", "\r\n", "\n\n")).join(lines) + rng.choice(("\n", ""))).encode()


def _spoiled_line(rng: random.Random, grid: Grid, line: str) -> str:
    name = rng.choice(grid.columns)
    opened = line[:-1] + ("," if len(line) > 2 else "")
    spoil = rng.randrange(14)
    if spoil == 0:
        depth = rng.choice((3, 100, 900, 1500, 20_000, 200_000))
        return opened + json.dumps(rng.choice((name, "deep"))) + f":{nested(rng, depth)}}}"
    if spoil == 1:
        return opened + f"{json.dumps(name)}:{rng.choice(NUMBERS)}}}"
    if spoil == 2:
        return opened + f"{json.dumps(name)}:{rng.choice(JSONS)}}}"
    if spoil == 3:
        return opened + f'{json.dumps(rng.choice((name, name.upper(), name + " ")))}:"again"}}'
    if spoil == 4:
        key = rng.choice(
            ("", "\\u0000", "\\ud800", "$", 'a\\"b', "\\u0065vent_id", *map(_inner, COLUMNS))
        )
        return opened + f'"{key}":{rng.choice(("1", "null", "[]", "{}"))}}}'
    if spoil == 5:
        text = rng.choice(
            ("\\ud800", "\\udc00\\ud800", "\\u0000", "\\x41", "\\", "\t", "\x00", "\\uD83D")
        )
        return opened + f'{json.dumps(name)}:"{text}"}}'
    if spoil == 6:
        cut = rng.randrange(len(line) + 1)
        return (
            line[:cut]
            + rng.choice(("\n", '"', "{", "}", ",", "\x00", "\ufeff", "//", ""))
            + line[cut:]
        )
    if spoil == 7:
        return rng.choice(
            (f"[{line}]", line + line, line + ",", f"({line})", f"{line} // x", line[:-1])
        )
    if spoil == 8:
        return rng.choice(
            ("[]", "{}", "null", "1", '"x"', "", " ", "\t", "\ufeff{}", "\x0c", "NaN", "{]")
        )
    if spoil == 9:
        return json.dumps({key.upper(): value for key, value in json.loads(line).items()})
    if spoil == 10:
        return (
            opened
            + '"huge":'
            + rng.choice(("9" * 5000, f'"{"x" * 300_000}"', "1." + "0" * 9000))
            + "}"
        )
    if spoil == 11:
        return opened + ",".join(f'"k{number}":{number}' for number in range(1200)) + "}"
    if spoil == 12:
        return line.replace('"', "'")
    return opened + f"{json.dumps(name)}:{json.dumps([hostile(rng, grid.table.columns[0].kind)])}}}"


def _inner(text: str) -> str:
    """A text as JSON writes it, without its quotes."""
    return json.dumps(text)[1:-1]
