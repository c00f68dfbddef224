"""Attribution at the ends of what it takes: one, a hundred thousand; odd names, far instants."""

import csv
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.agreement.compare import differences, summary
from tests.agreement.test_own_attribution_models import append
from tests.nights.project import copy_project
from tests.nights.warehouse import Warehouse
from tests.reference import KEYS, compute
from tests.reference.attribution import ATTRIBUTION_MODELS
from tests.scenarios.contract import COLUMNS

Row = dict[str, Any]

OWN_MODELS: list[Row] = [
    {"model": "instant", "others": "1", "half_life_days": "0.000001"},
    {"model": "eternal", "others": "1", "half_life_days": "1000000000000"},
    {"model": "that_day", "others": "1", "lookback_days": "0"},
    {"model": "all_days", "others": "1", "lookback_days": "100000"},
    {"model": "lead_alone", "lead_creation": "1"},
    {"model": "creation_alone", "deal_creation": "0.000001", "closed_won": "0"},
]
MODELS = len(ATTRIBUTION_MODELS) + len(OWN_MODELS)

# Of the hundred thousand, and of no other deal.
BIG, BIG_DAY, BIG_INTERACTIONS = "big", datetime(2024, 6, 30, tzinfo=UTC), 100_000

ODD_IDS = (
    'O\'Neil, "Größe"; 100 % \U0001f3af',
    "007",
    "7",
    "1e5",
    "NULL",
    "No Campaign",
    "no campaign ",
    "-",
    "{}",
    "a|b:c",
)

AMOUNTS = ("", "0", "0.01", "0.02", "-0.01", "-100", "100.01", "99999999999999.99")


class Company:
    """Rows by table."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.add("pipeline_stages", pipeline_id="p", stage_id="won", is_won="1", is_closed="1")

    def add(self, table: str, **row: str) -> None:
        self.rows.setdefault(table, []).append(row)

    def contact(self, contact_id: str, created_at: str = "2025-05-02") -> None:
        self.add("contacts", contact_id=contact_id, created_at=created_at)

    def deal(
        self,
        deal_id: str,
        *contacts: str,
        amount: str = "100.01",
        created_at: str = "2025-05-05",
        closed_at: str = "2025-05-09",
    ) -> None:
        """A won deal, and the contacts on it."""
        ids = {"deal_id": deal_id, "pipeline_id": "p", "stage_id": "won"}
        self.add("deals", amount=amount, created_at=created_at, closed_at=closed_at, **ids)
        for contact_id in contacts:
            self.add(
                "deal_contacts",
                deal_id=deal_id,
                contact_id=contact_id,
                associated_at="0001-01-01T00:00:00Z",
            )

    def interaction(self, contact_id: str, at: str, kind: str = "call_ended", **row: str) -> None:
        number = len(self.rows.get("events", ()))
        self.add(
            "events",
            event_id=f"{contact_id}-{number}",
            event_type=kind,
            occurred_at=at,
            contact_id=contact_id,
            **row,
        )

    def visit(self, contact_id: str, at: str, utm_campaign: str) -> None:
        """A page view of no session."""
        url = f"https://x.example/?utm_campaign={utm_campaign}"
        self.interaction(contact_id, at, "page_viewed", url=url)

    def write(self, folder: Path) -> None:
        for table, rows in self.rows.items():
            path = folder / table / "rows.csv"
            path.parent.mkdir(parents=True)
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, COLUMNS[table], restval="")
                writer.writeheader()
                writer.writerows(rows)


def edges() -> Company:
    """Everything but the hundred thousand."""
    company = Company()
    for number, campaign_id in enumerate(ODD_IDS):
        company.add(
            "campaigns",
            campaign_id=campaign_id,
            name=campaign_id,
            created_at="2025-05-01",
            utm_campaign=("one", "one", "one", f"utm{number}")[min(number, 3)],
        )

    company.contact("none")
    company.deal("none", "none")
    company.deal("nobody")

    # One that is all milestones, and one that comes too late for the first three.
    company.contact("one")
    company.interaction("one", "2025-05-02T00:01:00Z")
    company.deal("one", "one", created_at="2025-05-02T00:01:00Z")
    company.contact("late")
    company.interaction("late", "2025-05-09")
    company.interaction("late", "2025-05-09T00:00:00.000001Z")
    company.deal("late", "late")

    # Deals of the same contacts that close at one instant, of amounts that don't divide.
    for contact_id in ("c1", "c2"):
        company.contact(contact_id)
    for campaign_id in ("one", *(f"utm{number}" for number in range(3, len(ODD_IDS)))):
        company.visit("c1", "2025-05-03", campaign_id)
        company.visit("c2", "2025-05-04", campaign_id)
    for number, amount in enumerate(AMOUNTS):
        company.deal(f"amount-{number}", "c1", "c2", amount=amount)

    # So far back, and so far ahead, as instants go.
    company.contact("old", "0001-01-02")
    for at in ("0001-01-01", "1000-01-01", "1700-01-01", "1990-01-01", "2025-05-08", "2025-05-09"):
        company.interaction("old", at)
    company.deal("old", "old", created_at="1990-01-01")
    company.contact("first", "0001-01-02")
    company.interaction("first", "0001-01-02")
    company.deal("first", "first", created_at="0001-01-02", closed_at="0001-01-02")
    company.contact("last", "9999-12-30")
    company.interaction("last", "9999-12-30")
    company.deal("last", "last", created_at="9999-12-30", closed_at="9999-12-30")

    # More contacts than cents.
    crowd = [f"crowd-{number}" for number in range(250)]
    for contact_id in crowd:
        company.contact(contact_id)
        company.interaction(contact_id, "2025-05-03")
    company.deal("crowd", *crowd, amount="2.49")
    return company


def hundred_thousand() -> Company:
    """One deal with as many interactions, in four kinds and three campaigns."""
    company = Company()
    created_at = "2022-01-01"
    for name in "xyz":
        values = {"campaign_id": f"big-{name}", "name": name, "utm_campaign": f"big-{name}"}
        company.add("campaigns", created_at=created_at, **values)
    for contact_id in ("big-1", "big-2"):
        company.contact(contact_id, "2023-01-01")
    for number in range(BIG_INTERACTIONS):
        at = (BIG_DAY - timedelta(minutes=10 * number)).isoformat()
        contact_id = ("big-1", "big-2", "big-2")[number * number % 17 % 3]
        kind = ("call_ended", "page_viewed", "meeting_booked", "sms_clicked")[
            number * number % 31 % 4
        ]
        if kind == "page_viewed":
            company.visit(contact_id, at, f"big-{'xyzw'[number % 7 % 4]}")
        else:
            company.interaction(contact_id, at, kind)
    company.deal(
        BIG,
        "big-1",
        "big-2",
        amount="99999.99",
        created_at="2023-06-01",
        closed_at=BIG_DAY.isoformat(),
    )
    return company


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edges")
    edges().write(folder)
    return folder


@pytest.fixture(scope="module")
def marts(
    landing: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of both, which pass every data test."""
    folder = tmp_path_factory.mktemp("built")
    project = copy_project(folder / "project")
    append(project, OWN_MODELS)
    hundred_thousand().write(folder / "hundred-thousand")
    warehouse = Warehouse(folder / "warehouse", project_dir=project)
    warehouse.load(landing, datetime(2025, 6, 1, tzinfo=UTC))
    warehouse.load(folder / "hundred-thousand", datetime(2025, 6, 2, tzinfo=UTC))
    warehouse.build()
    warehouse.test()
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        yield connection


def rows_of(marts: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    cursor = marts.execute(query)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def test_edges_agree_with_the_reference(marts: duckdb.DuckDBPyConnection, landing: Path) -> None:
    columns = ATTRIBUTION_MODELS[0].keys()
    own = [dict.fromkeys(columns) | row for row in OWN_MODELS]
    wanted = compute([landing], attribution_models=[*ATTRIBUTION_MODELS, *own])
    not_big = {
        "deal_attribution": f"deal_id != '{BIG}'",
        "deal_create_attribution": f"deal_id != '{BIG}'",
        "contact_attribution": f"contact_id not like '{BIG}%'",
        "campaign_attribution": f"date != '{BIG_DAY:%Y-%m-%d}'",
        "channel_attribution": f"date != '{BIG_DAY:%Y-%m-%d}'",
        "campaigns": f"campaign_id not like '{BIG}%'",
    }
    lines = {
        name: differences(
            wanted[name], rows_of(marts, f"select * from {name} where {rest}"), KEYS[name], name
        )
        for name, rest in not_big.items()
    }
    assert not any(lines.values()), summary(lines)


def test_a_6_credits_and_cents_are_conserved(marts: duckdb.DuckDBPyConnection) -> None:
    deals = {row["deal_id"]: row["amount"] for row in rows_of(marts, "from deals")}
    parts = rows_of(
        marts,
        "select deal_id, model, list(credit) credits, list(revenue) revenues "
        "from deal_attribution group by all",
    )
    for row in parts:
        amount, revenues = deals[row["deal_id"]], row["revenues"]
        assert abs(math.fsum(row["credits"]) - 1) <= 1e-9, (row["deal_id"], row["model"])
        if amount is None:
            assert set(revenues) == {None}, (row["deal_id"], row["model"])
        else:
            assert sum(revenues) == amount, (row["deal_id"], row["model"])
    closed_won = sum((amount or Decimal(0) for amount in deals.values()), Decimal(0))
    for mart in ("campaign_attribution", "channel_attribution"):
        models = rows_of(
            marts, f"select model, sum(credit) c, sum(revenue) r from {mart} group by model"
        )
        assert len(models) == MODELS
        for row in models:
            assert (round(row["c"], 6), row["r"]) == (len(deals), closed_won), (mart, row)


def test_a_6_a_deal_of_a_hundred_thousand_interactions(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    counted = {
        row["model"]: row["interactions"]
        for row in rows_of(
            marts,
            "select model, count(*) interactions from deal_attribution "
            f"where deal_id = '{BIG}' group by model",
        )
    }
    everything = {"linear", "u_shaped", "w_shaped", "full_path", "j_shaped", "inverse_j_shaped"}
    assert {m for m, n in counted.items() if n == BIG_INTERACTIONS} >= everything
    assert counted["first_interaction"] == counted["last_interaction"] == 1
    assert counted["time_decay"] == BIG_INTERACTIONS
    # 9,999,999 cents: ninety-nine each, and one more for all but one, the first ones.
    linear = rows_of(
        marts,
        "select revenue, count(*) interactions, max(occurred_at) latest from deal_attribution "
        f"where deal_id = '{BIG}' and model = 'linear' group by revenue order by revenue",
    )
    assert [(row["revenue"], row["interactions"]) for row in linear] == [
        (Decimal("0.99"), 1),
        (Decimal("1.00"), BIG_INTERACTIONS - 1),
    ]
    assert linear[0]["latest"] == BIG_DAY.replace(tzinfo=None)


def test_a_9_chains_of_a_hundred_thousand_steps(marts: duckdb.DuckDBPyConnection) -> None:
    found = rows_of(
        marts,
        "select dimension, model, sum(credit) credit, sum(revenue) revenue "
        "from data_driven_attribution group by all",
    )
    paths = rows_of(
        marts,
        "select count(*) n, sum(amount) r from deals "
        "where deal_id in (select deal_id from deal_attribution)",
    )[0]
    assert len(found) == 2 * 4
    for row in found:
        assert (round(row["credit"], 6), row["revenue"]) == (paths["n"], paths["r"]), row
