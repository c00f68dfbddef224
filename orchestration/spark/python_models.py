"""dbt's models in Python, in the process and session that its SQL runs in."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from dbt.adapters.base import PythonJobHelper
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f


class Table:
    """A table of Spark's, read as a model in Python reads one of DuckDB's."""

    def __init__(self, rows: DataFrame) -> None:
        self._rows = rows

    def order(self, columns: str) -> Table:
        """The rows in the order of all columns, nulls last.

        Raises ValueError for any other order.
        """
        if columns != "all":
            raise ValueError(f"Rows are put in the order of all columns, not of {columns!r}.")
        keys = [f.col(name).asc_nulls_last() for name in self._rows.columns]
        return Table(self._rows.orderBy(*keys))

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows as tuples."""
        return [tuple(row) for row in self._rows.collect()]


class InSession(PythonJobHelper):
    """Runs the code that dbt makes of a model in Python."""

    def __init__(self, parsed_model: dict[str, Any], credential: Any) -> None:
        """dbt gives the model and the profile; the code names all that it needs."""

    def submit(self, compiled_code: str) -> None:
        """Run the code; its last line writes the table. Raises what the model raises."""
        session = SparkSession.active()

        def read_table(name: str) -> Table:
            return Table(session.table(name))

        def write_table(name: str, rows: pa.Table) -> None:
            session.createDataFrame(rows).write.saveAsTable(name, format="parquet")

        # Made by dbt of a file of the project, as on DuckDB.
        exec(compiled_code, {"read_table": read_table, "write_table": write_table})
