"""Command line of the generator."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.generate import generate

_UNITS = {"k": 1_000, "m": 1_000_000}


def number(text: str) -> int:
    """A number such as 20000, 20k or 1.5m. ValueError for what is none."""
    unit = _UNITS.get(text[-1:].lower(), 1)
    return round(float(text[:-1] if unit > 1 else text.replace("_", "")) * unit)


def main() -> None:
    """Writes a data set."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.generate",
        description="Write a landing folder of a year or so, and one of the night after it.",
    )
    parser.add_argument("folder", type=Path, help="its folders history and night are replaced")
    parser.add_argument("--events", type=number, default=1_000_000, help="such as 10m (default 1m)")
    parser.add_argument("--days", type=int, default=365, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    arguments = parser.parse_args()
    generate(arguments.folder, events=arguments.events, days=arguments.days, seed=arguments.seed)


if __name__ == "__main__":
    main()
