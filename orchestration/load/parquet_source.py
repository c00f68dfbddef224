"""Parquet files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.load.blocks import UnreadableFileError, reading
from orchestration.load.contracts import Table
from orchestration.load.parquet_footer import schema_excess
from orchestration.load.rows import ColumnSource, select_rows
from orchestration.load.source import Source, column_names
from orchestration.load.sql import QUERY_ERRORS, identifier, literal

# Names the file of a row where several are read together.
FILE_POSITION = "file_position"

# DuckDB's own columns beside those of a file.
_VIRTUAL_COLUMNS = {"file_index", "file_row_number"}


def _relation(paths: list[Path], options: str = "") -> str:
    names = ", ".join(literal(str(path)) for path in paths)
    return f"read_parquet([{names}], binary_as_string = true, hive_partitioning = false{options})"


def _top_level_names(schema: list[tuple[str, int | None]]) -> list[str]:
    """Names of the columns in a Parquet schema, which lists each field before its children."""
    names, open_fields = [], [1]
    for name, children in schema:
        while open_fields[-1] == 0:
            open_fields.pop()
        open_fields[-1] -= 1
        if len(open_fields) == 2:
            names.append(name)
        if children:
            open_fields.append(children)
    return names


@dataclass(frozen=True)
class ParquetShape:
    """What a Parquet file says of itself: its schema as text, its rows and their bytes unpacked."""

    schema: str
    rows: int
    size: int


def parquet_shape(path: Path) -> ParquetShape | None:
    """The shape of a Parquet file; None where it can't be told or allows no reading together."""
    try:
        if schema_excess(path) is not None:
            return None
        with pq.ParquetFile(path) as file:
            if _VIRTUAL_COLUMNS & {name.lower() for name in file.schema_arrow.names}:
                return None
            groups = range(file.metadata.num_row_groups)
            # The first line holds an address in memory.
            schema = str(file.schema).partition("\n")[2]
            size = sum(file.metadata.row_group(group).total_byte_size for group in groups)
            return ParquetShape(schema, file.metadata.num_rows, size)
    except (OSError, ValueError, pa.ArrowException):
        return None


class ParquetSource(Source):
    """A Parquet file."""

    def __init__(self, table: Table, path: Path) -> None:
        super().__init__(table)
        self._path = path

    def query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        """The query over this file; see Source."""
        return self._query(connection, [self._path], literal(file), load_id)

    def query_together(
        self,
        connection: duckdb.DuckDBPyConnection,
        paths: list[Path],
        files: list[str],
        load_id: int,
    ) -> str:
        """The query over several files of this one's schema, with ``file_position`` (from 0)."""
        names = ", ".join(literal(file) for file in files)
        file = f"list_extract([{names}], file_position + 1)"
        return self._query(connection, paths, file, load_id, is_together=True)

    def _query(
        self,
        connection: duckdb.DuckDBPyConnection,
        paths: list[Path],
        file: str,
        load_id: int,
        is_together: bool = False,
    ) -> str:
        with reading():
            excess = schema_excess(self._path)
        if excess is not None:
            raise UnreadableFileError(excess)
        try:
            schema = connection.execute(
                "select name, num_children from parquet_schema(?)", [str(self._path)]
            ).fetchall()
            described = connection.execute(
                f"describe select * from {_relation([self._path])}"
            ).fetchall()
        except QUERY_ERRORS as error:
            raise self.explain(error) from None
        types = {row[0]: row[1] for row in described}
        # DuckDB gives a name that comes twice a number; the file's own names tell.
        names = column_names(self.table, _top_level_names(schema))
        known = set(self.table.column_names)
        columns, selected, extra, whole = {}, [], [], []
        self.extra_columns = []
        for position, (original, name) in enumerate(zip(types, names, strict=True)):
            value = f"c{position}"
            selected.append(f"{identifier(original)} as {value}")
            whole.append(f"{literal(original)}, {value}")
            if name in known:
                columns[name] = ColumnSource(value, types[original])
            else:
                self.extra_columns.append(name)
                extra.append(f"{literal(name)}, {value}")
        # Parquet's own row numbers are read in parallel, but not beside a column of that name.
        row_number, options = "file_row_number + 1", ", file_row_number = true"
        if "file_row_number" in (name.lower() for name in types):
            row_number, options = "row_number() over ()", ""
        if is_together:
            selected.append(f"cast(file_index as bigint) as {FILE_POSITION}")
        return select_rows(
            self.table,
            columns,
            source=(
                f"(select {row_number} as row_number, {', '.join(selected)}"
                f" from {_relation(paths, options)})"
            ),
            is_broken="false",
            extra=f"cast(json_object({', '.join(extra)}) as varchar)" if extra else "null",
            row_text=f"cast(json_object({', '.join(whole)}) as varchar)",
            file=file,
            load_id=load_id,
            kept=(FILE_POSITION,) if is_together else (),
        )

    def explain(self, error: Exception) -> UnreadableFileError:
        """What is wrong with the file: DuckDB reads it by itself."""
        # What follows the first line may quote values, or name the path of a working copy.
        reason = str(error).splitlines()[0].replace(str(self._path), "the file")
        return UnreadableFileError(f"it is no whole Parquet file ({reason}): write it again")
