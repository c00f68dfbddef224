"""What a load remembers, and what it makes of a load that was interrupted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestration.errors import NothingToLoadError, StorageError, UsageError
from orchestration.load.ledger import Ledger
from tests.load.folder import (
    counts,
    entries,
    files_below,
    ledger_lines,
    load,
    quarantine,
    raw,
    write,
)

USERS = "user_id,name\nu1,Ann\nu2,Bo\n"


def test_a_file_is_loaded_once_whatever_its_name(landing: Path, warehouse: Path) -> None:
    write(landing / "users/a.csv", USERS)
    load(landing, warehouse)
    assert load(landing, warehouse).entries == []
    write(landing / "users/b.csv", USERS)
    (line,) = load(landing, warehouse).entries
    assert (line.file, line.status, counts(line)) == ("users/b.csv", "skipped", (0, 0, 0, 0))
    assert load(landing, warehouse).entries == []
    assert len(raw(warehouse, "users")) == 2


def test_a_changed_file_is_loaded_and_counts_what_counts_then(
    landing: Path, warehouse: Path
) -> None:
    write(landing / "users/a.csv", USERS)
    load(landing, warehouse)
    write(landing / "users/a.csv", USERS + "u3,Cy\n")
    (line,) = load(landing, warehouse).entries
    # Rows that came again are the later ones, and so the ones that count.
    assert counts(line) == (3, 3, 0, 0)
    assert [entry["rows_loaded"] for entry in ledger_lines(warehouse)] == [2, 3]


def test_of_two_events_with_one_id_the_first_received_counts(
    landing: Path, warehouse: Path
) -> None:
    header = "event_id,event_type,occurred_at,visitor_id,received_at\n"
    write(
        landing / "events/a.csv",
        header + "e1,page_viewed,2025-05-01,v1,2025-05-03\ne1,page_viewed,2025-05-01,v1,\n",
    )
    write(landing / "events/b.csv", header + "e1,page_viewed,2025-05-01,v1,2025-05-02\n")
    write(landing / "events/c.csv", header + "e1,page_viewed,2025-05-01,v1,2025-05-02\n")
    lines = entries(load(landing, warehouse))
    assert counts(lines["events/a.csv"]) == (2, 1, 1, 0)
    assert counts(lines["events/b.csv"]) == (1, 1, 0, 0)
    assert lines["events/c.csv"].status == "skipped"


def test_of_two_contacts_with_one_key_the_newest_update_counts(
    landing: Path, warehouse: Path
) -> None:
    header = "contact_id,created_at,updated_at\n"
    write(landing / "contacts/a.csv", header + "c1,2025-01-01,2025-03-01\nc2,2025-01-01,\n")
    write(landing / "contacts/b.csv", header + "c1,2025-01-01,2025-02-01\nc2,2025-01-01,\n")
    lines = entries(load(landing, warehouse))
    assert counts(lines["contacts/a.csv"]) == (2, 2, 0, 0)
    assert counts(lines["contacts/b.csv"]) == (2, 1, 1, 0)


def test_a_failed_file_is_left_until_it_has_changed(landing: Path, warehouse: Path) -> None:
    write(landing / "users/a.csv", "name\nAnn\n")
    (line,) = load(landing, warehouse).entries
    assert line.status == "failed"
    assert "user_id" in line.message
    assert load(landing, warehouse).entries == []
    write(landing / "users/a.csv", USERS)
    (line,) = load(landing, warehouse).entries
    assert (line.status, counts(line)) == ("loaded", (2, 2, 0, 0))


def test_a_column_that_comes_twice_fails_the_file(landing: Path, warehouse: Path) -> None:
    write(landing / "users/a.csv", "user_id,name,Name\nu1,Ann,Bo\n")
    (line,) = load(landing, warehouse).entries
    assert (line.status, counts(line)) == ("failed", (0, 0, 0, 0))
    assert "name" in line.message


def test_unknown_columns_are_kept_and_named(landing: Path, warehouse: Path) -> None:
    write(landing / "users/a.csv", "user_id,shoe_size\nu1,43\n")
    write(landing / "users/b.ndjson", '{"user_id": 2, "hat": {"size": 7}}\n')
    lines = entries(load(landing, warehouse))
    assert lines["users/a.csv"].extra_columns == ["shoe_size"]
    assert lines["users/b.ndjson"].extra_columns == ["hat"]
    assert raw(
        warehouse, "users", "user_id, _extra ->> '$.shoe_size', _extra ->> '$.hat.size'"
    ) == [
        ("u1", "43", None),
        ("2", None, "7"),
    ]


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
    reasons = raw_reasons(warehouse)
    assert reasons
    assert not any(person in reason for reason in reasons)


def raw_reasons(warehouse: Path) -> list[str]:
    from tests.load.folder import query

    return [
        reason
        for (reason,) in query(
            f"select reason from read_parquet('{warehouse}/quarantine/*.parquet')"
        )
    ]


def test_a_torn_last_line_of_the_ledger_is_a_file_that_was_not_loaded(
    landing: Path, warehouse: Path
) -> None:
    write(landing / "users/a.csv", USERS)
    write(landing / "users/b.csv", "user_id\nu9\n")
    load(landing, warehouse)
    ledger = warehouse / "raw" / "ledger.ndjson"
    ledger.write_bytes(ledger.read_bytes()[:-20])
    (line,) = load(landing, warehouse).entries
    assert (line.file, counts(line)) == ("users/b.csv", (1, 1, 0, 0))
    assert [entry["file"] for entry in ledger_lines(warehouse)] == ["users/a.csv", "users/b.csv"]
    assert load(landing, warehouse).entries == []
    assert raw(warehouse, "users", "user_id") == [("u1",), ("u2",), ("u9",)]


def test_a_load_that_ends_before_the_ledger_line_leaves_nothing_behind(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(landing / "users/a.csv", USERS)

    class PowerCutError(Exception):
        pass

    def cut(*_: object) -> None:
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", cut)
        with pytest.raises(PowerCutError):
            load(landing, warehouse)
    load(landing, warehouse)
    assert raw(warehouse, "users", "user_id") == [("u1",), ("u2",)]
    (line,) = ledger_lines(warehouse)
    users = {name for name in files_below(warehouse / "raw") if name.startswith("users/")}
    assert users == {"users/000000-empty.parquet", line["raw_file"].removeprefix("raw/")}


def test_a_raw_file_that_is_gone_is_named(landing: Path, warehouse: Path) -> None:
    write(landing / "users/a.csv", USERS)
    load(landing, warehouse)
    (line,) = ledger_lines(warehouse)
    (warehouse / line["raw_file"]).unlink()
    with pytest.raises(StorageError, match=Path(line["raw_file"]).name):
        load(landing, warehouse)


def test_what_is_no_table_is_reported_and_left_alone(landing: Path, warehouse: Path) -> None:
    write(landing / "users/a.csv", USERS)
    write(landing / "holidays/a.csv", "day\n2025-12-25\n")
    write(landing / "users/notes.docx", "x")
    lines = entries(load(landing, warehouse))
    assert (lines["holidays/a.csv"].status, lines["holidays/a.csv"].table_name) == (
        "unknown_table",
        "holidays",
    )
    assert lines["users/notes.docx"].status == "failed"
    assert ".csv" in lines["users/notes.docx"].message


def test_an_empty_landing_folder_is_nothing_to_load_at_first_and_fine_later(
    landing: Path, warehouse: Path
) -> None:
    with pytest.raises(NothingToLoadError):
        load(landing, warehouse)
    file = write(landing / "users/a.csv", USERS)
    load(landing, warehouse)
    file.unlink()
    assert load(landing, warehouse).entries == []


def test_a_missing_landing_folder_is_wrong_use(tmp_path: Path, warehouse: Path) -> None:
    with pytest.raises(UsageError, match="no-such-folder"):
        load(tmp_path / "no-such-folder", warehouse)


def test_a_link_that_leads_out_of_the_landing_folder_is_not_followed(
    landing: Path, warehouse: Path, tmp_path: Path
) -> None:
    write(landing / "users/a.csv", USERS)
    secret = write(tmp_path / "secret.csv", "user_id\nroot\n")
    (landing / "users/b.csv").symlink_to(secret)
    lines = entries(load(landing, warehouse))
    assert lines["users/b.csv"].status == "failed"
    assert raw(warehouse, "users", "user_id") == [("u1",), ("u2",)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user who is refused")
def test_a_file_that_this_user_cannot_read_fails_and_the_rest_loads(
    landing: Path, warehouse: Path
) -> None:
    write(landing / "users/a.csv", USERS)
    write(landing / "users/b.csv", "user_id\nu9\n").chmod(0o000)
    warehouse.mkdir()
    for folder in (landing, *landing.parents):
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o005)
    os.chown(warehouse, 65534, 65534)
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        try:
            load(landing, warehouse)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    statuses = {line["file"]: line["status"] for line in ledger_lines(warehouse)}
    assert statuses == {"users/a.csv": "loaded", "users/b.csv": "failed"}
