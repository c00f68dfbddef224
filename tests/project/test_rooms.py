"""The order of the rooms: each model reads only what stands before it on the way of the data."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.load import init_raw
from tests.agreement.warehouse import run_dbt

# From the raw files to the marts.
ROOMS = [
    *("staging", "identity", "sessions", "touches", "influence", "attribution", "journeys"),
    *("channels", "marts"),
]

# The association-time filter: an association's interval is compared with the time of an event.
FILTERED_IN = "touches"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    warehouse = tmp_path_factory.mktemp("rooms")
    init_raw(warehouse)
    run_dbt(["parse"], warehouse)
    return json.loads((warehouse / "target" / "manifest.json").read_text(encoding="utf-8"))


def room(node: dict[str, Any]) -> str:
    return Path(node["path"]).parts[0]


def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }


def test_no_model_reads_from_a_room_behind_its_own(manifest: dict[str, Any]) -> None:
    found = models(manifest)
    wrong = [
        f"{node['name']} ({room(node)}) reads {found[parent]['name']} ({room(found[parent])})"
        for node in found.values()
        for parent in node["depends_on"]["nodes"]
        if parent in found and ROOMS.index(room(found[parent])) > ROOMS.index(room(node))
    ]
    assert not wrong, wrong


def test_only_staging_and_the_trust_marts_read_raw_files(manifest: dict[str, Any]) -> None:
    wrong = [
        node["name"]
        for node in models(manifest).values()
        if any(parent.startswith("source.") for parent in node["depends_on"]["nodes"])
        and room(node) != "staging"
        and not node["path"].startswith("marts/trust/")
    ]
    assert not wrong, wrong


def test_the_association_time_filter_is_written_in_touches_alone(manifest: dict[str, Any]) -> None:
    wrong = [
        node["name"]
        for node in models(manifest).values()
        if "occurred_at >= " in node["raw_code"]
        and "associated_at" in node["raw_code"]
        and room(node) != FILTERED_IN
    ]
    assert not wrong, wrong


def test_visibility_explains_and_filters_no_metric(manifest: dict[str, Any]) -> None:
    """T-8: nothing is computed from it."""
    (visibility,) = [
        n for n, node in models(manifest).items() if node["name"] == "asset_visibility"
    ]
    readers = [
        node["name"]
        for node in models(manifest).values()
        if visibility in node["depends_on"]["nodes"]
    ]
    assert not readers, readers


def test_every_model_says_first_what_a_row_is(manifest: dict[str, Any]) -> None:
    wrong = [
        node["name"]
        for node in models(manifest).values()
        if not node["description"].startswith("One row per ")
    ]
    assert not wrong, wrong


def test_every_model_has_a_primary_key_test(manifest: dict[str, Any]) -> None:
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node.get("test_metadata", {}).get("name") == "primary_key"
    }
    assert not set(models(manifest)) - tested


def test_every_column_of_a_mart_is_described_and_typed(manifest: dict[str, Any]) -> None:
    wrong = [
        f"{node['name']}.{column['name']}"
        for node in models(manifest).values()
        if room(node) == "marts"
        for column in node["columns"].values()
        if not column["description"] or not column["data_type"]
    ]
    assert not wrong, wrong
    assert all(
        node["config"]["contract"]["enforced"]
        for node in models(manifest).values()
        if room(node) == "marts"
    )
