from __future__ import annotations

import gzip
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.reference.load import load_all
from tests.reference.values import UnparsableError, parse_value


def _write(folder: Path, files: dict[str, bytes | str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("instant", "0", datetime(1970, 1, 1)),
        ("instant", "-1", datetime(1969, 12, 31, 23, 59, 59, 999000)),
        ("instant", "2025-01-31", datetime(2025, 1, 31)),
        ("instant", " 2025-01-31t10:00 ", datetime(2025, 1, 31, 10)),
        ("instant", "2025-01-31 10:00:00.1234567+0230", datetime(2025, 1, 31, 7, 30, 0, 123456)),
        ("instant", "2025-01-31T23:00-02", datetime(2025, 2, 1, 1)),
        ("date", "2025-01-31T23:00-02", date(2025, 2, 1)),
        ("amount", "-10.005", Decimal("-10.01")),
        ("amount", "1e3", Decimal("1000.00")),
        ("integer", "2.0", 2),
        ("boolean", "YES", True),
        ("text", " 007 ", " 007 "),
        ("text", "", None),
    ],
)
def test_values_follow_their_grammar(kind: str, text: str, expected: object) -> None:
    assert parse_value(kind, text) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("instant", "2025-02-29"),
        ("instant", "2025-01-31T24:00"),
        ("instant", "2025-01-31T10:00:00,5"),
        ("instant", "2025-01-31Z"),
        ("instant", "1.5"),
        ("instant", "99999999999999999"),
        ("amount", "1,000"),
        ("amount", ".5"),
        ("amount", "1e16"),
        ("integer", "1.5"),
        ("number", "1e999"),
        ("boolean", "y"),
        ("json", "[]"),
    ],
)
def test_values_beside_their_grammar_are_unparsable(kind: str, text: str) -> None:
    with pytest.raises(UnparsableError):
        parse_value(kind, text)


def test_rows_are_loaded_duplicate_or_in_quarantine(tmp_path: Path) -> None:
    night = _write(
        tmp_path / "1",
        {
            "contacts/a.csv": "\ufeffcontact_id;created_at;note\n1;2025-01-01;x\n\n2;never;x\n3;x\n"
            '"1";2025-01-02;"two\nlines"\n',
            "contacts/b.ndjson.gz": gzip.compress(
                b'{"contact_id": 1, "created_at": "2025-01-03", "updated_at": 5}\n\nnothing\n'
            ),
            "contacts/c.csv": "contact_id,email\n1,e\n",
            "other/a.csv": "a\n1\n",
        },
    )
    again = _write(
        tmp_path / "2",
        {
            "contacts/a.csv": (night / "contacts/a.csv").read_bytes(),
            "contacts/d.csv": (night / "contacts/a.csv").read_bytes(),
            "contacts/e.csv": "contact_id,created_at\n1,2025-01-04\n",
        },
    )
    loaded = load_all([night, again])
    counts = {
        row["file"]: (
            row["status"],
            row["rows_in"],
            row["rows_loaded"],
            row["rows_duplicate"],
            row["rows_quarantined"],
        )
        for row in loaded.load_audit
    }
    assert counts == {
        "contacts/a.csv": ("loaded", 4, 1, 1, 2),
        "contacts/b.ndjson.gz": ("loaded", 2, 1, 0, 1),
        "contacts/c.csv": ("failed", 0, 0, 0, 0),
        "other/a.csv": ("unknown_table", 0, 0, 0, 0),
        "contacts/d.csv": ("skipped", 0, 0, 0, 0),
        "contacts/e.csv": ("loaded", 1, 0, 1, 0),
    }
    bad = [
        (row["file"], row["row_number"], row["column_name"], row["reason"])
        for row in loaded.quarantine
    ]
    assert bad == [
        ("contacts/a.csv", 2, "created_at", "unparsable_instant"),
        ("contacts/a.csv", 3, None, "row_does_not_parse"),
        ("contacts/b.ndjson.gz", 3, None, "row_does_not_parse"),
    ]
    assert loaded.extra_columns == {("contacts", "note")}
    (contact,) = loaded.tables["contacts"]
    assert (contact["contact_id"], contact["created_at"]) == ("1", datetime(2025, 1, 3))


def test_of_two_events_the_first_received_counts_then_the_earlier_file(tmp_path: Path) -> None:
    header = "event_id,event_type,occurred_at,visitor_id,url,received_at\n"
    event = "e{},page_viewed,2025-01-01,v,{},{}\n"
    night = _write(
        tmp_path / "1",
        {
            "events/b.csv": header + event.format(1, "late", 9) + event.format(2, "b", ""),
            "events/a.csv": header + event.format(1, "none", "") + event.format(2, "a", ""),
        },
    )
    loaded = load_all([night])
    urls = {row["event_id"]: row["url"] for row in loaded.tables["events"]}
    assert urls == {"e1": "late", "e2": "a"}
