"""Spark as what builds the models of a run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import SparkSession

from orchestration.load.sql import identifier, literal
from orchestration.settings import Settings
from orchestration.spark.session import start_session
from orchestration.spark.sources import register_sources
from orchestration.transform.engine import remove_build_file

# Beside the schemas of the models, in the same folder.
COPIES = "sources"


class SparkEngine:
    """Spark within dbt's process, on Parquet files below WAREHOUSE/spark."""

    # Without further libraries Spark has no merge: every table is made anew.
    options: Sequence[str] = ("--full-refresh",)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def folder(self) -> Path:
        """Where the tables lie, in a folder for each schema."""
        return self._settings.warehouse / "spark"

    def why_anew(self, rules: str) -> str | None:
        """Always: see `options`."""
        return "Spark makes them so every night"

    def remove_build(self) -> None:
        """Remove all tables, and the build.duckdb that showed them."""
        remove_build_file(self._settings)
        active = SparkSession.getActiveSession()
        if active is not None:
            for schema in _built_schemas(active):
                active.sql(f"drop schema {schema} cascade")
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self, manifest: Mapping[str, Any]) -> None:
        """Start the session, and register the sources."""
        settings = self._settings
        session = start_session(
            self.folder, master=settings.spark_master, memory_limit=settings.memory_limit
        )
        register_sources(session, manifest, self.folder / COPIES)

    def finish(self) -> None:
        """Write a build.duckdb of views on what Spark has written."""
        remove_build_file(self._settings)
        with duckdb.connect(str(self._settings.build_file)) as connection:
            for schema in sorted(self.folder.glob("*.db")):
                name = identifier(schema.name.removesuffix(".db"))
                connection.execute(f"create schema if not exists {name}")
                for table in sorted(schema.iterdir()):
                    files = literal(f"{table}/*.parquet")
                    connection.execute(
                        f"create view {name}.{identifier(table.name)} as from read_parquet({files})"
                    )


def _built_schemas(session: SparkSession) -> list[str]:
    """The schemas of the session but Spark's own."""
    return [row[0] for row in session.sql("show schemas").collect() if row[0] != "default"]
