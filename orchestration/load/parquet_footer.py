"""Whether the schema of a Parquet file is too large or too deep, told before a library reads it.

Libraries call themselves for each level of a schema, and compare each column with all: a file of a
megabyte that has a hundred thousand of either ends the process, or keeps it for hours. The footer
is in Thrift's compact protocol, of which this knows as much as leads to the schema.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# A schema of ten times as much takes seconds, and one of far more hours.
MAX_LEVELS = 100
MAX_ELEMENTS = 10_000

# Types of the protocol. Maps are no part of a Parquet footer.
_TRUE, _FALSE, _BYTE = 1, 2, 3
_INTEGERS = (4, 5, 6)
_DOUBLE, _BINARY, _LIST, _SET = 7, 8, 9, 10
_STRUCT = 12

# Of the file's metadata and of a schema's element.
_SCHEMA_FIELD = 2
_CHILDREN_FIELD = 5

# Nothing before the schema is nested deeper than this.
_SKIPPED_DEPTH = 50


class _Reader:
    """Reads values one after the other. IndexError where there are none left."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def byte(self) -> int:
        self._position += 1
        return self._data[self._position - 1]

    def unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self) -> int:
        value = self.unsigned()
        return (value >> 1) ^ -(value & 1)

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and type of each field of a struct; the value is to be read or skipped."""
        number = 0
        while header := self.byte():
            number = number + (header >> 4) if header >> 4 else self.signed()
            yield number, header & 0x0F

    def list_header(self) -> tuple[int, int]:
        """Size and type of the elements of a list."""
        header = self.byte()
        return (header >> 4 if header >> 4 < 15 else self.unsigned()), header & 0x0F

    def skip(self, kind: int, depth: int = 0, is_field: bool = True) -> None:
        """Leave out a value. ValueError where it is of no known type or nested too deep."""
        if depth > _SKIPPED_DEPTH:
            raise ValueError(depth)
        if kind in (_TRUE, _FALSE):
            self._position += not is_field  # a field's type is its value
        elif kind == _BYTE:
            self._position += 1
        elif kind in _INTEGERS:
            self.unsigned()
        elif kind == _DOUBLE:
            self._position += 8
        elif kind == _BINARY:
            size = self.unsigned()
            self._position += size
        elif kind in (_LIST, _SET):
            size, element = self.list_header()
            for _ in range(size):
                self.skip(element, depth + 1, is_field=False)
        elif kind == _STRUCT:
            for _, field in self.fields():
                self.skip(field, depth + 1)
        else:
            raise ValueError(kind)


def _excess(footer: bytes) -> str | None:
    reader = _Reader(footer)
    for number, kind in reader.fields():
        if number == _SCHEMA_FIELD:
            break
        reader.skip(kind)
    size, _ = reader.list_header()
    if size > MAX_ELEMENTS:
        return (
            f"its schema has {size:,} elements: leave some out, so that {MAX_ELEMENTS:,} are left"
        )
    # How many children each open element still waits for.
    waiting: list[int] = []
    for _ in range(size):
        children = 0
        for field, kind in reader.fields():
            if field == _CHILDREN_FIELD:
                children = reader.signed()
            else:
                reader.skip(kind)
        while waiting and waiting[-1] == 0:
            waiting.pop()
        if waiting:
            waiting[-1] -= 1
        waiting.append(children)
        if len(waiting) > MAX_LEVELS + 1:  # the root is none
            return f"its columns are nested more than {MAX_LEVELS} deep: write them flatter"
    return None


def schema_excess(path: Path) -> str | None:
    """Why a Parquet file's schema is more than is to be read; None if it isn't, or can't be told.

    Raises OSError where reading fails.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 8))
        length = int.from_bytes(file.read(4), "little")
        if file.read(4) != b"PAR1" or length > size - 8:
            return None
        file.seek(size - 8 - length)
        footer = file.read(length)
    try:
        return _excess(footer)
    except (IndexError, ValueError):
        return None
