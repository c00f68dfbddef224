"""`python -m docs_site`: gather the pages of the site into target/docs, for Sphinx (`make docs`).

Exit statuses: 0 gathered; 1 dbt failed; 2 nothing is published yet, or a wrong setting; 5 storage.
"""

from __future__ import annotations

import sys

from docs_site.pages import gather_pages
from orchestration.errors import WarehouseError
from orchestration.failures import find_warehouse_error
from orchestration.settings import PROJECT_DIR, Settings


def main() -> int:
    """Gather them; returns the exit status."""
    try:
        gather_pages(Settings.from_environment(), PROJECT_DIR / "target" / "docs")
    except (WarehouseError, OSError) as error:
        known = find_warehouse_error(error)
        if known is None:
            raise
        print(known, file=sys.stderr)
        return known.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
