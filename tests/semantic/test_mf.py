"""MetricFlow's own command answers from the published marts, and finds nothing wrong."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.metric import SemanticLayer
from orchestration.settings import Settings
from orchestration.transform.dbt import OFFLINE, Dbt
from tests.nights.project import copy_project
from tests.semantic.test_metrics import Groups, asked, by_group


@pytest.fixture(scope="module")
def project(layer: SemanticLayer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with what `dbt parse` leaves: mf looks in its own folder alone."""
    folder = copy_project(tmp_path_factory.mktemp("mf") / "project")
    target = folder / "target"
    target.mkdir()
    text = Dbt(Settings.from_environment()).semantic_manifest()
    (target / "semantic_manifest.json").write_text(text, encoding="utf-8")
    return folder


def mf(project: Path, warehouse: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dbt_metricflow.cli.main", *arguments],
        cwd=project,
        env=os.environ
        | OFFLINE
        | {
            "CAMPAIGN_WAREHOUSE": str(warehouse),
            "DBT_TARGET": "published",
            # It would ask the package index for a newer version.
            "HTTPS_PROXY": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_validate_configs_finds_nothing(project: Path, sample_warehouse: Path) -> None:
    told = mf(project, sample_warehouse, "validate-configs", "--show-all")
    assert told.count("ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0") == 6, told
    assert "•" not in told


@pytest.mark.parametrize(
    ("metric", "group_by"),
    [
        ("influenced_contacts", ["campaign", "metric_time__week"]),
        ("bounce_rate", ["session__entry_channel"]),
    ],
)
def test_mf_query_says_what_the_marts_say(
    layer: SemanticLayer,
    project: Path,
    sample_warehouse: Path,
    tmp_path: Path,
    metric: str,
    group_by: list[str],
) -> None:
    written = tmp_path / "answer.csv"
    mf(
        *(project, sample_warehouse, "query", "--quiet", "--csv", str(written)),
        *("--metrics", metric, "--group-by", ",".join(group_by)),
    )
    with written.open(encoding="utf-8", newline="") as file:
        rows = [[row[name] for name in (*group_by, metric)] for row in csv.DictReader(file)]
    marts: Groups = {
        tuple(str(part) for part in key): value
        for key, value in asked(layer, metric, group_by).items()
    }
    found = {
        tuple(part.removesuffix(" 00:00:00") for part in key): v
        for key, v in by_group(rows).items()
    }
    assert {key: float(value) for key, value in found.items()} == marts
