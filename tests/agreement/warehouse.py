"""Builds a warehouse from landing folders, and reads its marts as plain rows."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration.load import init_raw, load_landing

PROJECT = Path(__file__).resolve().parents[2]

Rows = list[dict[str, Any]]

# What is made in pieces from many rows is so from few, too.
IN_PIECES = {"rows_of_a_piece": 300}


def build_marts(
    loads: Sequence[Path],
    warehouse: Path,
    variables: Mapping[str, Any] | None = None,
    project: Path = PROJECT,
) -> dict[str, Rows]:
    """Load the folders one after the other, run every model and data test, and read every mart.

    project is the dbt project, or a copy of it. Raises AssertionError with dbt's output where a
    model or an error-severity test fails.
    """
    for number, landing in enumerate(loads, start=1):
        load_landing(landing, warehouse, run_id=f"run-{number}", progress=lambda line: None)
    _touch_state(warehouse)
    run_dbt(
        ["build", "--exclude-resource-type", "unit_test", "--exclude", "tag:after_audit"],
        warehouse,
        variables,
        project=project,
    )
    return read_marts(warehouse / "build.duckdb")


def make_empty_warehouse(warehouse: Path) -> None:
    """Make a warehouse whose every table is there and empty."""
    init_raw(warehouse)
    (warehouse / "raw" / "ledger.ndjson").touch()
    _touch_state(warehouse)
    run_dbt(["seed"], warehouse)
    run_dbt(["run", "--empty"], warehouse)


def _touch_state(warehouse: Path) -> None:
    """What earlier steps of a night leave for the trust marts, empty."""
    state = warehouse / "state"
    state.mkdir(exist_ok=True)
    for name in ("test_results", "unit_tests", "runs"):
        (state / f"{name}.ndjson").touch()


def run_dbt(
    arguments: Sequence[str],
    warehouse: Path,
    variables: Mapping[str, Any] | None = None,
    *,
    must_succeed: bool = True,
    project: Path = PROJECT,
) -> str:
    """Run dbt in a process of its own on the warehouse; returns what it printed.

    Raises AssertionError with its output where it must succeed and fails.
    """
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main"),
            *arguments,
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target-path", str(warehouse / "target"), "--log-path", str(warehouse / "target")),
            *("--vars", json.dumps(IN_PIECES | dict(variables or {})), "--no-use-colors"),
        ],
        cwd=PROJECT,
        env=os.environ
        | {
            "CAMPAIGN_WAREHOUSE": str(warehouse),
            "DBT_VERSION_CHECK": "False",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or not must_succeed, done.stdout[-20_000:] + done.stderr[-5_000:]
    return done.stdout


def read_marts(database: Path) -> dict[str, Rows]:
    """Every table of the schema `marts`, as rows of Python values."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
        marts = {}
        for (name,) in names:
            cursor = connection.execute(f'select * from marts."{name}"')
            columns = [column[0] for column in cursor.description]
            marts[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return marts
