"""The dashboard for Superset asks for what is published."""

from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.conftest import PROJECT

FOLDER = PROJECT / "docs" / "superset"


def parts(kind: str) -> list[dict[str, Any]]:
    """The files of a kind, in which what Superset imports stands."""
    paths = sorted((FOLDER / kind).rglob("*.yaml"))
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]


def test_datasets_have_columns_of_the_marts(sample_warehouse: Path) -> None:
    current = sample_warehouse / "published" / "current.duckdb"
    with duckdb.connect(str(current), read_only=True) as connection:
        for dataset in parts("datasets"):
            mart = f"{dataset['schema']}.{dataset['table_name']}"
            for column in dataset["columns"]:
                found = connection.sql(f"select {column['column_name']} from {mart}").types
                assert [str(kind) for kind in found] == [column["type"]], mart
            for metric in dataset["metrics"]:
                connection.execute(f"select {metric['expression']} from {mart}")


def test_charts_ask_for_what_their_datasets_have() -> None:
    datasets = {dataset["uuid"]: dataset for dataset in parts("datasets")}
    assert len(parts("charts")) == 6
    for chart in parts("charts"):
        dataset, params = datasets[chart["dataset_uuid"]], chart["params"]
        metrics = params.get("metrics") or [params["metric"]]
        columns = [*params.get("groupby", []), *filter(None, [params.get("x_axis")])]
        columns += [condition["subject"] for condition in params["adhoc_filters"]]
        assert set(metrics) <= {metric["metric_name"] for metric in dataset["metrics"]}
        assert set(columns) <= {column["column_name"] for column in dataset["columns"]}


def test_the_dashboard_shows_every_chart_and_is_an_exposure() -> None:
    (dashboard,) = parts("dashboards")
    shown = {
        part["meta"]["uuid"]
        for part in dashboard["position"].values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    assert shown == {chart["uuid"] for chart in parts("charts")}
    text = (PROJECT / "models" / "marts" / "_exposures.yml").read_text(encoding="utf-8")
    (exposure,) = [e for e in yaml.safe_load(text)["exposures"] if e["name"] == "superset"]
    read = sorted(dataset["table_name"] for dataset in parts("datasets"))
    assert exposure["depends_on"] == [f"ref('{mart}')" for mart in read]
