"""`python -m orchestration.dev` opens the Dagster UI, on this machine only."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from orchestration.errors import AnotherRunError, WarehouseError
from orchestration.instance import fail_dead_runs, prepare_dagster_home
from orchestration.lock import only_writer
from orchestration.settings import PROJECT_DIR, Settings


def main() -> None:
    """Become the Dagster UI; ends with a run's exit status where the settings are wrong."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.dev", description=__doc__)
    parser.add_argument("--port", type=int, default=3000)
    port = parser.parse_args().port
    try:
        prepare()
    except WarehouseError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    command = [sys.executable, "-m", "dagster", "dev", "-m", "orchestration.definitions"]
    os.chdir(PROJECT_DIR)
    # Started in the background, a process ignores Ctrl-C, and Dagster treats SIGTERM as Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(sys.executable, [*command, "--host", "127.0.0.1", "--port", str(port)])


def prepare() -> None:
    """Set the environment for the UI, and end what runs that were killed have left running."""
    settings = Settings.from_environment()
    os.environ["CAMPAIGN_LANDING"] = str(settings.landing)
    os.environ["CAMPAIGN_WAREHOUSE"] = str(settings.warehouse)
    try:
        with only_writer(settings.warehouse):
            prepare_dagster_home(settings)
            fail_dead_runs()
    except AnotherRunError:
        # It has made the Dagster home, and it is the only one that lives.
        prepare_dagster_home(settings)


if __name__ == "__main__":
    main()
