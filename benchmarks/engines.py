"""Measures the models on DuckDB and on Spark, on one core and on two, and prints a table.

.venv-spark/bin/python -m benchmarks.engines --events 1000000

Each build has a process of its own, with one model at a time, over one raw layer. --skew visitor_id
gives every tenth event to one visitor first (asset_id: to one asset).
"""

from __future__ import annotations

import argparse
import shutil
import sys

from benchmarks.__main__ import WORK
from benchmarks.measure import Measured, measure

ROOMS = (
    *("reference", "staging", "identity", "sessions", "touches", "influence", "attribution"),
    *("journeys", "channels", "marts"),
)
DAYS = 365


def main(arguments: list[str] | None = None) -> int:
    """Measure what the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", default="4GB", help="what each engine may use")
    parser.add_argument("--skew", choices=["visitor_id", "asset_id"])
    parser.add_argument("--engines", nargs="+", default=["duckdb", "spark"])
    parser.add_argument("--cores", nargs="+", type=int, default=[1, 2])
    options = parser.parse_args(arguments)
    place = WORK / "engines"
    shutil.rmtree(place, ignore_errors=True)
    landing, warehouse = place / "landing", place / "warehouse"
    _run(
        "data.generate_landing",
        folder=str(landing),
        events=options.events,
        days=DAYS,
        seed=options.seed,
    )
    _run(
        "engines.load",
        landing=str(landing / "history"),
        warehouse=str(warehouse),
        memory_limit=options.memory,
    )
    if options.skew:
        _run("engines.skew", warehouse=str(warehouse), column=options.skew)
    builds = {
        f"{engine}, {cores} {'core' if cores == 1 else 'cores'}": _run(
            "engines.build",
            warehouse=str(warehouse),
            engine=engine,
            cores=cores,
            memory_limit=options.memory,
        )
        for engine in options.engines
        for cores in options.cores
    }
    print(table(builds))
    shutil.rmtree(place)
    return 0


def table(builds: dict[str, Measured]) -> str:
    """Seconds by room, of each build, and what Spark moved; as Markdown."""
    columns = {name: _by_room(build, "wall") for name, build in builds.items()}
    moved = [build for name, build in builds.items() if name.startswith("spark")][-1:]
    lines = [
        "| room | " + " | ".join(columns) + " | shuffled, MB | spilled, MB |",
        "|---|" + "---:|" * (len(columns) + 2),
    ]
    for room in ROOMS:
        cells = [f"{seconds[room]:.1f}" for seconds in columns.values()]
        for figure in ("shuffled", "spilled"):
            cells.append(f"{_by_room(moved[0], figure)[room] / 1e6:,.1f}" if moved else "")
        lines.append(f"| {room} | " + " | ".join(cells) + " |")
    totals = [f"{build.wall:.1f}" for build in builds.values()]
    memory = [f"{max(build.memory, build.detail['memory']) / 1e9:.2f}" for build in builds.values()]
    lines.append("| **whole build** | " + " | ".join(totals) + " | | |")
    lines.append("| peak of memory, GB | " + " | ".join(memory) + " | | |")
    slowest = sorted(moved[0].detail["models"], key=lambda m: -m["wall"])[:10] if moved else []
    lines += [""] + [f"{model['name']}: {model['wall']:.1f} s" for model in slowest]
    return "\n".join(lines)


def _by_room(build: Measured, figure: str) -> dict[str, float]:
    sums = dict.fromkeys(ROOMS, 0.0)
    for model in build.detail["models"]:
        sums[model["room"]] += model[figure]
    return sums


def _run(step: str, **arguments: object) -> Measured:
    print(f"{step} {arguments}", file=sys.stderr, flush=True)
    measured = measure(step, **arguments)
    if measured.failed:
        raise SystemExit(f"{step}: {measured.failed}")
    print(f"  {measured.wall:.1f} s, {measured.rows:,} rows", file=sys.stderr, flush=True)
    return measured


if __name__ == "__main__":
    sys.exit(main())
