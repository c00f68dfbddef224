"""Erased people are found in texts, and what is no one's stays as it is."""

from __future__ import annotations

import json
import re

import pytest

from orchestration.load.contracts import TABLES
from orchestration.load.erasure.pseudonyms import Pseudonyms
from orchestration.load.erasure.register import Register
from orchestration.load.erasure.rows import Rows, excluded_by
from orchestration.load.erasure.texts import (
    Texts,
    pattern_of,
    word_of_email,
    word_of_id,
    word_of_phone,
)

PSEUDONYMS = Pseudonyms("a key that nobody knows")
ANNA = PSEUDONYMS.of("contact-17")


def word(text: str | None) -> str:
    assert text is not None
    return PSEUDONYMS.of(text)


WORDS = {
    word(word_of_id("contact-17")),
    word(word_of_id("v0815")),
    word(word_of_email("Anna.Abel@example.com")),
    word(word_of_email("x.v0815@example.com")),
    word(word_of_phone("+49 170 1234567")),
}
TEXTS = Texts(PSEUDONYMS, WORDS)
EMAIL = word(word_of_email("anna.abel@example.com"))


WRITTEN = [
    ("contact-17", ANNA),
    ("contact-17:form-3:1", f"{ANNA}:form-3:1"),
    ("a/contact-17?x=contact-17", f"a/{ANNA}?x={ANNA}"),
    ("v0815.2", f"{PSEUDONYMS.of('v0815')}.2"),
    ("https://x.de/?to=anna.abel@example.com&a=1", f"https://x.de/?to={EMAIL}&a=1"),
    ("https://x.de/?to=ANNA.ABEL%40example.com", f"https://x.de/?to={EMAIL}"),
    ("https://x.de/?to%3Danna%2Eabel%40example.com", f"https://x.de/?to%3D{EMAIL}"),
    ("from anna.abel@example.com, again", f"from {EMAIL}, again"),
    ("x.v0815@example.com!", f"{word(word_of_email('x.v0815@example.com'))}!"),
    (
        "call 0170 1234567 or +49 (170) 123-4567",
        f"call {word('0170 1234567')} or {word('+49 (170) 123-4567')}",
    ),
    ("?tel=%2B491701234567", f"?tel=%2B{word('491701234567')}"),
]


@pytest.mark.parametrize(("before", "after"), WRITTEN)
def test_a_person_is_found_however_it_is_written(before: str, after: str) -> None:
    assert TEXTS.plain(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "contact-170",
        "contact-1",
        "xcontact-17",
        "contact-17x",
        "50%",
        "%3D%",
        "hannah.abel@example.com",
        "anna.abel@example.community",
        "0170 12345678",
        "1701234",
        "2024-03-01T00:00:00Z",
        "",
        "%zz %",
        "/" * 1000,
        "https://www.example.com/blog/a-b-c/?utm_source=news&utm_campaign=a_b#top",
    ],
)
def test_what_names_nobody_stays_as_it_is(text: str) -> None:
    assert TEXTS.plain(text) == text


def test_an_own_text_has_no_address_of_anybody() -> None:
    to, cc = (word(word_of_email(email)) for email in ("other@example.org", "x@example.org"))
    assert TEXTS.own("?to=other@example.org&cc=x%40example.org") == f"?to={to}&cc={cc}"
    assert TEXTS.own("?to=ANNA.ABEL@example.com") == f"?to={EMAIL}"


def test_ids_that_are_made_of_addresses_and_numbers_stay_apart() -> None:
    texts = [
        *("anna.abel@example.com:1", "x.v0815@example.com:1", "other@example.org:1"),
        *("1701234567", "9701234567", "0170 1234567:1"),
    ]
    after = [TEXTS.own(text) for text in texts]
    assert len({*after, *texts}) == 2 * len(texts)


@pytest.mark.parametrize("text", ["17", "123", "ab", "Anna", "12345"])
def test_ids_that_too_many_texts_have_are_not_looked_for(text: str) -> None:
    assert word_of_id(text) is None


def test_json_stays_json_and_its_numbers_as_they_are_written() -> None:
    before = r'{"to": "anna.abel\u0040example.com", "n": 2.50, "tel": 491701234567, "x": "\"q\""}'
    after = TEXTS.json(before)
    assert json.loads(after) == {
        "to": EMAIL, "n": 2.5, "tel": word("491701234567"), "x": '"q"',
    }  # fmt: skip
    assert '"n": 2.50,' in after
    assert r'"x": "\"q\""' in after


def test_another_key_gives_other_pseudonyms() -> None:
    assert Pseudonyms("another key of that kind").of("contact-17") != ANNA
    assert Texts(Pseudonyms("another key of that kind"), WORDS).plain("contact-17") == "contact-17"


REGISTER = Register(
    contacts={ANNA, PSEUDONYMS.of("9")}, visitors={PSEUDONYMS.of("v0815")}, words=WORDS
)
ROWS = Rows(REGISTER, PSEUDONYMS, {"deal-1"})


def event(**columns: object) -> dict[str, object]:
    return {
        "event_id": "e1",
        "contact_id": None,
        "visitor_id": None,
        "asset_id": "contact-17",
        "user_agent": "Mozilla",
        "ip_country": "DE",
        "ip_city": "Bonn",
        "properties": None,
        "_extra": '{"full_name": "Anna Abel"}',
    } | columns


@pytest.mark.parametrize("ids", [{"contact_id": "contact-17"}, {"visitor_id": "v0815"}])
def test_an_own_event_keeps_what_figures_need(ids: dict[str, str]) -> None:
    properties = (
        '{"first_name": "Anna", "score": 9.50, "comment": "mine", "score": 1, "title": "A"}'
    )
    before = event(**ids, properties=properties)
    after = ROWS.without_person(TABLES["events"], before)
    assert after == {
        "event_id": "e1",
        **{column: ids.get(column) and PSEUDONYMS.of(ids[column]) for column in
           ("contact_id", "visitor_id")},
        "asset_id": "contact-17",
        "user_agent": None,
        "ip_country": "DE",
        "ip_city": None,
        "properties": '{"score": 9.50, "score": 1, "title": "A"}',
        "_extra": None,
    }  # fmt: skip
    assert ROWS.without_person(TABLES["events"], after) == after


def test_another_person_s_event_keeps_all_but_the_name_of_an_erased_one() -> None:
    before = event(contact_id="c2", properties='{"referred_by": "anna.abel@example.com"}')
    after = ROWS.without_person(TABLES["events"], before)
    assert after == before | {"properties": f'{{"referred_by": "{EMAIL}"}}'}


def test_an_id_is_a_person_s_only_in_a_column_of_persons_ids() -> None:
    before = event(contact_id="9", asset_id="9", event_id="9")
    after = ROWS.without_person(TABLES["events"], before)
    assert (after["contact_id"], after["asset_id"], after["event_id"]) == (
        PSEUDONYMS.of("9"), "9", "9",
    )  # fmt: skip


def test_a_contact_keeps_country_and_stage() -> None:
    before = {
        "contact_id": "contact-17",
        "email": "anna.abel@example.com",
        "phone": "0170 1234567",
        "country": "DE",
        "lifecycle_stage": "lead",
        "_extra": None,
    }
    after = ROWS.without_person(TABLES["contacts"], before)
    assert after == before | {"contact_id": ANNA, "email": None, "phone": None}


def test_a_deal_of_an_erased_contact_has_no_name() -> None:
    table = TABLES["deals"]
    for deal, name in (("deal-1", None), ("deal-2", "Anna Abel, 3 seats")):
        before = {"deal_id": deal, "name": "Anna Abel, 3 seats", "amount": 1, "_extra": None}
        assert ROWS.without_person(table, before) == before | {"name": name}


def test_a_merge_has_pseudonyms_on_both_sides() -> None:
    before = {"merged_contact_id": "contact-17", "contact_id": "9"}
    after = ROWS.without_person(TABLES["contact_merges"], before)
    assert after == {"merged_contact_id": ANNA, "contact_id": PSEUDONYMS.of("9")}


def test_a_bot_stays_one_by_the_entries_that_it_was_found_by() -> None:
    assert excluded_by("Mozilla/5.0 (compatible; Googlebot/2.1; a CRAWLER)") == "bot crawler"
    assert excluded_by("bot crawler") == "bot crawler"
    assert excluded_by("Mozilla/5.0 (X11; Linux x86_64)") is None


@pytest.mark.parametrize(
    "text", ['contact-17,2024-13-01,"x"', '{"email": "anna.abel\\u0040example.com"}']
)
def test_a_bad_row_that_names_a_person_keeps_nothing_of_itself(text: str) -> None:
    before = {
        "row_text": text,
        "row_sha256": "ab",
        "reason": "no instant: 'contact-17'",
        "file": "f",
    }
    assert ROWS.names_person(text)
    assert ROWS.bad_row(before) == {
        "row_text": None,
        "row_sha256": PSEUDONYMS.of("ab"),
        "reason": f"no instant: '{ANNA}'",
        "file": "f",
    }
    assert not ROWS.names_person("contact-18,2024-13-01")


PATTERN = pattern_of(
    [
        *("id:contact-17", "id:v0815", "email:anna.abel@example.com"),
        *("email:x.v0815@example.com", "phone:701234567"),
    ]
)


@pytest.mark.parametrize("text", [before for before, _ in WRITTEN])
def test_the_pattern_finds_all_that_is_found(text: str) -> None:
    assert PATTERN is not None
    assert re.search(PATTERN, text.lower())
    assert re.search(PATTERN, json.dumps({"a": text.replace("@", "\u00e9@")}).lower())


def test_there_is_no_pattern_of_a_word_without_letters_that_all_write_alike() -> None:
    assert pattern_of(["id:contact-17", "id:ééé-ü"]) is None
    assert pattern_of([]) == ""
