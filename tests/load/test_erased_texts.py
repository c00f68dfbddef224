"""Erased people are found in texts, and what is no one's stays as it is."""

from __future__ import annotations

import hashlib
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
    words_of_email,
    words_of_phone,
)

PSEUDONYMS = Pseudonyms("a key that nobody knows")
ANNA = PSEUDONYMS.of("contact-17")


word = PSEUDONYMS.of


BRACED, PIPED, PADDED = "{3F2504E0-4F89}", "auth0|5f7c8ec7c33c6c004bbafe82", "aGVsbG8gd29ybGQ="
FOUND_BY = {
    *(
        found
        for text in ("contact-17", "v0815", BRACED, PIPED, PADDED, "4711471")
        if (found := word_of_id(text))
    ),
    *words_of_email("Anna <Anna.Abel@example.com>; _x@example.com"),
    *words_of_email("x.v0815@example.com"),
    *words_of_email("ann.o'brien@example.com"),
    *words_of_email("jürgen@example.com, öz@example.com"),
    *words_of_phone("+49 170 1234567 / (030) 7654321"),
}
WORDS = set(map(PSEUDONYMS.of, FOUND_BY))
TEXTS = Texts(PSEUDONYMS, WORDS)
EMAIL = word(word_of_email("anna.abel@example.com"))
MD5 = hashlib.md5(b"anna.abel@example.com").hexdigest()


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
    ("https://x.de/?to=anna.abel%2540example.com", f"https://x.de/?to={EMAIL}"),
    ("?r=%2F%3Fto%3Danna%252Eabel%252540example.com%26", f"?r=%2F%3Fto%3D{EMAIL}%26"),
    ("?to=j%C3%BCrgen%40example.com", f"?to={word(word_of_email('jürgen@example.com'))}"),
    ("?to=%C3%B6z%40example.com", f"?to={word(word_of_email('öz@example.com'))}"),
    ("ann.o%27brien@example.com", f"ann.o%27{word(word_of_email('brien@example.com'))}"),
    ("to _x@example.com", f"to _{word(word_of_email('x@example.com'))}"),
    (f"?em={MD5}&x=1", f"?em={word(MD5)}&x=1"),
    (f"u={BRACED}", f"u={{{word(BRACED[1:-1])}}}"),
    ("u=%7B3F2504E0%2D4F89%7D", f"u=%7B{word(BRACED[1:-1])}%7D"),
    ("auth0%7C5f7c8ec7c33c6c004bbafe82", f"auth0%7C{word(PIPED[6:])}"),
    (f"v={PADDED}", f"v={word(PADDED[:-1])}="),
    ("0170 / 1234567", word("0170 / 1234567")),
    ("Tel.0170\u00a01234567", "Tel." + word("0170\u00a01234567")),
    ("0171 7654321 / 0170 1234567, 3", f"{word('0171 7654321 / 0170 1234567')}, 3"),
    ("0170 1234567 / 0171 7654321", f"{word('0170 1234567')} / 0171 7654321"),
    ("?tel=0170+1234567&n=1", f"?tel={word('0170+1234567')}&n=1"),
    ("?tel=%2B49%20170%201234567", f"?tel=%2B{word('49%20170%201234567')}"),
    ("?r=%3Ftel%3D01701234567", f"?r=%3Ftel%3D{word('01701234567')}"),
    ("030 7654321", word("030 7654321")),
    ("?tel=%2B491701234567", f"?tel=%2B{word('491701234567')}"),
]


@pytest.mark.parametrize(("before", "after"), WRITTEN)
def test_a_person_is_found_however_it_is_written(before: str, after: str) -> None:
    assert TEXTS.plain(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "contact-170",
        "auth0|5f7c",
        "brien@example.org",
        "20170 12345678",
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


def test_an_own_url_keeps_the_utm_values_that_campaigns_are_told_by() -> None:
    url = "?utm_campaign=news@example.org&to=news@example.org&utm_id=anna.abel%40example.com"
    address = word(word_of_email("news@example.org"))
    assert TEXTS.own(url) == (f"?utm_campaign=news@example.org&to={address}&utm_id={EMAIL}")


def test_an_own_url_has_no_name_that_is_told_to_be_one() -> None:
    after = TEXTS.own("https://x.de/?first_name=Anna&LastName=Abel&phone=1%2B2&campaign=Anna")
    assert after == (
        f"https://x.de/?first_name={word('Anna')}&LastName={word('Abel')}&phone={word('1%2B2')}"
        "&campaign=Anna"
    )
    assert TEXTS.own(after) == after


def test_ids_that_are_made_of_addresses_and_numbers_stay_apart() -> None:
    texts = [
        *("anna.abel@example.com:1", "x.v0815@example.com:1", "other@example.org:1"),
        *("1701234567", "9701234567", "0170 1234567:1"),
    ]
    after = [TEXTS.own(text) for text in texts]
    assert len({*after, *texts}) == 2 * len(texts)


@pytest.mark.parametrize("text", ["17", "123", "ab", "Anna", "12345", "auth0|12345", "Anna Abel"])
def test_ids_that_too_many_texts_have_are_not_looked_for(text: str) -> None:
    assert word_of_id(text) is None


def test_json_stays_json_and_its_numbers_as_they_are_written() -> None:
    before = (
        r'{"to": "anna.abel\u0040example.com", "n": 2.50, "tel": 491701234567, "id": 4711471,'
        r' "x": "\"q\""}'
    )
    after = TEXTS.json(before)
    assert json.loads(after) == {
        "to": EMAIL, "n": 2.5, "tel": word("491701234567"), "id": word("4711471"), "x": '"q"',
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


@pytest.mark.parametrize("column", ["contact_id", "visitor_id"])
@pytest.mark.parametrize("text", ["contact-17", "v0815", "Anna.Abel@example.com"])
def test_what_an_erased_person_is_known_by_is_no_id_of_another_kind_either(
    column: str, text: str
) -> None:
    before = event(**{column: text})
    assert ROWS.without_person(TABLES["events"], before)[column] == word(text)
    longer = event(**{column: f"{text}-2"})
    assert ROWS.without_person(TABLES["events"], longer)[column] == f"{text}-2"


def test_a_contact_that_got_a_pseudonym_as_an_erased_visitor_is_erased_by_that() -> None:
    contact = word(word("v0815"))
    rows = Rows(Register(contacts={contact}, words=WORDS), PSEUDONYMS, set())
    after = rows.without_person(TABLES["events"], event(contact_id="v0815"))
    assert (after["contact_id"], after["ip_city"]) == (contact, None)


@pytest.mark.parametrize("ids", [{"visitor_id": "v2"}, {"contact_id": "contact-17"}])
def test_an_amount_is_no_id_and_no_number_of_anybody(ids: dict[str, str]) -> None:
    properties = '{"value": 4711471, "amount": "701234567", "item": "4711471"}'
    after = ROWS.without_person(TABLES["events"], event(**ids, properties=properties))
    kept = properties.replace('"item": "4711471"', f'"item": "{word("4711471")}"')
    assert after["properties"] == kept


def test_an_own_event_s_properties_have_no_address_of_anybody() -> None:
    before = event(contact_id="contact-17", properties='{"title": "To other@example.org"}')
    after = ROWS.without_person(TABLES["events"], before)
    assert after["properties"] == f'{{"title": "To {word(word_of_email("other@example.org"))}"}}'


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


PATTERN = pattern_of(FOUND_BY)


@pytest.mark.parametrize("text", [before for before, _ in WRITTEN])
def test_the_pattern_finds_all_that_is_found(text: str) -> None:
    assert PATTERN is not None
    assert re.search(PATTERN, text.lower())
    assert re.search(PATTERN, json.dumps({"a": text.replace("@", "\u00e9@")}).lower())


def test_there_is_no_pattern_of_a_word_without_letters_that_all_write_alike() -> None:
    assert pattern_of(["id:contact-17", "id:ééé-ü"]) is None
    assert pattern_of([]) == ""
