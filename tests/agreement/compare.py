"""Compares the marts of the warehouse with those of the reference, row by row.

Everything is compared exactly but floats, which agree within `TOLERANCE`, in lists and structs too.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

Row = dict[str, Any]

# Enough to see a pattern, few enough to read.
SHOWN = 12

# How far two floats may lie apart: credits are sums whose order no rule fixes, and a share's exact
# value is no float. Above 1 it is a part of the value.
TOLERANCE = 1e-9


def differences(
    expected: Sequence[Row], actual: Sequence[Row], key: Sequence[str], name: str
) -> list[str]:
    """What differs between two tables, one line per row, over the columns of the expected rows.

    A row that one side lacks, a key that stands twice, and each differing column are told.
    """
    lines: list[str] = []
    expected_rows = _by_key(expected, key, f"{name}: the reference", lines)
    actual_rows = _by_key(actual, key, f"{name}: the warehouse", lines)
    for row_key in sorted(expected_rows.keys() | actual_rows.keys(), key=repr):
        wanted, found = expected_rows.get(row_key), actual_rows.get(row_key)
        if wanted is None:
            lines.append(f"{name} {row_key}: only in the warehouse: {found}")
        elif found is None:
            lines.append(f"{name} {row_key}: only in the reference: {wanted}")
        else:
            columns = [c for c in wanted if c not in found or not _same(wanted[c], found[c])]
            for column in columns:
                seen = found.get(column, "no such column")
                lines.append(
                    f"{name} {row_key}.{column}: {wanted[column]!r} wanted, {seen!r} found"
                )
    return lines


def summary(all_lines: Mapping[str, Sequence[str]]) -> str:
    """The differences of all marts, shortened for a test's message."""
    parts = []
    for name, lines in all_lines.items():
        if lines:
            parts.append(f"{name}: {len(lines)} differences")
            parts += [f"  {line}" for line in lines[:SHOWN]]
    return "\n".join(parts)


def _by_key(
    rows: Sequence[Row], key: Sequence[str], owner: str, lines: list[str]
) -> dict[tuple[Any, ...], Row]:
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        row_key = tuple(row[column] for column in key)
        if row_key in found:
            lines.append(f"{owner} has {row_key} twice")
        found[row_key] = row
    return found


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, float) and isinstance(found, float):
        return math.isclose(wanted, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(_same, wanted, found))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(_same(wanted[k], found[k]) for k in wanted)
    return type(wanted) is type(found) and wanted == found
