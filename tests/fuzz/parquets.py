"""Parquet files of every type, encoding and compression that their writer knows."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.tables import Grid

_WHOLE = (*(0, 1, -1, 7, 2**31 - 1, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63), 1_717_163_109_000),)
_FLOATS = (
    *(0.0, -0.0, 1.5, 1e308, 5e-324, float("nan"), float("inf"), -float("inf"), 1.7e12, 7.0),
)
_TEXTS = (
    *("x", "", "'; drop table campaigns; --", "{{ 1 / 0 }}", "\0", "\U0001f600", "2025-05-01", "7"),
)
_ZONES = (None, "UTC", "Europe/Berlin", "+14:00", "-00:30")

Maker = Callable[[random.Random, int], pa.Array]


def _of(values: tuple[Any, ...], kind: pa.DataType) -> Maker:
    """Arrays of some of these values, with nulls; those beyond the type's range become null."""

    def make(rng: random.Random, rows: int) -> pa.Array:
        taken = [rng.choice((None, *values)) for _ in range(rows)]
        try:
            return pa.array(taken, kind)
        except (pa.ArrowException, OverflowError, ValueError, TypeError):
            return pa.array([_fitting(value, kind) for value in taken], kind)

    return make


def _fitting(value: Any, kind: pa.DataType) -> Any:
    try:
        pa.array([value], kind)
    except (pa.ArrowException, OverflowError, ValueError, TypeError):
        return None
    return value


def _timestamps(rng: random.Random, rows: int) -> pa.Array:
    unit = rng.choice(("s", "ms", "us", "ns"))
    edges = (0, -1, 1, 2**62, -(2**62), 2**63 - 1, -(2**63) + 1, 253_402_300_800, -62_135_596_801)
    values = [rng.choice((None, 1_717_163_109, *edges)) for _ in range(rows)]
    return pa.array(values, pa.int64()).cast(pa.timestamp(unit, rng.choice(_ZONES)))


def _dates(rng: random.Random, rows: int) -> pa.Array:
    edges = (None, 0, 20_209, -719_162, -719_163, 2_932_896, 2_932_897, 2**31 - 1, -(2**31))
    return pa.array([rng.choice(edges) for _ in range(rows)], pa.int32()).cast(pa.date32())


def _dictionary(rng: random.Random, rows: int) -> pa.Array:
    return _of(_TEXTS, pa.string())(rng, rows).dictionary_encode()


def _halves(rng: random.Random, rows: int) -> pa.Array:
    values = [rng.choice((0.0, -0.5, 65504.0, float("inf"), float("nan"))) for _ in range(rows)]
    return pa.array(np.array(values, dtype=np.float16))


def _deep(rng: random.Random, rows: int) -> pa.Array:
    array = _of(_WHOLE[:4], pa.int64())(rng, rows)
    for _ in range(rng.choice((1, 5, 40))):
        if rng.random() < 0.5:
            array = pa.StructArray.from_arrays([array], ["a"])
        else:
            array = pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), array)
    return array


_NESTED = (
    _of(([], [None], ["a", "'"], ["x"] * 50), pa.list_(pa.string())),
    _of(({"a": None}, {"a": 1}), pa.struct([("a", pa.int64()), ("B", pa.list_(pa.bool_()))])),
    _of(([("a", 1)], [("{{ x }}", None)], []), pa.map_(pa.string(), pa.int64())),
    _of(([1, 2],), pa.list_(pa.int16(), 2)),
    _deep,
)

MAKERS: tuple[Maker, ...] = (
    *(_of(_WHOLE, kind()) for kind in (pa.int8, pa.int16, pa.int32, pa.int64)),
    *(_of((*_WHOLE, 2**64 - 1), kind()) for kind in (pa.uint8, pa.uint16, pa.uint32, pa.uint64)),
    *(_of(_FLOATS, kind()) for kind in (pa.float32, pa.float64)),
    *(_halves, _timestamps, _timestamps, _dates, _dictionary),
    *_NESTED,
    _of((Decimal("1.5"), Decimal("-0.01"), Decimal(9) ** 30), pa.decimal128(38, 2)),
    _of((Decimal("1.5"), Decimal(10) ** 60), pa.decimal256(76, 10)),
    _of((Decimal(3), Decimal(99)), pa.decimal128(2, 0)),
    _of((True, False), pa.bool_()),
    _of((date(1, 1, 1), date(9999, 12, 31)), pa.date64()),
    _of((datetime(2025, 5, 1, tzinfo=UTC),), pa.timestamp("us", "UTC")),
    _of((timedelta(days=-3), timedelta(0)), pa.duration("us")),
    _of((0, 86_399_999), pa.time32("ms")),
    _of((0, 86_399_999_999), pa.time64("us")),
    _of((b"", b"\0", b"\xff\xfe", b"plain", b"\xed\xa0\x80"), pa.binary()),
    _of((bytes(16), b"0123456789abcdef"), pa.binary(16)),
    _of(_TEXTS, pa.large_string()),
    _of(_TEXTS, pa.string_view()),
    lambda rng, rows: pa.nulls(rows),
)


def texts(grid: Grid) -> pa.Table:
    """The grid as columns of texts."""
    columns = [
        pa.array([row[position] or None for row in grid.rows], pa.string())
        for position in range(len(grid.columns))
    ]
    return pa.Table.from_arrays(columns, grid.columns)


def of_odd_types(rng: random.Random, grid: Grid) -> pa.Table:
    """The grid with some columns of other types, and of values at the edges of these."""
    table = texts(grid)
    for _ in range(rng.choice((1, 1, 2, 5))):
        position = rng.randrange(table.num_columns)
        name = rng.choice((table.column_names[position], table.column_names[position], "odd"))
        array = rng.choice(MAKERS)(rng, table.num_rows)
        if name == "odd":
            table = table.append_column(name, array)
        else:
            table = table.set_column(position, name, array)
    if rng.random() < 0.1:
        table = table.rename_columns(
            [rng.choice((n, n, n, n.upper(), "")) for n in table.column_names]
        )
    if rng.random() < 0.1:
        table = table.slice(0, 0)
    return table


def parquet_bytes(rng: random.Random, table: pa.Table) -> bytes:
    """The table as Parquet, written in one of the many ways."""
    target = io.BytesIO()
    is_plain = rng.random() < 0.5
    with pq.ParquetWriter(
        target,
        table.schema,
        compression=rng.choice(("none", "snappy", "gzip", "brotli", "zstd", "lz4")),
        version=rng.choice(("1.0", "2.4", "2.6")),
        data_page_version=rng.choice(("1.0", "2.0")),
        use_dictionary=is_plain,
        column_encoding=None if is_plain else _encodings(rng, table.schema),
        data_page_size=rng.choice((64, 1024, 1024**2)),
        write_statistics=rng.random() < 0.7,
        use_deprecated_int96_timestamps=rng.random() < 0.2,
        write_page_index=rng.random() < 0.3,
        write_page_checksum=rng.random() < 0.3,
        allow_truncated_timestamps=True,
        store_schema=rng.random() < 0.5,
    ) as writer:
        writer.write_table(table, row_group_size=rng.choice((1, 2, 1000)))
        if rng.random() < 0.1:
            writer.write_table(table.slice(0, 0))
    return target.getvalue()


def _encodings(rng: random.Random, schema: pa.Schema) -> dict[str, str]:
    found = {}
    for field in schema:
        if pa.types.is_string(field.type):
            found[field.name] = rng.choice(("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"))
        elif pa.types.is_int64(field.type) or pa.types.is_int32(field.type):
            found[field.name] = rng.choice(("PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"))
        elif pa.types.is_float64(field.type):
            found[field.name] = rng.choice(("PLAIN", "BYTE_STREAM_SPLIT"))
    return found
