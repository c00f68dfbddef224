"""Builds every model of a loaded warehouse on Spark, and runs every data test, in one process.

python -m tests.spark.build WAREHOUSE VARIABLES

VARIABLES are dbt variables as JSON. Spark's session is the process's own, with one place for its
tables. Ends with 1 where a model or an error-severity test fails, and says which.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from orchestration.errors import AuditFailedError
from orchestration.settings import Settings
from orchestration.transform import audit
from orchestration.transform.dbt import Dbt
from orchestration.transform.engine import engine_of


def main(warehouse: str, variables: str) -> int:
    settings = replace(
        Settings.from_environment(),
        landing=Path(warehouse),
        warehouse=Path(warehouse),
        dbt_vars=json.loads(variables),
        engine="spark",
    )
    dbt, engine = Dbt(settings), engine_of(settings)
    engine.remove_build()
    engine.prepare(dbt.manifest())
    command = dbt.command(
        [
            *("build", *engine.options, "--exclude", "tag:after_audit"),
            *("--exclude-resource-type", "unit_test"),
        ]
    )
    for _ in command:
        pass
    engine.finish()
    try:
        audit.judge(settings, audit.outcomes(command.results), command.exception)
    except AuditFailedError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
