"""The documentation says what the code does."""

import re

import pytest

from orchestration.errors import WarehouseError
from orchestration.load.contracts import ASSET_TYPES, TABLES, Column, Kind
from tests.agreement.warehouse import PROJECT


def test_your_data_lists_the_contract_of_every_table() -> None:
    text = (PROJECT / "docs" / "your-data.md").read_text(encoding="utf-8")
    rows = {
        cells[1].strip(" `"): cells
        for line in text.splitlines()
        if len(cells := line.split("|")) == 6 and cells[1].startswith(" `")
    }
    assert rows.keys() == {table.name for table in TABLES.values()}
    for table in TABLES.values():
        _, _, _, key, columns, _ = rows[table.name]
        assert key.strip().split(", ") == list(table.key), table.name
        assert columns.strip() == ", ".join(map(as_documented, table.columns)), table.name


def as_documented(column: Column) -> str:
    name = f"**{column.name}**" if column.required else column.name
    return name if column.kind is Kind.TEXT else f"{name} ({column.kind.value})"


def test_your_data_lists_every_asset_type() -> None:
    text = (PROJECT / "docs" / "your-data.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("`asset_type` is one of")]
    assert line.partition(": ")[2].strip(".").split(", ") == list(ASSET_TYPES)


@pytest.mark.parametrize("page", ["README.md", "docs/runbook.md"])
def test_every_exit_status_is_told(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    told = {int(status) for status in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert {0, *(kind.exit_code for kind in WarehouseError.__subclasses__())} <= told
