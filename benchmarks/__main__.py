"""`make bench SIZE=1m`: measure everything in one run, and write the page."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import page
from benchmarks.measure import PROJECT_DIR
from benchmarks.plan import carry_out
from benchmarks.result import RESULTS, SIZES, Plan, Result

WORK = PROJECT_DIR / ".state" / "bench"


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line, as the user gave it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--size",
        choices=SIZES,
        default="1m",
        help="events: 1m, 10m or 100m; 10k only shows that all of it works (default: %(default)s)",
    )
    parser.add_argument("--repeats", type=_positive, help="default: 3, with 100m once")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--memory", help="what each engine may use, such as 1500MB")
    parser.add_argument(
        "--work", type=Path, default=WORK, help="for files on the way (default: %(default)s)"
    )
    parser.add_argument(
        "--page-only", action="store_true", help="measure nothing, write the page of what there is"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Measure, write the result and the page; returns the exit status."""
    options = parse_arguments(arguments)
    if options.page_only:
        return write_page()
    plan = Plan.of(
        options.size, repeats=options.repeats, seed=options.seed, memory_limit=options.memory
    )
    result = carry_out(plan, options.work)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{plan.size}.json"
    file.write_text(json.dumps(result.as_json(), indent=1) + "\n", encoding="utf-8")
    print(f"Result: {file}", file=sys.stderr)
    failed = result.failures()
    for line in failed:
        print(f"Failed: {line}", file=sys.stderr)
    if plan.is_published:
        write_page()
    else:
        print(page.section(result))
    return 1 if failed else 0


def write_page() -> int:
    """Write docs/benchmarks.md and its charts from the results that are there."""
    # Drawing needs packages whose memory the measured processes would inherit.
    from benchmarks import chart

    results = Result.read_all()
    for result in results:
        chart.file_of(result.plan.size).write_text(chart.draw(result), encoding="utf-8")
    page.PAGE.write_text(page.render(results), encoding="utf-8")
    print(f"Page: {page.PAGE}", file=sys.stderr)
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("write a whole number of at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
