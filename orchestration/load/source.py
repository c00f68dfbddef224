"""What the file formats have in common: a source is a file that a query can read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from orchestration.load.blocks import BYTE_ORDER_MARK, Block, UnreadableFileError
from orchestration.load.contracts import Table

# A query over more takes its time and memory for naming them.
MAX_COLUMNS = 2_000


def text_start(head: bytes) -> int:
    """Where a UTF-8 file's text begins: behind its byte-order mark, if it has one."""
    return len(BYTE_ORDER_MARK) if head.startswith(BYTE_ORDER_MARK) else 0


class Source(ABC):
    """An opened file of one table, to be read as a whole by a query.

    ``extra_columns``: columns that the contract doesn't know, in the order of the file.
    """

    # Under this name a source may register what its query reads.
    relation = "landing_rows"

    def __init__(self, table: Table) -> None:
        self.table = table
        self.extra_columns: list[str] = []

    @abstractmethod
    def query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        """The query of ``select_rows`` over this file, to be run once on the connection.

        UnreadableFileError where the file turns out not to be what it is said to be.
        """

    @property
    def rows_read(self) -> int | None:
        """Rows that went into the query so far; None where that isn't known."""
        return None

    @property
    def failure(self) -> BaseException | None:
        """What went wrong on the way into a query that failed, if it was that."""
        return None

    def explain(self, error: Exception) -> UnreadableFileError | None:
        """What a query's error says about the file; None if it says nothing."""
        del error
        return None

    def tries_again_after(self, error: Exception) -> bool:
        """Whether another query, made from now on, may do where this one failed."""
        del error
        return False

    def tries_again_for(self, keys: list[str], needs_number_texts: bool) -> bool:
        """Whether what a query found asks for another one, made from now on.

        ``keys``: the names of unknown columns, and all names in bad rows. ``needs_number_texts``:
        a row was marked by NEEDS_NUMBER_TEXTS.
        """
        del keys, needs_number_texts
        return False

    def row_texts(self, row_numbers: list[int]) -> dict[int, str]:
        """Rows as they came by their number, for those whose text the query couldn't give."""
        del row_numbers
        return {}


class BlockStream:
    """Feeds blocks to DuckDB as one stream of record batches, with a number for each row."""

    def __init__(self, fields: list[pa.Field], blocks: Iterator[Block]) -> None:
        self.rows = 0
        self.failure: BaseException | None = None
        # Where each block begins: its first row's number, and its place in the file.
        self.first_rows: list[int] = []
        self.starts: list[int] = []
        self._blocks = blocks
        self._schema = pa.schema(
            [*fields, pa.field("broken", pa.string()), pa.field("row_number", pa.int64())]
        )

    def block_of(self, row_number: int) -> int:
        """Position of the block that holds the row of that number."""
        return bisect_right(self.first_rows, row_number) - 1

    def reader(self) -> pa.RecordBatchReader:
        """The stream, to be read once."""
        return pa.RecordBatchReader.from_batches(self._schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for block in self._blocks:
                if block.rows == 0:
                    continue
                first = self.rows + 1
                self.first_rows.append(first)
                self.starts.append(block.start)
                numbers = pa.arange(first, first + block.rows)
                yield pa.RecordBatch.from_arrays(
                    [*block.columns, block.broken, numbers], schema=self._schema
                )
                self.rows += block.rows
        except BaseException as error:
            # DuckDB would tell it as an error of its own.
            self.failure = error
            raise


def column_names(table: Table, names: list[str]) -> list[str]:
    """Names of a file's columns: the contract's in lower case, others as they are.

    Raises UnreadableFileError for names that come twice, required columns that are missing and
    more columns than a query can take.
    """
    if len(names) > MAX_COLUMNS:
        raise UnreadableFileError(
            f"it has {len(names):,} columns: leave some out, so that {MAX_COLUMNS:,} are left"
        )
    known = set(table.column_names)
    found: list[str] = []
    for position, name in enumerate(names, start=1):
        plain = name.strip()
        found.append(plain.lower() if plain.lower() in known else plain or f"column_{position}")
    missing = [
        column.name for column in table.columns if column.required and column.name not in found
    ]
    if missing:
        told = (
            f"the required column {missing[0]} of {table.name} is missing: add it"
            if len(missing) == 1
            else f"the required columns {', '.join(missing)} of {table.name} are missing: add them"
        )
        if table.association_time in missing:
            told += (
                f" (or, where the source has no {table.association_time}, set association_history"
                " to snapshot)"
            )
        raise UnreadableFileError(told)
    counts = Counter(name.lower() for name in found)
    repeated = sorted(name for name, count in counts.items() if count > 1)
    if repeated:
        raise UnreadableFileError(
            f"the column {', '.join(repeated)} is there more than once: keep one"
        )
    return found
