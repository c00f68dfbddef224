"""A night builds what reads something that has changed, and leaves every other model alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tests.nights.compare import differences
from tests.nights.warehouse import Warehouse

AT = datetime(2025, 6, 1, tzinfo=UTC)

CONTACTS = """contact_id,created_at,updated_at
ada,2025-05-01T00:00:00Z,2025-05-01T00:00:00Z
"""
# The one interaction of all, and the same as a crawler's.
VIEW = """event_id,event_type,occurred_at,contact_id,received_at,user_agent
view,page_viewed,2025-05-02T00:00:00Z,ada,2025-05-04T00:00:00Z,
"""
BOTS_VIEW = """event_id,event_type,occurred_at,contact_id,received_at,user_agent
view,page_viewed,2025-05-02T00:00:00Z,ada,2025-05-03T00:00:00Z,a crawler
"""
SALE = {
    "contacts": CONTACTS,
    "events": VIEW,
    "pipeline_stages": "pipeline_id,stage_id,is_won,is_closed\np,won,1,1\n",
    "deals": "deal_id,created_at,pipeline_id,stage_id,closed_at\n"
    "deal,2025-05-02T00:00:00Z,p,won,2025-05-09T00:00:00Z\n",
    "deal_contacts": "deal_id,contact_id,associated_at\ndeal,ada,2025-05-02T00:00:00Z\n",
}
RATES = """currency,valid_from,rate
USD,2025-05-01,0.9
"""


def test_models_that_read_nothing_new_are_left_alone(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    write(landing / "contacts" / "first.csv", CONTACTS)
    warehouse = Warehouse(tmp_path / "warehouse")

    warehouse.load(landing, AT)
    first = warehouse.build()
    assert {"stg_contacts", "contacts", "stg_exchange_rates", "campaigns"} <= first

    warehouse.load(landing, AT + timedelta(days=1))
    assert warehouse.build() == set()

    write(landing / "exchange_rates" / "first.csv", RATES)
    warehouse.load(landing, AT + timedelta(days=2))
    written = warehouse.build()
    assert "stg_exchange_rates" in written
    assert "load_audit" in written
    assert not written & {"stg_contacts", "stg_events", "int_events", "contacts", "sessions"}


def test_what_reads_a_table_that_became_empty_is_not_left_alone(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    for table, text in SALE.items():
        write(landing / table / "first.csv", text)
    warehouse = Warehouse(tmp_path / "nights")
    rebuild = Warehouse(tmp_path / "rebuild", raw_layer_of=warehouse)
    warehouse.load(landing, AT)
    warehouse.build()
    assert _credited_keys(warehouse) == 8

    write(landing / "events" / "second.csv", BOTS_VIEW)
    warehouse.load(landing, AT + timedelta(days=1))
    warehouse.build()
    rebuild.build_anew()
    assert _credited_keys(warehouse) == _credited_keys(rebuild) == 0
    assert differences(warehouse.database, rebuild.database) == []


def _credited_keys(warehouse: Warehouse) -> int:
    """The rows of the data-driven models."""
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        found = connection.execute("select count(*) from marts.data_driven_attribution").fetchone()
    assert found is not None
    return found[0]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
