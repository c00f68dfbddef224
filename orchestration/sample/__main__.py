"""Command line of the sample generator."""

from __future__ import annotations

import argparse
from pathlib import Path

from orchestration.sample import DEFAULT_SEED, write_sample


def main() -> None:
    """Writes the sample's landing folder and says what is in it."""
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.sample",
        description="Write the sample landing folder: a year of a fictional software maker.",
    )
    parser.add_argument("folder", type=Path, help="where to write; its known files are replaced")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="default: %(default)s")
    arguments = parser.parse_args()
    rows = write_sample(arguments.folder, arguments.seed)
    for table, number in rows.items():
        print(f"{table:20} {number:7,d} rows")
    print(f"Written to {arguments.folder}")


if __name__ == "__main__":
    main()
