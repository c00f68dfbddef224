"""An analyst's own attribution models: rows of the seed, and nothing else."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.load import init_raw
from tests.agreement.compare import differences, summary
from tests.agreement.warehouse import build_marts, run_dbt
from tests.nights.project import copy_project
from tests.reference import KEYS, compute
from tests.reference.attribution import ATTRIBUTION_MODELS
from tests.scenarios import write_landing

SEED = Path("seeds") / "reference" / "attribution_models.csv"

OWN: list[dict[str, Any]] = [
    {"model": "half_a_day", "others": "1", "half_life_days": "0.5"},
    {"model": "recent_u", "first_interaction": "0.4", "lead_creation": "0.4", "others": "0.2"}
    | {"lookback_days": "2"},
    {"model": "lead_alone", "lead_creation": "1"},
    {"model": "fading", "first_interaction": "0.25", "closed_won": "0", "others": "0.5"}
    | {"half_life_days": "1.5"},
    {"model": "ends", "first_interaction": "0.333333", "last_interaction": "0.333333"},
    {"model": "Très récent", "others": "0.000001", "lookback_days": "0"},
]

ATTRIBUTED = (
    "deal_attribution",
    "contact_attribution",
    "deal_create_attribution",
    "campaign_attribution",
    "channel_attribution",
    "data_driven_attribution",
    "campaigns",
    "campaign_daily",
    "campaign_deals",
)


def append(project: Path, rows: list[dict[str, Any]]) -> None:
    with (project / SEED).open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    with (project / SEED).open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, columns, lineterminator="\n").writerows(rows)


def test_a_10_rows_of_ones_own_are_models_without_sql(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    append(project, OWN)
    write_landing(range(7000, 7060), tmp_path / "landing")
    variables = {"default_attribution_model": "fading", "attribution_lookback_days": 5}
    found = build_marts([tmp_path / "landing"], tmp_path / "warehouse", variables, project)
    columns = ATTRIBUTION_MODELS[0].keys()
    own = [dict.fromkeys(columns) | row for row in OWN]
    wanted = compute(
        [tmp_path / "landing"], attribution_models=[*ATTRIBUTION_MODELS, *own], **variables
    )
    lines = {name: differences(wanted[name], found[name], KEYS[name], name) for name in ATTRIBUTED}
    assert not any(lines.values()), summary(lines)
    for row in OWN:
        credited = {mart["model"] for mart in found["campaign_attribution"]}
        assert row["model"] in credited


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The query of the model that reads the seed."""
    warehouse = tmp_path_factory.mktemp("compiled")
    init_raw(warehouse)
    run_dbt(["compile", "--select", "int_attribution_models"], warehouse)
    (file,) = (warehouse / "target" / "compiled").rglob("int_attribution_models.sql")
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            {"model": "bad", "others": "-0.1"},
            "model bad: others is -0.1: give a weight from 0 to 1",
        ),
        ({"model": "bad", "closed_won": "1.5"}, "closed_won is 1.5: give a weight from 0 to 1"),
        ({"model": "bad", "others": "0.1234567"}, "others is 0.1234567: give at most six decimals"),
        (
            {"model": "bad", "first_interaction": "0.6", "last_interaction": "0.5"},
            "the weights add up to 1.1: let them add up to 1",
        ),
        ({"model": "bad", "others": "0"}, "model bad: no weight is above 0: give at least one"),
        ({"model": "linear", "others": "1"}, "model linear: the model stands in several rows"),
        ({"others": "1"}, "model (none): the model has no name: give it one"),
        (
            {"model": "bad", "others": "1", "half_life_days": "0"},
            "half_life_days is 0.0: give a number above 0, or none",
        ),
        (
            {"model": "bad", "others": "1", "lookback_days": "-1"},
            "lookback_days is -1: give a whole number from 0 to 100000, or none",
        ),
    ],
)
def test_a_10_a_row_that_is_no_model_says_what_to_change(
    compiled: str, row: dict[str, Any], told: str
) -> None:
    types = {"model": "varchar", "lookback_days": "integer"}
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as wh; create schema wh.reference")
        columns = [f"{name} {types.get(name, 'double')}" for name in ATTRIBUTION_MODELS[0]]
        connection.execute(f"create table wh.reference.attribution_models ({', '.join(columns)})")
        for seeded in (*ATTRIBUTION_MODELS, row):
            connection.execute(
                f"insert into wh.reference.attribution_models ({', '.join(seeded)}) "
                f"values ({', '.join('?' * len(seeded))})",
                list(seeded.values()),
            )
        with pytest.raises(duckdb.Error) as error:
            connection.execute(compiled).fetchall()
    assert "seeds/reference/attribution_models.csv, model " in str(error.value)
    assert told in str(error.value)
