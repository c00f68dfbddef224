"""What differs by engine stands in macros/engine, for each engine, and is listed in the docs."""

import re
from pathlib import Path

from tests.conftest import PROJECT

ENGINES = ("duckdb", "spark")
ENGINE_MACROS = PROJECT / "macros" / "engine"
PAGE = PROJECT / "docs" / "spark.md"

_DISPATCH = re.compile(r"adapter\.dispatch\('(\w+)', 'campaign_warehouse'\)")
_MACRO = re.compile(r"\{%-? macro (\w+)\(")
_ASKS = re.compile(r"target\.(type|name)|adapter\.type|env_var\(.CAMPAIGN_ENGINE")


def sql_files() -> list[Path]:
    folders = ("models", "macros", "tests/dbt")
    return [path for folder in folders for path in sorted((PROJECT / folder).rglob("*.sql"))]


def test_no_sql_asks_for_the_engine() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in sql_files()}
    assert len(texts) > 200
    assert not [path for path, text in texts.items() if _ASKS.search(text)]


def test_every_dispatched_macro_has_a_side_for_each_engine() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sql_files())
    defined = set(_MACRO.findall(text))
    dispatched = set(_DISPATCH.findall(text))
    sides = {f"{engine}__{name}" for name in dispatched for engine in ENGINES}
    assert len(dispatched) > 40
    assert not sides - defined


def test_models_use_no_side_of_an_engine_by_name() -> None:
    found = [
        path
        for folder in ("models", "tests/dbt")
        for path in (PROJECT / folder).rglob("*.sql")
        if re.search(r"\b(duckdb|spark)__", path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_the_docs_list_every_engine_macro() -> None:
    wanted = {
        path.name: set(_DISPATCH.findall(path.read_text(encoding="utf-8")))
        for path in ENGINE_MACROS.glob("*.sql")
    }
    wanted["build.sql"] = {"begin_build", "end_build"}
    wanted["materializations.sql"] = {"of_piece", "from_piece"}
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+\.sql)` \| (\d+) \| (.+) \|$", page, re.MULTILINE)
    listed = {name: set(re.findall(r"`(\w+)`", macros)) for name, _, macros in rows}
    assert listed == {name: macros for name, macros in wanted.items() if macros}
    assert all(int(number) == len(listed[name]) for name, number, _ in rows)
    assert f"{sum(map(len, listed.values()))} macros" in page
