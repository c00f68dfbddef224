"""`python -m orchestration.publish`: what is done with a night that is published already.

--back links the published warehouse before the present one; --to-postgres publishes the linked one
to the database of CAMPAIGN_POSTGRES_URL. Where there is a dashboard, it follows the first.
"""

from __future__ import annotations

import argparse
import sys

from orchestration.errors import UsageError, WarehouseError
from orchestration.failures import find_warehouse_error
from orchestration.lock import only_writer
from orchestration.publish.files import PublishedFolder
from orchestration.publish.postgres import publish_to_postgres
from orchestration.settings import Settings
from orchestration.state import noted_stamps


def main() -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.publish",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_mutually_exclusive_group(required=True)
    commands.add_argument("--back", dest="command", action="store_const", const=go_back)
    commands.add_argument("--to-postgres", dest="command", action="store_const", const=to_postgres)
    command = parser.parse_args().command
    try:
        settings = Settings.from_environment()
        if not settings.published.is_dir():
            raise UsageError(f"Nothing is published in {settings.warehouse}: run `make run` first.")
        with only_writer(settings.warehouse):
            print(command(settings))
    except (WarehouseError, OSError) as error:
        known = find_warehouse_error(error)
        if known is None:
            raise
        print(known, file=sys.stderr)
        return known.exit_code
    if command is go_back and settings.dashboard.exists():
        from dashboards.__main__ import main as draw

        return draw()
    return 0


def go_back(settings: Settings) -> str:
    """Link the published warehouse before the present one; returns what to say."""
    folder = PublishedFolder(settings.published, noted_stamps(settings))
    stamp = folder.back()
    said = f"{folder.current} is the warehouse of {stamp} again; the next run publishes a new one."
    if settings.postgres_url:
        said += " PostgreSQL has the one of before: make publish-postgres."
    return said


def to_postgres(settings: Settings) -> str:
    """Publish the linked warehouse to PostgreSQL; returns what to say."""
    if not settings.postgres_url:
        raise UsageError(
            "No PostgreSQL database is named: set CAMPAIGN_POSTGRES_URL to "
            "postgresql://user:password@host/database."
        )
    folder = PublishedFolder(settings.published)
    if folder.linked() is None:
        raise UsageError(f"Nothing is published in {settings.warehouse}: run `make run` first.")
    rows = publish_to_postgres(folder.current, settings.postgres_url, settings.postgres_readers)
    return (
        f"PostgreSQL has the warehouse of {folder.linked()}: "
        f"{len(rows)} tables, {sum(rows.values()):,} rows."
    )


if __name__ == "__main__":
    sys.exit(main())
