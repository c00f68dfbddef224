"""Random scenarios give the same marts on Spark as on DuckDB, row by row."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.agreement.compare import differences, summary
from tests.agreement.warehouse import IN_PIECES, PROJECT, build_marts, read_marts
from tests.reference import KEYS
from tests.scenarios import build, random_journeys, write_loads

pytest.importorskip("pyspark", reason="Spark is in .venv-spark: make test-spark")

# How many scenarios each build packs under disjoint ids.
PACKED = 60


@pytest.mark.parametrize(
    ("seed", "variables"),
    [
        (10_000, {}),
        (
            11_000,
            {
                "report_timezone": "America/New_York",
                "session_split_on_new_source": True,
                "session_inactivity_minutes": 10,
                "attribution_lookback_days": 3,
                "company_currency": "USD",
                "default_attribution_model": "time_decay",
            },
        ),
    ],
    ids=["defaults", "other-settings"],
)
def test_marts_agree(tmp_path: Path, seed: int, variables: dict[str, Any]) -> None:
    seeds = range(seed, seed + PACKED)
    loads = [tmp_path / f"landing-{number}" for number in range(3)]
    write_loads(seeds, loads)
    rng = random.Random(f"journeys {seeds}")
    variables = {"journeys": random_journeys(rng, [build(each) for each in seeds]), **variables}
    warehouse = tmp_path / "warehouse"
    wanted = build_marts(loads, warehouse, variables)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.spark.build"),
            *(str(warehouse), json.dumps(IN_PIECES | variables)),
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    found = read_marts(warehouse / "build.duckdb")
    lines = {name: differences(wanted[name], found[name], key, name) for name, key in KEYS.items()}
    assert not any(lines.values()), summary(lines)
    for name in KEYS:
        assert wanted[name], f"{name} is empty: the scenarios prove nothing of it"
