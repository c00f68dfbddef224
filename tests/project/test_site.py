"""The generated pages of the site say what the code and the sample say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from docs_site import outside
from docs_site.inputs import inputs_page
from docs_site.pages import gather_pages, published_rules
from docs_site.rules import FAMILIES, Rule, cited, rule_pages
from orchestration.errors import UsageError
from orchestration.load.contracts import TABLES
from orchestration.settings import Settings
from orchestration.transform.dbt import Dbt
from tests.conftest import PROJECT


@pytest.fixture(scope="module")
def settings(sample_warehouse: Path) -> Settings:
    return Settings.from_environment({"CAMPAIGN_WAREHOUSE": str(sample_warehouse)})


@pytest.fixture(scope="module")
def rules(settings: Settings) -> list[Rule]:
    return published_rules(settings.published / "current.duckdb")


@pytest.fixture(scope="module")
def manifest(settings: Settings) -> Mapping[str, Any]:
    return Dbt(settings).manifest()


@pytest.fixture(scope="module")
def pages(rules: list[Rule], manifest: Mapping[str, Any]) -> dict[str, str]:
    return rule_pages(rules, manifest)


def test_every_rule_stands_once_on_its_familys_page(
    rules: list[Rule], pages: dict[str, str]
) -> None:
    assert pages.keys() == {"index", *(family.lower() for family in FAMILIES)}
    for family in FAMILIES:
        lines = pages[family.lower()].splitlines()
        shown = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
        own = [rule.rule_id for rule in rules if rule.rule_id.startswith(f"{family}-")]
        assert shown == sorted(own, key=lambda rule_id: int(rule_id.partition("-")[2]))
    assert all(rule.rule.replace("|", "\\|") in pages["index"] for rule in rules)


def test_a_rules_model_and_tests_stand_on_its_page(
    rules: list[Rule], manifest: Mapping[str, Any], pages: dict[str, str]
) -> None:
    models = {node["name"]: node for node in manifest["nodes"].values()}
    for rule in rules:
        page = pages[rule.family.lower()]
        assert page.count(f"{models[rule.model]['raw_code'].strip()}\n````") == 1
        assert page.count(f"<summary><code>{rule.test}</code></summary>") == 1


def test_a_unit_test_is_told_with_its_rows() -> None:
    rule = Rule("S-1", "A rule.", "sessions", "s_1_holds", "pass", "not run")
    model = {
        "name": "sessions",
        "resource_type": "model",
        "unique_id": "model.p.sessions",
        "raw_code": "select 1",
        "language": "sql",
        "description": "One row per session.",
        "columns": {},
    }
    citing = model | {"name": "dates", "unique_id": "model.p.dates", "description": "By S-1."}
    test = {
        "name": "s_1_holds",
        "description": "Just\nbefore.",
        "overrides": {"vars": {"limit": 1}},
        "given": [
            {"input": "ref('a')", "format": "dict", "rows": [{"id": 1, "at": "2025-01-01"}]},
            {"input": "ref('b')", "format": "sql", "rows": "select 1"},
            {"input": "ref('c')", "format": "dict", "rows": []},
        ],
        "expect": {"format": "dict", "rows": [{"id": 1, "name": None}]},
    }
    other = test | {"name": "s_10_holds"}
    page = rule_pages(
        [rule],
        {"nodes": {"1": model, "2": citing}, "unit_tests": {"1": test, "2": other}},
    )["s"]
    shown = page.partition("````yaml\n")[2].partition("\n````")[0]
    assert shown.splitlines() == [
        "description: Just before.",
        "overrides: {vars: {limit: 1}}",
        "given:",
        "  - input: ref('a')",
        "    rows:",
        "      - {id: 1, at: '2025-01-01'}",
        "  - input: ref('b')",
        "    format: sql",
        "    rows: select 1",
        "  - input: ref('c')",
        "    rows: []",
        "expect:",
        "  rows:",
        "    - {id: 1, name: null}",
    ]
    assert "s_10_holds" not in page
    assert 'Cited by: <a href="../reference/index.html#!/model/model.p.dates">' in page
    assert "data tests: pass" in page
    assert "Unit tests (not run)" in page


def test_a_text_cites_the_rules_between_two_as_well() -> None:
    assert cited("By S-3 to\nS-5, ID-7; not IS-1 or S-x.") == {"S-3", "S-4", "S-5", "ID-7"}


def test_every_column_of_the_input_tables_has_an_example() -> None:
    page = inputs_page(PROJECT / "seeds" / "sample")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    wanted = [column.name for table in TABLES.values() for column in table.columns]
    assert [line.split("`")[1] for line in lines] == wanted
    # Only where one event comes several times does it matter when it was received.
    assert [line for line in lines if line.endswith("|  |")] == [
        "| `received_at` | instant |  |  |"
    ]


def test_without_a_published_warehouse_the_site_says_what_to_do(tmp_path: Path) -> None:
    settings = Settings.from_environment({"CAMPAIGN_WAREHOUSE": str(tmp_path / "none")})
    with pytest.raises(UsageError, match="make run"):
        gather_pages(settings, tmp_path / "site")


@pytest.mark.parametrize(
    "loads",
    [
        '<script async src="https://cdn.example/a.js"></script>',
        "<img alt='' src=//cdn.example/a.png>",
        '<link rel="stylesheet" href="http://cdn.example/a.css">',
        "<style>@font-face { src: url('https://cdn.example/a.woff') }</style>",
        '<style>@import "//cdn.example/a.css";</style>',
        '<script>x = {"send_anonymous_usage_stats": true}</script>',
    ],
)
def test_a_page_that_loads_from_outside_is_told(
    loads: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "index.html").write_text("<p>", encoding="utf-8")
    (tmp_path / "page.html").write_text(f"<html>{loads}", encoding="utf-8")
    assert outside.main([str(tmp_path)]) == 1
    assert "page.html" in capsys.readouterr().err


def test_a_page_may_link_outside_and_load_what_is_beside_it(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<link rel="canonical" href="https://a.example/"><link rel=stylesheet href="a.css">'
        '<a href="https://b.example/">b</a><img src="b.svg"><script src="a.js"></script>',
        encoding="utf-8",
    )
    assert outside.main([str(tmp_path)]) == 0


def test_a_folder_without_a_site_is_told(tmp_path: Path) -> None:
    assert outside.main([str(tmp_path)]) == 2
