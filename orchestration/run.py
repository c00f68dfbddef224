"""`python -m orchestration.run`: run the job `nightly` in this process, with exit statuses.

0 published; 1 the audit failed; 2 wrong use or setting; 3 nothing to load, ever; 4 another run is
going on; 5 storage; 6 published, but not to PostgreSQL; 7 published, but no dashboard is drawn.
Whatever fails, one line on stderr says what and what to do, and the last good night stays
published.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import traceback
import uuid
import warnings
from pathlib import Path

from orchestration import progress
from orchestration.alerts import post_alert
from orchestration.errors import (
    AnotherRunError,
    DashboardError,
    PostgresError,
    WarehouseError,
)
from orchestration.failures import find_dagster_error, find_warehouse_error, one_line
from orchestration.instance import prepare_dagster_home
from orchestration.lock import only_writer
from orchestration.report import closing_report
from orchestration.settings import VARIABLES, Settings

FAILED = 1
# What ends a run whose night is published all the same.
PUBLISHED = (PostgresError, DashboardError)
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the warehouse; returns the exit status."""
    options = parse_arguments(arguments)
    for name, value in (
        ("CAMPAIGN_LANDING", options.landing),
        ("CAMPAIGN_WAREHOUSE", options.warehouse),
    ):
        if value:
            os.environ[name] = value
    # Both end a run, also one that was started in the background, where Ctrl-C is ignored.
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.default_int_handler)
    run_id = str(uuid.uuid4())
    settings: Settings | None = None
    try:
        settings = Settings.from_environment()
        settings.check_landing()
        run_nightly(settings, run_id, full_refresh=options.full_refresh)
        report(settings, run_id)
    except Exception as error:
        if settings and isinstance(find_warehouse_error(error), PUBLISHED):
            report(settings, run_id)
        return tell(error, settings, run_id)
    except BaseException:
        # Ctrl-C, or a signal to end. At once: dbt's thread may be in the middle of a query.
        print("Interrupted: the last good night stays published.", file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)
    return 0


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The command line, as the user gave it."""
    listed = "\n".join(f"  {v.name:24} {v.meaning} [{v.default or 'none'}]" for v in VARIABLES)
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.run",
        description=__doc__,
        epilog=f"environment variables:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--landing", help="the landing folder (CAMPAIGN_LANDING)")
    parser.add_argument("--warehouse", help="the warehouse folder (CAMPAIGN_WAREHOUSE)")
    parser.add_argument(
        "--full-refresh", action="store_true", help="build every table from the raw layer"
    )
    return parser.parse_args(arguments)


def run_nightly(settings: Settings, run_id: str, *, full_refresh: bool) -> None:
    """Run the job in this process, on the Dagster instance of the warehouse.

    Raises what an asset raised, or what kept the run from starting; StorageError where that is what
    Dagster has stored.
    """
    progress.say(f"Run {run_id}: {settings.landing} to {settings.warehouse}.")
    # Another run is found out here, before seconds go into loading Dagster and dbt.
    with only_writer(settings.warehouse):
        prepare_dagster_home(settings)
    progress.say("Reading the models, which takes longest where they are new.")
    warnings.simplefilter("ignore")

    import dagster as dg

    from orchestration.definitions import defs

    try:
        # Stderr is for the one line that says what failed: Dagster complains of a full disk there.
        with contextlib.redirect_stderr(sys.stdout), dg.DagsterInstance.get() as instance:
            defs.resolve_job_def("nightly").execute_in_process(
                instance=instance,
                run_id=run_id,
                run_config={
                    "ops": {"build": {"config": {"full_refresh": full_refresh}}},
                    "loggers": {"console": {}},
                },
            )
    except Exception as error:
        if (known := find_dagster_error(error, settings.dagster_home)) is not None:
            raise known from error
        raise


def report(settings: Settings, run_id: str) -> None:
    """Print the closing report. The night is published, whatever becomes of this."""
    try:
        for line in closing_report(settings, run_id):
            print(line)
    except Exception as error:
        log = write_log(error, settings, run_id)
        print(f"Published, but the report failed ({one_line(error)}): {log}", file=sys.stderr)


def tell(error: Exception, settings: Settings | None, run_id: str) -> int:
    """Say in one line what failed, keep the traceback for who looks deeper; returns the status."""
    known = find_warehouse_error(error)
    message = one_line(known or f"The run failed: {one_line(error)}. The last good night stays.")
    log = None if isinstance(error, WarehouseError) else write_log(error, settings, run_id)
    print(f"{message} Details: {log}" if log else message, file=sys.stderr)
    # A second run that was refused is no failed night.
    if settings and not isinstance(known, AnotherRunError):
        problem = post_alert(settings, run_id, message)
        if problem:
            print(problem, file=sys.stderr)
    return known.exit_code if known else FAILED


def write_log(error: Exception, settings: Settings | None, run_id: str) -> Path | None:
    """Write the traceback into WAREHOUSE/logs; None where that can't be written."""
    if settings is None:
        return None
    path = settings.logs / f"{run_id}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return None
    return path


if __name__ == "__main__":
    sys.exit(main())
