"""Parquet files."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.load.blocks import UnreadableFileError
from orchestration.load.contracts import Table
from orchestration.load.rows import ColumnSource, select_rows
from orchestration.load.source import Source, column_names
from orchestration.load.sql import identifier, literal


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


class ParquetSource(Source):
    """A Parquet file."""

    def __init__(self, table: Table, path: Path) -> None:
        super().__init__(table)
        self._path = path

    def query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        """The query over this file; see Source."""
        try:
            schema = connection.execute(
                "select name, num_children from parquet_schema(?)", [str(self._path)]
            ).fetchall()
            relation = (
                f"read_parquet({literal(str(self._path))}, binary_as_string = true,"
                " hive_partitioning = false{options})"
            )
            described = connection.execute(
                f"describe select * from {relation.format(options='')}"
            ).fetchall()
        except duckdb.Error as error:
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
        return select_rows(
            self.table,
            columns,
            source=(
                f"(select {row_number} as row_number, {', '.join(selected)}"
                f" from {relation.format(options=options)})"
            ),
            is_broken="false",
            extra=f"cast(json_object({', '.join(extra)}) as varchar)" if extra else "null",
            row_text=f"cast(json_object({', '.join(whole)}) as varchar)",
            file=file,
            load_id=load_id,
        )

    def explain(self, error: duckdb.Error) -> UnreadableFileError:
        """What is wrong with the file: DuckDB reads it by itself."""
        # What follows the first line may quote values, or name the path of a working copy.
        reason = str(error).splitlines()[0].replace(str(self._path), "the file")
        return UnreadableFileError(f"it is no whole Parquet file ({reason}): write it again")
