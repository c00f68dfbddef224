"""What docs/extending.md says of adding things is done as it stands there."""

import json
import re
import shutil
from pathlib import Path

import duckdb

from tests.agreement.warehouse import PROJECT, run_dbt
from tests.nights.project import alter, copy_project
from tests.project.pages import blocks


def test_a_channel_and_a_metric_are_added_without_sql(
    sample_warehouse: Path, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "project")
    (rows,) = blocks("csv", page="extending.md")
    renumber(project / "seeds" / "reference" / "channel_rules.csv", rows.text)
    (metrics,) = blocks("yaml", page="extending.md")
    mart = "models/marts/campaigns/campaign_daily.yml"
    alter(project, mart, "\nmetrics:\n", f"\n{metrics.text}")
    warehouse = tmp_path / "warehouse"
    warehouse.mkdir()
    shutil.copyfile(sample_warehouse / "build.duckdb", warehouse / "build.duckdb")
    for name in ("raw", "state"):
        (warehouse / name).symlink_to(sample_warehouse / name)
    run_dbt(
        [
            *("build", "--full-refresh", "--exclude-resource-type", "unit_test"),
            *("--exclude-resource-type", "test"),
            *("--select", "channel_rules", "int_traffic_sources"),
        ],
        warehouse,
        project=project,
    )
    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select channel, count(*) from sessions.int_sessions"
            " inner join sessions.int_traffic_sources using (source_key)"
            " where channel in ('podcast', 'other_campaign') group by all"
        ).fetchall()
    page = (PROJECT / "docs" / "extending.md").read_text(encoding="utf-8")
    shown = re.search(r"(\d+) of the sample's sessions are in `podcast`.* and (\d+) are", page)
    assert shown
    assert dict(found) == {"podcast": int(shown[1]), "other_campaign": int(shown[2])}
    semantic = json.loads((warehouse / "target" / "semantic_manifest.json").read_text("utf-8"))
    assert "influenced_contacts_per_session" in [metric["name"] for metric in semantic["metrics"]]


def renumber(seed: Path, shown: str) -> None:
    """Put the first of the rows in, and raise the numbers from its own on, as the others show."""
    new, *raised = shown.splitlines()
    number = int(new.partition(",")[0])
    before, after = [], []
    for line in seed.read_text(encoding="utf-8").splitlines():
        first, comma, rest = line.partition(",")
        if first.isdigit() and int(first) >= number:
            after.append(f"{int(first) + 1}{comma}{rest}")
        else:
            before.append(line)
    assert set(raised) <= set(after)
    seed.write_text("\n".join([*before, new, *after]) + "\n", encoding="utf-8")
