"""`python -m docs_site.outside site`: whether a page of the site would load anything from outside.

Exit statuses: 0 nothing; 1 each such place, a line; 2 there is no site.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_LOADS = (
    re.compile(r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=[\"']?(?:https?:)?//"),
    re.compile(r"<link\b(?![^>]*rel=[\"']?canonical)[^>]*\bhref=[\"']?(?:https?:)?//"),
    re.compile(r"url\(\s*[\"']?(?:https?:)?//"),
    re.compile(r"@import\s+[\"'](?:https?:)?//"),
    # Else dbt's page loads its tracker.
    re.compile(r"\"send_anonymous_usage_stats\": true"),
)


def loads(site: Path) -> list[str]:
    """Each place of a site's pages and style sheets that loads from outside: file and text."""
    return [
        f"{file.relative_to(site)}: {found[0]}"
        for file in sorted(site.rglob("*"))
        if file.suffix in {".html", ".css"}
        for pattern in _LOADS
        for found in pattern.finditer(file.read_text(encoding="utf-8"))
    ]


def main(arguments: list[str]) -> int:
    """Print what is found; returns the exit status."""
    site = Path(arguments[0]) if len(arguments) == 1 else Path("site")
    if not (site / "index.html").is_file():
        print(f"There is no site in {site}: make docs.", file=sys.stderr)
        return 2
    found = loads(site)
    for line in found:
        print(f"This page loads from outside, which no page may: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
