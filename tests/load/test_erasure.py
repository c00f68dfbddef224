"""The raw layer forgets people, in every file, also in files that come later."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from orchestration.errors import StorageError, UsageError
from orchestration.load import forget_people, load_landing
from orchestration.load.checksums import check_raw_files
from orchestration.load.erasure import Register, eraser
from orchestration.load.erasure.pseudonyms import Pseudonyms
from orchestration.load.erasure.texts import word_of_email
from orchestration.load.ledger import Ledger
from tests.load.folder import (
    counts,
    entries,
    ledger_lines,
    load,
    query,
    raw,
    write,
    write_table,
)

_EVENT = [
    "event_id", "event_type", "occurred_at", "visitor_id", "contact_id", "url", "user_agent",
    "ip_country", "ip_city", "properties", "nickname",
]  # fmt: skip
_CONTACT = ["contact_id", "created_at", "email", "phone", "country", "full_name"]

# All that nobody may find afterwards.
PERSONAL = ("contact-17", "v0815", "anna", "Anna", "1234567", "Bonn", "Firefox", "Annie")


def event(
    number: int, visitor: str, contact: str = "", url: str = "", bad: bool = False
) -> list[str]:
    instant = "never" if bad else f"2024-03-01T10:00:{number:02d}"
    return [
        f"{contact or visitor}:{number}", "page_viewed", instant, visitor, contact, url, "Firefox",
        "DE", "Bonn", '{"title": "Home", "comment": "I, Anna"}', "Annie",
    ]  # fmt: skip


def first_files(landing: Path) -> None:
    """A person, another one, and a third who speaks of the first."""
    write_table(
        landing / "contacts" / "a.csv",
        _CONTACT,
        [
            ["contact-17", "2024-01-01", "anna@example.com", "0170 1234567", "DE", "Anna Abel"],
            ["contact-18", "2024-01-01", "bea@example.com", "", "FR", "Bea"],
        ],
    )
    others = [
        [*event(1, "v1")[:6], "Chrome", "FR", "Lyon", '{"title": "Home"}', ""],
        [
            *event(2, "v2", url="https://x.de/?from=anna@example.com&tel=01701234567")[:6],
            "Chrome",
            "FR",
            "Lyon",
            "",
            "",
        ],
    ]
    own = [event(3, "v0815"), event(4, "v7", "contact-17"), event(5, "v0815", bad=True)]
    write_table(landing / "events" / "a.csv", _EVENT, [*others, *own])
    write_table(landing / "events" / "b.parquet", _EVENT, [event(6, "v0815", "contact-17")])
    # A source that takes an e-mail address for a visitor's id.
    named = ["8", *event(8, "anna@example.com")[1:6], "Chrome", "FR", "Lyon", "", ""]
    all_of = [event(7, "", "contact-17"), *others, named]
    write_table(landing / "events" / "c.parquet", _EVENT, all_of)
    write_table(
        landing / "deal_contacts" / "a.csv",
        ["deal_id", "contact_id", "associated_at"],
        [["d1", "contact-17", "2024-01-01"], ["d2", "contact-18", "2024-01-01"]],
    )
    write_table(
        landing / "deals" / "a.csv",
        ["deal_id", "created_at", "name"],
        [["d1", "2024-01-01", "Anna, 3 seats"], ["d2", "2024-01-01", "Bea, 3 seats"]],
    )


def forget(warehouse: Path, key: str = "") -> None:
    forget_people(warehouse, {"contact-17"}, {"v0815"}, erasure_key=key, progress=lambda line: None)


def found_below(folder: Path) -> dict[str, list[str]]:
    """What of the person files below a folder hold: in bytes, and in Parquet values."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".parquet":
            text += str(query(f"from read_parquet('{path}')"))
        words = [word for word in PERSONAL if word in text]
        if words:
            found[path.name] = words
    return found


def test_nothing_of_a_person_is_left_and_all_else_stays(landing: Path, warehouse: Path) -> None:
    first_files(landing)
    load(landing, warehouse)
    columns = "event_type, occurred_at, asset_id, ip_country, _file, _row_number, _load_id"
    before = raw(warehouse, "events", columns)
    others = raw(warehouse, "contacts", "*")[1]
    forget(warehouse)
    assert found_below(warehouse) == {}
    assert raw(warehouse, "events", columns) == before
    assert raw(warehouse, "contacts", "*")[1] == others
    assert raw(warehouse, "deals", "deal_id, name") == [("d1", None), ("d2", "Bea, 3 seats")]
    of = Pseudonyms((warehouse / ".erasure_key").read_text().strip()).of
    assert raw(warehouse, "contacts", "contact_id, email, phone, country, _extra")[0] == (
        of("contact-17"), None, None, "DE", None,
    )  # fmt: skip
    ids = {
        (visitor, contact)
        for visitor, contact in raw(warehouse, "events", "visitor_id, contact_id")
    }
    assert ids == {
        ("v1", None), ("v2", None), (of("v0815"), None), ("v7", of("contact-17")),
        (of("v0815"), of("contact-17")), (None, of("contact-17")), (of("anna@example.com"), None),
    }  # fmt: skip
    email, phone = of(word_of_email("anna@example.com")), of("01701234567")
    assert [url for (url,) in raw(warehouse, "events", "url") if url] == [
        f"https://x.de/?from={email}&tel={phone}"
    ] * 2
    bad = f"from read_parquet('{warehouse}/quarantine/*.parquet')"
    assert query(f"select row_number, row_text {bad}") == [(5, None)]


def test_files_that_come_later_load_without_the_person(landing: Path, warehouse: Path) -> None:
    first_files(landing)
    load(landing, warehouse)
    forget(warehouse)
    events = [event(3, "v0815"), event(8, "v0815"), event(9, "v0815", bad=True)]
    write_table(landing / "events" / "d.csv", _EVENT, events)
    write_table(
        landing / "deal_contacts" / "b.csv",
        ["deal_id", "contact_id", "associated_at"],
        [["d2", "contact-17", "2024-01-01"]],
    )
    write_table(
        landing / "contacts" / "b.parquet",
        _CONTACT,
        [["contact-17", "2024-01-01", "anna@example.org", "0170 7654321", "DE", "Anna Abel"]],
    )
    found = entries(load(landing, warehouse))
    assert found_below(warehouse) == {}
    # The event that came again is known as one, though it has another id by now.
    assert counts(found["events/d.csv"]) == (3, 1, 1, 1)
    assert raw(warehouse, "deals", "deal_id, name") == [("d1", None), ("d2", None)]


def test_addresses_that_erased_contacts_get_later_are_looked_for_everywhere(
    landing: Path, warehouse: Path
) -> None:
    url = "https://x.de/?to=anna@example.org"
    write_table(landing / "events" / "a.csv", _EVENT, [event(1, "v1", url=url)[:6] + [""] * 5])
    load(landing, warehouse)
    # Asked for before the contact itself has come.
    forget(warehouse)
    register = Register.read(warehouse)
    register.is_rebuild_due = register.is_outdated = False
    register.write(warehouse)
    twin = ["contact-18", "2024-01-01", "anna@example.org", "", "DE", ""]
    late = ["contact-17", "2024-01-01", "anna@example.org", "0170 1234567", "DE", "Anna Abel"]
    write_table(landing / "contacts" / "a.csv", _CONTACT, [twin])
    write_table(landing / "contacts" / "b.csv", _CONTACT, [late])
    tel = event(2, "v1", url="https://x.de/?tel=01701234567")[:6] + [""] * 5
    write_table(landing / "events" / "b.csv", _EVENT, [tel])
    load(landing, warehouse)
    assert found_below(warehouse) == {}
    assert Register.read(warehouse).is_rebuild_due
    assert Register.read(warehouse).is_outdated


_DEAL, _ON_DEAL = ["deal_id", "created_at", "name"], ["deal_id", "contact_id", "associated_at"]


def test_a_deal_that_is_told_later_to_be_theirs_has_everything_built_anew(
    landing: Path, warehouse: Path
) -> None:
    first_files(landing)
    load(landing, warehouse)
    forget(warehouse)
    write_table(landing / "deals" / "b.csv", _DEAL, [["d3", "2024-01-01", "Anna Abel, 9 seats"]])
    load(landing, warehouse)
    register = Register.read(warehouse)
    register.is_rebuild_due = register.is_outdated = False
    register.write(warehouse)
    # What comes with its contact was never built.
    write_table(landing / "deals" / "c.csv", _DEAL, [["d4", "2024-01-01", "Anna Abel, 9 seats"]])
    write_table(landing / "deal_contacts" / "c.csv", _ON_DEAL, [["d4", "contact-17", "2024-01-01"]])
    load(landing, warehouse)
    register = Register.read(warehouse)
    assert not register.is_rebuild_due
    assert not register.is_outdated
    write_table(landing / "deal_contacts" / "b.csv", _ON_DEAL, [["d3", "contact-17", "2024-01-01"]])
    load(landing, warehouse)
    register = Register.read(warehouse)
    assert register.is_rebuild_due
    assert register.is_outdated
    assert found_below(warehouse) == {}


def test_a_deal_whose_id_is_made_of_theirs_has_no_name_whenever_it_comes(
    landing: Path, warehouse: Path
) -> None:
    first_files(landing)
    deal = ["contact-17-d5", "2024-01-01", "Anna Abel, 9 seats"]
    write_table(
        landing / "deal_contacts" / "b.csv",
        _ON_DEAL,
        [["contact-17-d5", "contact-17", "2024-01-01"]],
    )
    write_table(landing / "deals" / "b.csv", _DEAL, [deal])
    load(landing, warehouse)
    forget(warehouse)
    write_table(landing / "deals" / "c.csv", _DEAL, [[*deal[:2], "Anna Abel, 10 seats"]])
    load(landing, warehouse)
    assert found_below(warehouse) == {}


@pytest.fixture
def cut_short(landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warehouse that was just being rid of a person when the machine stopped."""
    first_files(landing)
    load(landing, warehouse)
    moves = []

    def move(written: Path, final: Path) -> None:
        if len(moves) == 2:
            raise KeyboardInterrupt
        moves.append(final)
        written.rename(final)

    with monkeypatch.context() as patched:
        patched.setattr(eraser, "move_into_place", move)
        with pytest.raises(KeyboardInterrupt):
            forget(warehouse)
    assert found_below(warehouse) != {}
    assert Register.read(warehouse).is_rebuild_due


@pytest.mark.usefixtures("cut_short")
def test_a_scrub_that_was_cut_short_is_finished_by_the_next_load(
    landing: Path, warehouse: Path
) -> None:
    write_table(landing / "events" / "d.csv", _EVENT, [event(3, "v0815")])
    found = entries(load(landing, warehouse))
    assert found_below(warehouse) == {}
    assert counts(found["events/d.csv"]) == (1, 0, 1, 0)


@pytest.mark.usefixtures("cut_short")
def test_a_scrub_that_was_cut_short_is_finished_by_the_next_erasure(warehouse: Path) -> None:
    forget_people(warehouse, {"contact-18"}, set(), progress=lambda line: None)
    assert found_below(warehouse) == {}


def test_files_that_were_written_anew_have_checksums_and_damage_is_told(
    landing: Path, warehouse: Path
) -> None:
    first_files(landing)
    load(landing, warehouse)
    forget(warehouse)
    check_raw_files(warehouse, ledger_lines(warehouse))
    path = next((warehouse / "raw" / "events").glob("000001-*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(StorageError, match=rf"raw/events/{path.name} of events/.* is damaged"):
        check_raw_files(warehouse, ledger_lines(warehouse))
    with pytest.raises(StorageError, match=rf"raw/events/{path.name} of events/.* is damaged"):
        forget_people(warehouse, {"contact-18"}, {"v1", "v2"}, progress=lambda line: None)
    path.write_bytes(b"PAR1")
    with pytest.raises(StorageError, match=rf"raw/events/{path.name} of events/.* is damaged"):
        load(landing, warehouse)


@pytest.mark.usefixtures("cut_short")
def test_a_scrub_that_was_cut_short_leaves_no_file_that_looks_damaged(
    landing: Path, warehouse: Path
) -> None:
    check_raw_files(warehouse, ledger_lines(warehouse))
    load(landing, warehouse)
    check_raw_files(warehouse, ledger_lines(warehouse))


def test_what_was_scrubbed_is_read_again_only_for_other_people(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_files(landing)
    load(landing, warehouse)
    forget(warehouse)
    read: list[str] = []
    scrub = eraser.Eraser._scrub
    monkeypatch.setattr(
        eraser.Eraser,
        "_scrub",
        lambda self, path, *args: read.append(path.name) or scrub(self, path, *args),
    )
    load(landing, warehouse)
    assert read == []
    write_table(landing / "events" / "d.csv", _EVENT, [event(8, "v0815")])
    load(landing, warehouse)
    assert len(read) == 1
    load(landing, warehouse)
    assert len(read) == 1
    forget_people(warehouse, {"contact-18"}, set(), progress=lambda line: None)
    assert len(read) > len(Ledger(warehouse / "raw" / "ledger.ndjson").files)


def test_the_key_file_is_its_owner_s_alone(landing: Path, warehouse: Path) -> None:
    first_files(landing)
    load(landing, warehouse)
    assert not (warehouse / ".erasure_key").exists()
    forget(warehouse)
    assert stat.S_IMODE((warehouse / ".erasure_key").stat().st_mode) == 0o600


def test_a_key_from_the_environment_is_written_nowhere(landing: Path, warehouse: Path) -> None:
    first_files(landing)
    load(landing, warehouse)
    key = "a key of the environment"
    forget(warehouse, key)
    assert not (warehouse / ".erasure_key").exists()
    assert all(key.encode() not in p.read_bytes() for p in warehouse.rglob("*") if p.is_file())
    write_table(landing / "events" / "d.csv", _EVENT, [event(8, "v0815")])
    with pytest.raises(UsageError, match="under a key that isn't there: set CAMPAIGN_ERASURE_KEY"):
        load(landing, warehouse)
    with pytest.raises(UsageError, match="under another key"):
        _load_with(landing, warehouse, "another key of that kind")
    with pytest.raises(UsageError, match="has 5 characters: set at least 16"):
        _load_with(landing, warehouse, "short")
    _load_with(landing, warehouse, key)
    assert found_below(warehouse) == {}


def _load_with(landing: Path, warehouse: Path, key: str) -> None:
    load_landing(
        landing, warehouse, run_id="run", progress=lambda line: None, erasure_key=key, threads=2
    )


def test_a_visitor_on_the_list_of_excluded_ones_is_told_of(landing: Path, warehouse: Path) -> None:
    first_files(landing)
    load(landing, warehouse)
    told = r"row 1 .*excluded_visitors.csv: write erased-[0-9a-f]{32} there"
    with pytest.raises(UsageError, match=told) as raised:
        forget_people(
            warehouse, {"contact-17"}, {"internal-test-visitor"}, progress=lambda line: None
        )
    assert "internal-test-visitor" not in str(raised.value)
    assert Register.read(warehouse).contacts == set()


def test_a_damaged_register_is_named(landing: Path, warehouse: Path) -> None:
    first_files(landing)
    load(landing, warehouse)
    forget(warehouse)
    write(warehouse / "raw" / "erased.json", "{")
    with pytest.raises(StorageError, match=r"erased.json is damaged: restore it"):
        load(landing, warehouse)


def test_nothing_is_written_where_nobody_was_erased(landing: Path, warehouse: Path) -> None:
    first_files(landing)
    load(landing, warehouse)
    assert not Register.path(warehouse).exists()
    shutil.rmtree(landing / "events")
    load(landing, warehouse)
    assert not Register.path(warehouse).exists()
