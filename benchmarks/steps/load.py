"""The warehouse's load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.measure import CORES, Stopwatch
from orchestration.load import load_landing


def load(watch: Stopwatch, landing: str, warehouse: str, memory_limit: str) -> dict[str, Any]:
    """Load what is new in a landing folder."""
    with watch.running():
        return {"rows": load_new_files(Path(landing), Path(warehouse), memory_limit)}


def load_new_files(landing: Path, warehouse: Path, memory_limit: str) -> int:
    """Load, and give the number of rows that came in. RuntimeError where a file wasn't loaded."""
    report = load_landing(
        landing,
        warehouse,
        run_id="benchmark",
        progress=lambda line: None,
        memory_limit=memory_limit,
        threads=CORES,
    )
    failed = [entry for entry in report.entries if entry.status == "failed"]
    if failed:
        raise RuntimeError(f"{failed[0].file} was not loaded: {failed[0].message}")
    return sum(entry.rows_in for entry in report.entries)
