"""A night builds what reads something that has changed, and leaves every other model alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.nights.warehouse import Warehouse

AT = datetime(2025, 6, 1, tzinfo=UTC)

CONTACTS = """contact_id,created_at,updated_at
ada,2025-05-01T00:00:00Z,2025-05-01T00:00:00Z
"""
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


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
