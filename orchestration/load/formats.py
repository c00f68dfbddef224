"""From a landing file to a source of its format."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from orchestration.load.blocks import ReadFailedError, UnreadableFileError, reading
from orchestration.load.contracts import Table
from orchestration.load.csv_source import CsvSource
from orchestration.load.ndjson_source import NdjsonSource
from orchestration.load.parquet_source import ParquetSource
from orchestration.load.source import Source

# How much of a text file is looked at to tell its form.
_HEAD_BYTES = 1024 * 1024

# What a gzip file may unpack to: so much in any case, beyond it so many times what was read of it.
# Zeros are packed to a thousandth, and text of rows to a hundredth at best.
UNPACKED_BYTES = 256 * 1024 * 1024
UNPACKED_RATIO = 300

_OTHER_FORMATS = {
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "gzip-compressed",
    b"PK\x03\x04": "a zip or Excel file",
    b"(\xb5/\xfd": "zstd-compressed",
    b"BZh": "bzip2-compressed",
    b"\xfd7zXZ": "xz-compressed",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"SQLite format 3": "an SQLite file",
    b"%PDF": "a PDF file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


def unpack(packed: Path, unpacked: Path) -> None:
    """Decompress a gzip file.

    Raises UnreadableFileError if it is damaged, cut short or unpacks to far more than its size,
    ReadFailedError where reading fails, OSError where writing fails.
    """
    with reading():
        packed_file = packed.open("rb")
    with (
        packed_file,
        gzip.GzipFile(fileobj=packed_file, mode="rb") as source,
        unpacked.open("wb") as target,
    ):
        size = 0
        while block := _unpacked_block(source):
            size += len(block)
            if size > max(UNPACKED_BYTES, UNPACKED_RATIO * packed_file.tell()):
                raise UnreadableFileError(
                    f"it unpacks to more than {UNPACKED_RATIO} times its size, and more than"
                    f" {UNPACKED_BYTES // 1024**2} MB: unpack it yourself, if it is meant so"
                )
            target.write(block)


def _unpacked_block(source: gzip.GzipFile) -> bytes:
    try:
        with reading():
            return source.read(1024 * 1024)
    except EOFError:
        raise UnreadableFileError(
            "the gzip file ends too early: copy it again, completely"
        ) from None
    except (ReadFailedError, zlib.error) as error:
        # Of gzip's complaints, this one is an OSError.
        if isinstance(error, ReadFailedError) and not isinstance(error.__cause__, gzip.BadGzipFile):
            raise
        raise UnreadableFileError("it is no whole gzip file: compress it again") from None


def open_source(table: Table, file_format: str, path: Path, threads: int) -> Source:
    """Open a file that lies unpacked.

    Raises UnreadableFileError where its content isn't what it is said to be, ReadFailedError where
    reading fails.
    """
    if file_format == "parquet":
        return ParquetSource(table, path)
    with reading():
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        _check_text(head, file_format)
        if file_format == "csv":
            return CsvSource(table, path, head, threads)
        return NdjsonSource(table, path, head, threads)


def _check_text(head: bytes, file_format: str) -> None:
    for beginning, description in _OTHER_FORMATS.items():
        if head.startswith(beginning):
            raise UnreadableFileError(
                f"its content is {description}, not {file_format.upper()} in UTF-8: rename or"
                " convert it"
            )
    if b"\0" in head:
        raise UnreadableFileError(f"its content is no text: write {file_format.upper()} in UTF-8")
