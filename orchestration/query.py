"""`python -m orchestration.query "select …"`: ask the published warehouse, read-only.

Exit statuses: 0 answered; 2 a query that doesn't run, or nothing published yet.
"""

from __future__ import annotations

import sys

import duckdb

from orchestration.errors import UsageError
from orchestration.failures import one_line
from orchestration.settings import Settings

USAGE = 'Write the query as one argument, e.g. make query SQL="select * from campaigns".'
ROWS_SHOWN = 200


def main(arguments: list[str]) -> int:
    """Print the result of a query; returns the exit status."""
    try:
        if len(arguments) != 1 or not arguments[0].strip():
            raise UsageError(USAGE)
        answer(Settings.from_environment(), arguments[0])
    except UsageError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def answer(settings: Settings, query: str) -> None:
    """Run a query on the published marts and print what it gives.

    Raises UsageError where nothing is published yet or the query doesn't run.
    """
    published = settings.published / "current.duckdb"
    if not published.exists():
        raise UsageError(f"Nothing is published in {settings.warehouse} yet: make run.")
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("use marts")
        try:
            result = connection.sql(query)
        except duckdb.Error as error:
            raise UsageError(f"The query doesn't run: {one_line(error)}") from error
        if result is not None:
            result.show(max_rows=ROWS_SHOWN, max_width=10_000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
