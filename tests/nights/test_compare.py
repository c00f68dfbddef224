"""The comparison of two databases sees every difference, and tells it by key."""

from pathlib import Path

import duckdb
import pytest

from tests.nights.compare import differences

CONTACTS = "create schema marts; create table marts.contact_aliases as "
ROWS = "select * from (values ('a', 'k'), ('b', 'k')) as t(merged_contact_id, contact_id)"


def database(path: Path, statements: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statements)
    return path


@pytest.mark.parametrize(
    ("rebuilt", "told"),
    [
        (ROWS, []),
        (f"{ROWS} order by all desc", []),
        (f"{ROWS} where merged_contact_id = 'a'", ["(b) only after the nights: "]),
        (f"{ROWS} union all select 'c', 'k'", ["(c) only in the rebuild: "]),
        (f"{ROWS} union all select 'a', 'k'", ["(a) only in the rebuild: "]),
        (
            "select merged_contact_id, if(merged_contact_id = 'a', null, contact_id) as contact_id "
            f"from ({ROWS})",
            ["(a) contact_id: k after the nights, None in the rebuild"],
        ),
        (f"select merged_contact_id from ({ROWS})", ["columns "]),
        (f"select merged_contact_id, 1 as contact_id from ({ROWS})", ["columns "]),
    ],
    ids=["equal", "order", "missing", "more", "twice", "value", "column", "type"],
)
def test_what_differs_is_told_by_key(tmp_path: Path, rebuilt: str, told: list[str]) -> None:
    nights = database(tmp_path / "nights.duckdb", CONTACTS + ROWS)
    rebuild = database(tmp_path / "rebuild.duckdb", CONTACTS + rebuilt)
    lines = differences(nights, rebuild)
    assert all(any(text in line for line in lines) for text in told), lines
    assert bool(lines) == bool(told)


def test_other_schemas_are_compared_where_asked_but_for_exceptions(tmp_path: Path) -> None:
    nights = database(tmp_path / "nights.duckdb", "create schema s; create table s.t as select 1")
    rebuild = database(tmp_path / "rebuild.duckdb", "create schema s; create table s.t as select 2")
    assert differences(nights, rebuild) == []
    assert differences(nights, rebuild, schemas=None) != []
    assert differences(nights, rebuild, schemas=None, except_for=["s.t"]) == []
    assert differences(nights, rebuild, schemas=None, except_for=["s"]) == []


def test_a_table_that_one_side_lacks_is_told(tmp_path: Path) -> None:
    nights = database(tmp_path / "nights.duckdb", CONTACTS + ROWS)
    rebuild = database(tmp_path / "rebuild.duckdb", "create schema marts")
    assert len(differences(nights, rebuild)) == len(differences(rebuild, nights)) == 1
