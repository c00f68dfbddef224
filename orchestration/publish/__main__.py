"""`python -m orchestration.publish --back` links the published warehouse before the present one.

Where there is a dashboard, it follows.
"""

from __future__ import annotations

import argparse
import sys

from orchestration.errors import UsageError, WarehouseError
from orchestration.failures import find_warehouse_error
from orchestration.lock import only_writer
from orchestration.publish.files import PublishedFolder
from orchestration.settings import Settings
from orchestration.state import noted_stamps


def main() -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.publish", description=__doc__)
    parser.add_argument("--back", action="store_true", required=True, help="link the one before")
    parser.parse_args()
    try:
        settings = Settings.from_environment()
        if not settings.published.is_dir():
            raise UsageError(f"Nothing is published in {settings.warehouse}: run `make run` first.")
        with only_writer(settings.warehouse):
            folder = PublishedFolder(settings.published, noted_stamps(settings))
            stamp = folder.back()
    except (WarehouseError, OSError) as error:
        known = find_warehouse_error(error)
        if known is None:
            raise
        print(known, file=sys.stderr)
        return known.exit_code
    print(f"{folder.current} is the warehouse of {stamp} again; the next run publishes a new one.")
    if settings.dashboard.exists():
        from dashboards.__main__ import main as draw

        return draw()
    return 0


if __name__ == "__main__":
    sys.exit(main())
