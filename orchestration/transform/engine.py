"""What builds the models of a run: DuckDB in build.duckdb, or Spark, which that file then shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import duckdb

from orchestration.errors import AnotherRunError
from orchestration.failures import one_line, speaks_of_storage
from orchestration.settings import Settings
from orchestration.transform.nights import loads_of, why_anew


class Engine(Protocol):
    """Builds the models by dbt's commands."""

    # Of every dbt command that builds.
    options: Sequence[str]

    def why_anew(self, rules: str) -> str | None:
        """Why every table has to be built from the raw layer; None where a night may go on.

        rules is what tells the present rules from others.
        """

    def remove_build(self) -> None:
        """Remove what earlier builds have left."""

    def prepare(self, manifest: Mapping[str, Any]) -> None:
        """In front of a dbt command: let it read the raw layer and the state as they are now."""

    def finish(self) -> None:
        """Behind a dbt command: let build.duckdb show what was built."""


def engine_of(settings: Settings) -> Engine:
    """The engine that the settings name."""
    if settings.engine == "spark":
        # In an environment of its own.
        from orchestration.spark.engine import SparkEngine

        return SparkEngine(settings)
    return DuckDBEngine(settings)


class DuckDBEngine:
    """DuckDB within dbt's process, on build.duckdb."""

    options: Sequence[str] = ()

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def why_anew(self, rules: str) -> str | None:
        """As Engine says. Raises what is_build_damaged and why_anew raise."""
        settings = self._settings
        if is_build_damaged(settings):
            return "build.duckdb is damaged"
        return why_anew(settings.build_file, rules, loads_of(settings.ledger))

    def remove_build(self) -> None:
        """Remove build.duckdb."""
        remove_build_file(self._settings)

    def prepare(self, manifest: Mapping[str, Any]) -> None:
        """Nothing: DuckDB reads files where they lie."""

    def finish(self) -> None:
        """Nothing: build.duckdb is what was built."""


def is_build_damaged(settings: Settings) -> bool:
    """Whether build.duckdb is there and can't be read as a database.

    Raises AnotherRunError where another program has it open, the driver's error where the disk
    keeps it from being read.
    """
    if not settings.build_file.exists():
        return False
    try:
        # Writing, as dbt will: a reader of the file is in the way too.
        with duckdb.connect(str(settings.build_file)) as connection:
            connection.execute("select count(*) from duckdb_columns()").fetchone()
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise AnotherRunError(
                f"Another program has {settings.build_file} open ({one_line(error)}): "
                "close it, and read published/current.duckdb instead."
            ) from error
        if speaks_of_storage(str(error)):
            raise
        return True
    return False


def remove_build_file(settings: Settings) -> None:
    """Remove build.duckdb and its write-ahead log."""
    settings.build_file.unlink(missing_ok=True)
    settings.build_file.with_name(f"{settings.build_file.name}.wal").unlink(missing_ok=True)
