"""The process of one step: `python -m benchmarks.steps NAME ARGUMENTS RESULT`.

NAME is a function of a module of this package, as `warehouse.load`. It gets a stopwatch and the
arguments, a JSON object; it gives `rows` and what else it has to say.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from pathlib import Path

from benchmarks.measure import Stopwatch, pin


def main() -> None:
    """Run the step and write what it took."""
    name, arguments, result = sys.argv[1:]
    module, function = name.split(".")
    pin()
    # Imported by name: a step's memory is not to hold what the others import.
    step = getattr(importlib.import_module(f"benchmarks.steps.{module}"), function)
    watch = Stopwatch()
    detail = step(watch, **json.loads(arguments))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    taken = {
        "wall": watch.wall,
        "cpu": watch.cpu,
        "rows": detail.pop("rows", 0),
        "children_memory": children,
        "detail": detail,
    }
    Path(result).write_text(json.dumps(taken), encoding="utf-8")


if __name__ == "__main__":
    main()
