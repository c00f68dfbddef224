"""What counts as a change of the rules, and when a build may go on from the last one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.settings import Settings
from orchestration.transform.dbt import Dbt
from orchestration.transform.nights import why_anew

FILES = {
    "models/staging/stg_events.sql": "select 1",
    "models/staging/stg_events.yml": "models: []",
    "macros/minutes.sql": "{% macro minutes() %}{% endmacro %}",
    "seeds/reference/event_types.csv": "event_type\npage_viewed\n",
    "dbt_project.yml": "name: p",
    "vars.yml": "vars: {}",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("orchestration.transform.dbt.PROJECT_DIR", tmp_path / "project")
    return tmp_path / "project"


def rules(**variables: Any) -> str:
    return Dbt(settings(variables)).rules()


def settings(variables: Mapping[str, Any]) -> Settings:
    return Settings(
        landing=Path("landing"),
        warehouse=Path("warehouse"),
        dbt_vars=variables,
        keep_published=1,
        dbt_threads=1,
        fresh_hours=1,
        alert_url="",
    )


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(".yml")])
def test_sql_and_reference_seeds_are_rules(project: Path, name: str) -> None:
    before = rules()
    (project / name).write_text("changed", encoding="utf-8")
    assert rules() != before


@pytest.mark.parametrize("name", ["dbt_project.yml", "vars.yml"])
def test_the_project_file_and_variables_are_rules(project: Path, name: str) -> None:
    before = rules()
    assert rules(social_post_limit=5) != before
    assert rules(social_post_limit=5) == rules(social_post_limit=5)
    (project / name).write_text("name: q", encoding="utf-8")
    assert rules() != before


def test_the_same_sql_under_another_name_is_another_rule(project: Path) -> None:
    before = rules()
    path = project / "models/staging/stg_events.sql"
    path.rename(path.with_name("stg_other.sql"))
    assert rules() != before


def test_descriptions_and_tests_are_no_rules(project: Path) -> None:
    before = rules()
    (project / "models/staging/stg_events.yml").write_text("models: [{}]", encoding="utf-8")
    assert rules() == before


def test_types_of_columns_are_rules(project: Path) -> None:
    before = rules()
    path = project / "models/staging/stg_events.yml"
    path.write_text("models: [{columns: [{name: x, data_type: bigint}]}]", encoding="utf-8")
    first = rules()
    path.write_text("models: [{columns: [{name: x, data_type: date}]}]", encoding="utf-8")
    assert before != first != rules()


def test_versions_are_rules(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rules()
    monkeypatch.setattr("orchestration.transform.dbt.versions", lambda: "another DuckDB")
    assert rules() != before


def test_a_night_goes_on_from_a_whole_build_under_the_same_rules(tmp_path: Path) -> None:
    build = tmp_path / "build.duckdb"
    loads = {(1, "monday"), (2, "tuesday")}
    assert why_anew(build, "rules", loads) == "there is no build yet"
    cut_short = "the last build did not go through to its end"
    columns = "rules varchar, load_id bigint, run_id varchar"
    for statement, why in (
        ("create schema changes", cut_short),
        (f"create table changes.builds ({columns})", cut_short),
        ("insert into changes.builds values ('rules', 2, 'tuesday')", None),
    ):
        with duckdb.connect(str(build)) as connection:
            connection.execute(statement)
        assert why_anew(build, "rules", loads) == why
    changed = "a rule, a reference seed or a variable has changed"
    assert why_anew(build, "others", loads) == changed


@pytest.mark.parametrize(
    "loads", [{(1, "monday")}, {(1, "monday"), (2, "another tuesday")}, set()], ids=len
)
def test_a_raw_layer_that_was_put_back_is_built_from(
    tmp_path: Path, loads: set[tuple[int, str]]
) -> None:
    build = tmp_path / "build.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema changes")
        connection.execute(
            "create table changes.builds as "
            "select 'rules' as rules, 2::bigint as load_id, 'tuesday' as run_id"
        )
    why = "the raw layer is not the one that the last build read"
    assert why_anew(build, "rules", loads) == why


def test_a_build_of_an_empty_raw_layer_goes_on(tmp_path: Path) -> None:
    build = tmp_path / "build.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema changes")
        connection.execute(
            "create table changes.builds as "
            "select 'rules' as rules, 0::bigint as load_id, null::varchar as run_id"
        )
    assert why_anew(build, "rules", set()) is None
