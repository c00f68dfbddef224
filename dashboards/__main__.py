"""`python -m dashboards`: draw the dashboard of the published warehouse again.

Exit statuses: 0 drawn; 2 nothing is published yet, or a wrong setting; 5 storage.
"""

from __future__ import annotations

import sys

from dashboards.draw import draw_dashboard
from orchestration.errors import WarehouseError
from orchestration.failures import find_warehouse_error
from orchestration.settings import Settings


def main() -> int:
    """Draw it; returns the exit status."""
    try:
        draw_dashboard(Settings.from_environment(), print)
    except (WarehouseError, OSError) as error:
        known = find_warehouse_error(error)
        if known is None:
            raise
        print(known, file=sys.stderr)
        return known.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
