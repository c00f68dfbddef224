"""Cases in which rows were lost, a night got stuck or a message told too much, once."""

from __future__ import annotations

from pathlib import Path

from tests.load.folder import counts, load, quarantine, query, raw, write


def test_one_bad_line_beside_odd_keys_and_number_ids_loses_no_other_row(
    landing: Path, warehouse: Path
) -> None:
    write(
        landing / "events/a.ndjson",
        '{"event_id": 1.50, "event_type": "page_viewed", "occurred_at": 0, "Visitor_ID": 7}\n'
        "no json\n"
        '{"event_id": "e2", "event_type": "page_viewed", "occurred_at": 0, "Visitor_ID": "v"}\n',
    )
    (line,) = load(landing, warehouse).entries
    assert counts(line) == (3, 2, 0, 1)
    assert raw(warehouse, "events", "event_id, visitor_id") == [("1.50", "7"), ("e2", "v")]
    assert quarantine(warehouse) == [("events/a.ndjson", 2, None, "row_does_not_parse")]


def test_an_amount_no_sum_of_which_fits_is_quarantined(landing: Path, warehouse: Path) -> None:
    write(
        landing / "deals/a.csv",
        "deal_id,created_at,amount\n"
        "d1,2025-01-01,9999999999999.99\nd2,2025-01-01,10000000000000\n"
        "d3,2025-01-01,-10000000000000\n",
    )
    load(landing, warehouse)
    assert raw(warehouse, "deals", "deal_id") == [("d1",)]
    assert quarantine(warehouse) == [
        ("deals/a.csv", 2, "amount", "unparsable_number"),
        ("deals/a.csv", 3, "amount", "unparsable_number"),
    ]


def test_no_message_or_reason_repeats_a_value(landing: Path, warehouse: Path) -> None:
    person = "jane@example.com"
    write(landing / "contacts/a.csv", f"c1,2025-01-01,{person},{person}\n")
    write(landing / "contacts/b.csv", f"contact_id,created_at,email\nc1,{person},{person}\n")
    load(landing, warehouse)
    assert person not in (warehouse / "raw" / "ledger.ndjson").read_text(encoding="utf-8")
    reasons = query(f"select reason from read_parquet('{warehouse}/quarantine/*.parquet')")
    assert reasons
    assert not any(person in reason for (reason,) in reasons)
