"""Every metric rule stands in a model that cites it, and has a unit test named after it."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.agreement.warehouse import PROJECT, make_empty_warehouse, run_dbt

REGISTER = PROJECT / "seeds" / "reference" / "metric_rules_register.csv"
# The numbers of each family's rules.
FAMILIES = {
    "ID": range(1, 8),
    "S": range(1, 14),
    "T": range(1, 10),
    "N": range(1, 7),
    "I": range(1, 17),
    "D": range(1, 10),
    "A": range(1, 13),
    "J": range(1, 9),
    "K": range(19),
}

Rule = dict[str, str]


@pytest.fixture(scope="module")
def rules() -> list[Rule]:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    files = (PROJECT / "models").rglob("*.yml")
    return [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]


def test_the_register_has_every_rule_once(rules: list[Rule]) -> None:
    wanted = [f"{family}-{n}" for family, numbers in FAMILIES.items() for n in numbers]
    assert [rule["rule_id"] for rule in rules] == wanted


def cited(description: str) -> set[str]:
    """The rule ids in a text; `N-1 to N-3` cites the rules between, too."""
    found = set(re.findall(r"\b(?:ID|[STNIDAJK])-\d+\b", description))
    for family, first, last in re.findall(
        r"\b(ID|[STNIDAJK])-(\d+) to (?:ID|[STNIDAJK])-(\d+)\b", " ".join(description.split())
    ):
        found |= {f"{family}-{number}" for number in range(int(first), int(last) + 1)}
    return found


def test_the_model_of_a_rule_cites_it(rules: list[Rule], documents: list[dict[str, Any]]) -> None:
    descriptions = {
        model["name"]: " ".join(
            [model["description"]]
            + [column.get("description", "") for column in model.get("columns", [])]
        )
        for document in documents
        for model in document.get("models", [])
    }
    wrong = [
        f"{rule['rule_id']}: {rule['model']}"
        for rule in rules
        if rule["rule_id"] not in cited(descriptions.get(rule["model"], ""))
    ]
    assert not wrong, wrong


def test_the_test_of_a_rule_is_named_after_it(
    rules: list[Rule], documents: list[dict[str, Any]]
) -> None:
    names = {test["name"] for document in documents for test in document.get("unit_tests", [])}
    wrong = [
        f"{rule['rule_id']}: {rule['test']}"
        for rule in rules
        if rule["test"] not in names
        or not rule["test"].startswith(rule["rule_id"].lower().replace("-", "_") + "_")
    ]
    assert not wrong, wrong


def test_every_unit_test_passes(tmp_path: Path, documents: list[dict[str, Any]]) -> None:
    """Runs dbt's unit tests, and notes their results for the mart `metric_rules`."""
    # Unit tests take the types of their inputs from tables; empty ones do.
    make_empty_warehouse(tmp_path)
    run_dbt(["test", "--select", "test_type:unit"], tmp_path, must_succeed=False)
    outcome = json.loads((tmp_path / "target" / "run_results.json").read_text(encoding="utf-8"))
    results = {
        result["unique_id"].rpartition(".")[2]: result["status"]
        for result in outcome["results"]
        if result["unique_id"].startswith("unit_test.")
    }
    state = PROJECT / ".state"
    state.mkdir(exist_ok=True)
    lines = [json.dumps({"name": n, "status": s}) for n, s in sorted(results.items())]
    (state / "unit_tests.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
    written = {test["name"] for doc in documents for test in doc.get("unit_tests", [])}
    assert results.keys() == written
    failed = {name: status for name, status in results.items() if status != "pass"}
    messages = [r["message"] for r in outcome["results"] if r["status"] != "pass"]
    assert not failed, "\n".join([str(failed), *map(str, messages)])
