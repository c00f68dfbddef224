"""`python -m orchestration.dev` opens the Dagster UI on this machine only."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from orchestration.errors import WarehouseError
from orchestration.instance import prepare_dagster_home
from orchestration.settings import PROJECT_DIR, Settings


def main() -> int:
    """Run the Dagster UI until it is stopped; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.dev", description=__doc__)
    parser.add_argument("--port", type=int, default=3000)
    port = parser.parse_args().port
    try:
        settings = Settings.from_environment()
    except WarehouseError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    prepare_dagster_home(settings)
    os.environ["CAMPAIGN_LANDING"] = str(settings.landing)
    os.environ["CAMPAIGN_WAREHOUSE"] = str(settings.warehouse)
    os.chdir(PROJECT_DIR)
    command = [sys.executable, "-m", "dagster", "dev", "-m", "orchestration.definitions"]
    return subprocess.call([*command, "--host", "127.0.0.1", "--port", str(port)])


if __name__ == "__main__":
    sys.exit(main())
