"""An exact splitter of CSV text into records and fields, for files that aren't wholly well-formed.

The rules: a field that begins with a quote ends at the next quote that isn't doubled, and must be
followed by a delimiter or the end of the record; it may hold delimiters and line ends. A quote
inside a field that doesn't begin with one is a character like any other. Blank lines are no
records. A record that breaks these rules spoils its first line only: reading goes on with the line
after it, so that one stray quote doesn't swallow the rest of a file.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

# A quote that is never closed would take the rest of a file into memory while it is looked for.
MAX_RECORD_BYTES = 32 * 1024 * 1024

# The rest of a quoted field, and the quote that closes it.
_QUOTED = re.compile(rb'((?:[^"]|"")*+)"')


@dataclass(frozen=True)
class Record:
    """One record: its text without the line end, and its fields (None: it does not parse)."""

    raw: bytes
    fields: list[bytes] | None


def _split_lines(file: BinaryIO, line_end: bytes) -> Iterator[bytes]:
    """Lines of a file, their ends included."""
    if line_end == b"\n":
        yield from file
        return
    rest = b""
    while block := file.read(1 << 20):
        *lines, rest = (rest + block).split(line_end)
        for line in lines:
            yield line + line_end
    if rest:
        yield rest


def _without_end(line: bytes) -> bytes:
    if line.endswith(b"\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith((b"\n", b"\r")) else line


class _FieldSplitter:
    """Splits a record into fields as its lines come; each byte is looked at once."""

    def __init__(self, delimiter: bytes) -> None:
        self.fields: list[bytes] = []
        self.is_broken = False
        self._delimiter = delimiter
        # The lines of a quoted field whose end hasn't come yet.
        self._unclosed: list[bytes] | None = None

    @property
    def wants_more(self) -> bool:
        """Whether the line that came last ends inside a quoted field."""
        return self._unclosed is not None

    def add(self, line: bytes) -> None:
        """Take the next line, with its end."""
        text = _without_end(line)
        position = 0
        while True:
            if self._unclosed is None and text.startswith(b'"', position):
                self._unclosed = []
                position += 1
            if self._unclosed is None:
                stop = text.find(self._delimiter, position)
                stop = len(text) if stop < 0 else stop
                self.fields.append(text[position:stop])
                position = stop
            else:
                match = _QUOTED.match(text, position)
                if match is None:
                    self._unclosed.append(line[position:])
                    return
                field = b"".join([*self._unclosed, match.group(1)])
                self.fields.append(field.replace(b'""', b'"'))
                self._unclosed = None
                position = match.end()
            if position == len(text):
                return
            if not text.startswith(self._delimiter, position):
                self.is_broken = True
                return
            position += 1


class RecordReader:
    """Records of an open file from where it stands, the header among them, blank lines not.

    ``consumed``: bytes from there to the end of the record that came last.
    """

    def __init__(self, file: BinaryIO, delimiter: bytes, line_end: bytes = b"\n") -> None:
        self.consumed = 0
        self._delimiter = delimiter
        self._lines = _split_lines(file, line_end)
        self._waiting: deque[bytes] = deque()

    def _next_line(self) -> bytes | None:
        return self._waiting.popleft() if self._waiting else next(self._lines, None)

    def __iter__(self) -> Iterator[Record]:
        return self

    def __next__(self) -> Record:
        while True:
            line = self._next_line()
            if line is None:
                raise StopIteration
            text = _without_end(line)
            if text:
                break
            self.consumed += len(line)
        if b'"' not in text:
            self.consumed += len(line)
            return Record(text, text.split(self._delimiter))
        return self._quoted_record(line)

    def _quoted_record(self, first: bytes) -> Record:
        splitter = _FieldSplitter(self._delimiter)
        splitter.add(first)
        taken = [first]
        size = len(first)
        while splitter.wants_more and size <= MAX_RECORD_BYTES:
            line = self._next_line()
            if line is None:
                break
            splitter.add(line)
            taken.append(line)
            size += len(line)
        if splitter.wants_more or splitter.is_broken:
            self._waiting.extendleft(reversed(taken[1:]))
            self.consumed += len(first)
            return Record(_without_end(first), None)
        self.consumed += size
        return Record(_without_end(b"".join(taken)), splitter.fields)
