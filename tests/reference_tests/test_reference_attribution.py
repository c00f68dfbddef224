from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path as Folder
from typing import Any

import pytest

from tests.reference import attribution, compute
from tests.reference.attribution import (
    AREA_OF,
    ATTRIBUTION_MODELS,
    Model,
    Path,
    milestones,
    shares,
)
from tests.reference.data_driven import KeyedPath, chain_of, markov, removal_effects, shapley
from tests.reference.events import Event

Marts = dict[str, list[dict[str, Any]]]
Part = tuple[float, str | None]  # credit, revenue

MODELS = {row["model"]: Model.of(row) for row in ATTRIBUTION_MODELS}
NAMES = [
    "first_interaction",
    "last_interaction",
    "linear",
    "u_shaped",
    "w_shaped",
    "full_path",
    "j_shaped",
    "inverse_j_shaped",
    "time_decay",
]
CLOSE = datetime(2025, 3, 1)
DAY = timedelta(days=1)
GRACE = timedelta(seconds=60)
MICROSECOND = timedelta(microseconds=1)


def _event(at: datetime, event_id: str = "e", contact: str = "ann") -> Event:
    return Event(
        event_id=event_id,
        event_type="page_viewed",
        at=at,
        visitor_id=None,
        contact=contact,
        asset=None,
        named_asset_id=None,
        url=None,
        referrer=None,
        device_type=None,
        browser=None,
        country=None,
        properties={},
    )


def _path(*events: Event, lead: str = "ann", lead_at: int = 90, deal_at: int = 90) -> Path:
    """A path to a close; its oldest contact and its deal were created days before the close."""
    return Path(
        interactions=sorted(events, key=lambda event: event.order),
        ends_at=CLOSE,
        age_from=CLOSE,
        lead=lead,
        lead_until=CLOSE - lead_at * DAY + GRACE,
        deal_until=CLOSE - deal_at * DAY,
        is_close=True,
    )


def _before(*days: float) -> list[Event]:
    """An interaction of ann that many days before the close, each."""
    return [_event(CLOSE - number * DAY, f"e{i}") for i, number in enumerate(days)]


def _shares(path: Path, model: str | Model) -> list[Fraction]:
    found = shares(path, MODELS[model] if isinstance(model, str) else model)
    assert sum(found) == 1
    return found


def _model(**columns: Any) -> Model:
    return Model.of({"model": "own", **columns})


# --- A-2..A-5: shares of one path -------------------------------------------------------------


def test_a2_a4_there_are_nine_models() -> None:
    assert [row["model"] for row in ATTRIBUTION_MODELS] == NAMES


def test_a2_first_last_and_linear_over_ten_conversions() -> None:
    journeys = {("direct",): 2, ("search", "email"): 3, ("search", "social", "email"): 5}
    found: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for journey, times in journeys.items():
        path = _path(*_before(*range(len(journey), 0, -1)))
        for model in ("first_interaction", "last_interaction", "linear"):
            for channel, share in zip(journey, _shares(path, model), strict=True):
                if share:
                    found[model][channel] += times * share
    assert found == {
        "first_interaction": {"direct": 2, "search": 8},
        "last_interaction": {"direct": 2, "email": 8},
        "linear": {
            "direct": 2,
            "search": Fraction(19, 6),
            "email": Fraction(19, 6),
            "social": Fraction(5, 3),
        },
    }


def test_a4_time_decay_halves_per_half_life() -> None:
    model = _model(others=1, half_life_days=1)
    assert _shares(_path(*_before(3, 2, 1)), model) == [
        Fraction(1, 7),
        Fraction(2, 7),
        Fraction(4, 7),
    ]
    week = _shares(_path(*_before(7, 0)), "time_decay")
    assert week == [Fraction(1, 3), Fraction(2, 3)]
    half_a_week = _shares(_path(*_before(3.5, 0)), "time_decay")
    assert float(half_a_week[1] / half_a_week[0]) == pytest.approx(2**0.5, abs=1e-15)


def test_a4_age_counts_fractions_of_a_day_to_the_microsecond() -> None:
    one, other = _shares(_path(*_before(1, 1 - 1 / 86_400_000_000)), "time_decay")
    assert one < other
    assert float(other / one - 1) == pytest.approx(0.6931471805599453 / 7 / 86_400_000_000)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first_interaction", "1 0 0 0 0 0"),
        ("last_interaction", "0 0 0 0 0 1"),
        ("linear", "1/6 1/6 1/6 1/6 1/6 1/6"),
        ("u_shaped", "0.4 0.4 0.05 0.05 0.05 0.05"),
        ("w_shaped", "0.3 0.3 1/30 0.3 1/30 1/30"),
        ("full_path", "0.225 0.225 0.05 0.225 0.05 0.225"),
        ("j_shaped", "0.2 0.05 0.05 0.05 0.05 0.6"),
        ("inverse_j_shaped", "0.6 0.05 0.05 0.05 0.05 0.2"),
    ],
)
def test_a4_weights_of_milestones_and_others(model: str, expected: str) -> None:
    # ann is the oldest contact, created at her view on the second day; the deal on the fourth
    first = _event(CLOSE - 5 * DAY, "e0", "bob")
    path = _path(first, *_before(4, 3, 2, 1, 0), lead_at=4, deal_at=2)
    assert _shares(path, model) == [Fraction(part) for part in expected.split()]
    held = {name: path.interactions.index(event) for name, event in milestones(path).items()}
    assert held == {"first_interaction": 0, "lead_creation": 1, "deal_creation": 3, "closed_won": 5}


@pytest.mark.parametrize("model", NAMES)
def test_a5_one_interaction_in_every_role_gets_everything(model: str) -> None:
    path = _path(*_before(90))
    assert len(milestones(path)) == 4
    assert _shares(path, model) == [1]


@pytest.mark.parametrize(
    ("days", "model", "expected"),
    [
        # the first one is that of lead and deal creation, too
        ((90, 10), "u_shaped", "4/5 1/5"),
        ((90, 10), "w_shaped", "9/10 1/10"),
        ((90, 10), "full_path", "3/4 1/4"),
        ((90, 10), "j_shaped", "1/4 3/4"),
        ((90, 10), "inverse_j_shaped", "3/4 1/4"),
        ((95, 90), "u_shaped", "1/2 1/2"),
        ((95, 90), "w_shaped", "1/3 2/3"),
        ((95, 90, 10), "full_path", "1/4 1/2 1/4"),
        ((95, 90, 10), "w_shaped", "3/10 6/10 1/10"),
        # all came after the creation of contact and deal: both are absent
        ((10, 9, 8), "u_shaped", "2/3 1/6 1/6"),
        ((10, 9, 8), "w_shaped", "3/4 1/8 1/8"),
        ((10, 9), "full_path", "1/2 1/2"),
        ((10,), "w_shaped", "1"),
    ],
)
def test_a5_sums_and_absences(days: tuple[int, ...], model: str, expected: str) -> None:
    wanted = [Fraction(part) for part in expected.split()]
    assert _shares(_path(*_before(*days)), model) == wanted


def test_a3_the_oldest_contact_without_interactions_has_no_lead_creation() -> None:
    path = _path(*_before(95, 90), lead="bob")
    assert set(milestones(path)) == {"first_interaction", "deal_creation", "closed_won"}
    assert _shares(path, "u_shaped") == [Fraction(2, 3), Fraction(1, 3)]


def test_a3_lead_creation_takes_the_grace_and_deal_creation_does_not() -> None:
    created_at = CLOSE - 9 * DAY
    first = _event(created_at - DAY, "first")
    exact = _event(created_at, "exact")
    within = _event(created_at + GRACE, "within")
    after = _event(created_at + GRACE + MICROSECOND, "after")
    held = milestones(_path(first, exact, within, after, lead_at=9, deal_at=9))
    assert {name: event.event_id for name, event in held.items()} == {
        "first_interaction": "first",
        "lead_creation": "within",
        "deal_creation": "exact",
        "closed_won": "after",
    }


def test_a3_ties_in_time_break_by_event_id() -> None:
    events = [_event(CLOSE, name) for name in "bca"]
    path = _path(*events, lead_at=0, deal_at=0)
    held = {name: event.event_id for name, event in milestones(path).items()}
    assert held == {
        "first_interaction": "a",
        "lead_creation": "c",
        "deal_creation": "c",
        "closed_won": "c",
    }


def test_a12_exactly_the_lookback_is_in_and_the_first_is_of_what_is_left() -> None:
    beside = _event(CLOSE - 30 * DAY - MICROSECOND, "out")
    path = _path(beside, *_before(30, 1)).within(Fraction(30))
    assert [event.event_id for event in path.interactions] == ["e0", "e1"]
    assert milestones(path)["first_interaction"].event_id == "e0"
    assert "lead_creation" not in milestones(path)
    assert _path(*_before(31)).within(Fraction(30)).interactions == []
    assert len(_path(*_before(31)).within(None).interactions) == 1


def test_a10_models_of_ones_own() -> None:
    path = _path(*_before(9, 8, 7), deal_at=10)
    assert shares(path, _model(deal_creation="1")) == []  # nothing of the model remains
    assert shares(path, _model(closed_won=0)) == []
    ends = _model(first_interaction=0.3, last_interaction="0.3", others=0.4)
    assert _shares(path, ends) == [Fraction("0.3"), Fraction("0.4"), Fraction("0.3")]
    only_ends = _model(first_interaction="2", last_interaction="1", others="")
    assert _shares(path, only_ends) == [Fraction(2, 3), 0, Fraction(1, 3)]
    fading = _model(last_interaction="0.25", others="0.75", half_life_days=1)
    assert _shares(path, fading) == [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)]


def test_a1_no_interactions_no_shares() -> None:
    assert all(shares(_path(), model) == [] for model in MODELS.values())


# --- data-driven models ------------------------------------------------------------------


def _paths(*texts: str) -> list[KeyedPath]:
    """Paths of one-letter keys; a ``+`` at the end, with an amount in cents, marks conversions."""
    found = []
    for text in texts:
        keys, plus, cents = text.partition("+")
        found.append(KeyedPath(tuple(keys), bool(plus), int(cents or 0)))
    return found


def _effects(order: int, *texts: str) -> dict[str, Fraction]:
    found = removal_effects(_paths(*texts), order)
    return {key: Fraction(effect).limit_denominator(1000) for key, effect in found.items()}


def test_a9_markov_of_a_graph_by_hand() -> None:
    # start: a 2/3, b 1/3; a: b or null; b: c; c: conversion or null
    texts = ("abc+1000", "a", "bc")
    half = Fraction(1, 2)
    assert _effects(1, *texts) == {"a": half, "b": 1, "c": 1}
    rows = markov(_paths(*texts), 1)
    assert [(row["key"], row["credit"], row["revenue"]) for row in rows] == [
        ("a", 0.2, Decimal("2.00")),
        ("b", 0.4, Decimal("4.00")),
        ("c", 0.4, Decimal("4.00")),
    ]
    assert {row["model"] for row in rows} == {"markov_1"}


def test_a9_markov_where_everything_converts() -> None:
    journeys = ["d+"] * 2 + ["se+"] * 3 + ["soe+"] * 5
    effects = {"d": Fraction(1, 5), "s": Fraction(4, 5), "o": Fraction(1, 2), "e": Fraction(4, 5)}
    assert _effects(1, *journeys) == effects
    credit = {row["key"]: row["credit"] for row in markov(_paths(*journeys), 1)}
    assert credit == pytest.approx(
        {key: float(10 * e / Fraction(23, 10)) for key, e in effects.items()}
    )


def test_a9_the_order_tells_how_many_keys_a_state_remembers() -> None:
    texts = ("aba+", "ab", "b+")
    assert _effects(1, *texts) == {"a": Fraction(5, 6), "b": Fraction(2, 3)}
    assert _effects(2, *texts) == {"a": Fraction(1, 2), "b": 1}
    assert _effects(3, *texts) == {"a": Fraction(1, 2), "b": 1}
    assert [len(chain_of(_paths("abab+"), order).states()) for order in (1, 2, 3)] == [2, 3, 4]


def test_a9_a_key_may_follow_itself() -> None:
    assert _effects(1, "aab+", "a") == {"a": 1, "b": 1}
    assert _effects(1, "aab+", "c+") == {
        "a": Fraction(1, 2),
        "b": Fraction(1, 2),
        "c": Fraction(1, 2),
    }


def test_a9_keys_without_effect_are_left_out_and_no_conversion_leaves_none() -> None:
    assert [row["key"] for row in markov(_paths("a+", "az", "z"), 1)] == ["a"]
    # it leads to one that converts, though no conversion came this way
    assert [row["key"] for row in markov(_paths("a+", "za"), 1)] == ["a", "z"]
    assert [row["key"] for row in markov(_paths("a+", "za"), 2)] == ["a"]
    assert removal_effects(_paths("a", "ab"), 2) == {}


def test_a9_revenue_rounds_to_the_cent_ties_by_key() -> None:
    def revenue(rows: list[dict[str, Any]]) -> list[str]:
        return [str(row["revenue"]) for row in rows]

    assert revenue(markov(_paths("abc+100"), 1)) == ["0.34", "0.33", "0.33"]
    assert revenue(markov(_paths("cba+-100"), 3)) == ["-0.33", "-0.33", "-0.34"]
    assert revenue(markov(_paths("ab+100", "ba+-100"), 1)) == ["0.00", "0.00"]


def test_a9_shapley_splits_each_path_over_its_distinct_keys() -> None:
    rows = shapley(_paths("aba+1000", "b+1", "abc+1", "cd", "z+0"))
    assert {row["key"]: (row["credit"], str(row["revenue"])) for row in rows} == {
        "a": (pytest.approx(1 / 2 + 1 / 3), "5.01"),  # 500 and a third; ties by key
        "b": (pytest.approx(1 / 2 + 1 + 1 / 3), "5.01"),  # 501 and a third
        "c": (pytest.approx(1 / 3), "0.00"),
        "z": (1.0, "0.00"),
    }
    assert {row["removal_effect"] for row in rows} == {None}


def _by_plain_elimination(paths: list[KeyedPath], order: int, removed: str | None) -> Fraction:
    """P(conversion) by Gaussian elimination over fractions; what has the removed key is null."""
    counts: dict[Any, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    for path in paths:
        states: list[Any] = ["start"]
        states += [path.keys[max(0, i - order) : i] for i in range(1, len(path.keys) + 1)]
        states.append(True if path.is_converting else None)
        for one, other in pairwise(states):
            counts[one][other] += 1
    names = [state for state in counts if state == "start" or removed not in state]
    matrix = []
    for state in names:
        whole = sum(counts[state].values())
        row = [Fraction(state == other) - Fraction(counts[state][other], whole) for other in names]
        matrix.append([*row, Fraction(counts[state][True], whole)])
    for i in range(len(names)):
        pivot = next(j for j in range(i, len(names)) if matrix[j][i])
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        matrix[i] = [value / matrix[i][i] for value in matrix[i]]
        for j in range(len(names)):
            if j != i and matrix[j][i]:
                factor = matrix[j][i]
                matrix[j] = [a - factor * b for a, b in zip(matrix[j], matrix[i], strict=True)]
    return matrix[names.index("start")][-1]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("seed", range(6))
def test_a9_effects_equal_plain_elimination(seed: int, order: int) -> None:
    rng = random.Random(seed)
    keys = "abcdef"[: rng.randint(1, 6)]
    paths = [
        KeyedPath(tuple(rng.choices(keys, k=rng.randint(1, 6))), rng.random() < 0.4)
        for _ in range(rng.randint(2, 14))
    ]
    converting = _by_plain_elimination(paths, order, None)
    assert converting == Fraction(sum(path.is_converting for path in paths), len(paths))
    found = removal_effects(paths, order)
    if not converting:
        assert found == {}
    for key, effect in found.items():
        exact = 1 - _by_plain_elimination(paths, order, key) / converting
        assert abs(Fraction(effect) - exact) < Fraction(1, 10**50), key


# --- the marts of one small company -----------------------------------------------------------

TABLES = {
    # X is deleted; A, B and X have one utm value
    "campaigns": """
        campaign_id,name,created_at,utm_campaign,is_deleted
        A,a,2025-01-01,spring,
        B,b,2025-01-01,Spring,
        C,c,2025-01-01,,
        X,x,2025-01-01,spring,true
        """,
    "assets": """
        asset_id,asset_type,url
        page,landing_page,https://shop.example/offer
        code,qr_code,https://shop.example/?utm_campaign=spring&utm_medium=qr
        mail,marketing_email,
        """,
    "campaign_assets": """
        campaign_id,asset_id,associated_at
        C,page,2025-01-01
        X,mail,2025-01-01
        """,
    # bob is the oldest and never did anything; zoe bought nothing
    "contacts": """
        contact_id,created_at,is_deleted
        ann,2025-01-05T10:00:00Z,
        bob,2025-01-04T00:00:00Z,
        eve,2025-01-05T00:00:00Z,
        del,2025-01-21T00:00:00Z,true
        zoe,2025-01-30T12:00:00Z,
        """,
    "contact_erasures": """
        contact_id,requested_at
        eve,2025-04-01
        """,
    "visitor_identities": """
        visitor_id,contact_id,identified_at
        va,ann,2025-01-05T10:00:30Z
        """,
    "events": """
        event_id,event_type,occurred_at,visitor_id,contact_id,asset_id,url,referrer
        a1,page_viewed,2025-01-05T09:59:00Z,va,,page,https://shop.example/offer?utm_campaign=spring,
        a2,form_submitted,2025-01-05T10:00:30Z,va,ann,,,
        a3,call_ended,2025-01-10T00:00:00Z,,ann,,,
        a4,email_opened,2025-01-11T00:00:00Z,,ann,mail,,
        a5,workflow_enrolled,2025-01-11T00:00:00Z,,ann,,,
        a6,qr_code_scanned,2025-02-01T00:00:00Z,,ann,code,,https://t.co/
        a7,meeting_booked,2025-02-01T00:00:00.000001Z,,ann,,,
        e1,document_viewed,2025-01-15T00:00:00Z,,eve,,,
        d1,sales_email_opened,2025-01-20T00:00:00Z,,del,,,
        d2,sales_email_clicked,2025-01-20T00:00:00Z,,del,,https://shop.example/,https://t.co/
        d3,email_clicked,2025-01-22T00:00:00Z,,del,mail,,
        z1,marketing_event_attended,2025-01-30T00:00:00Z,,zoe,,,
        z2,social_post_interacted,2025-03-30T00:00:00Z,,zoe,,,
        """,
    "pipeline_stages": """
        pipeline_id,stage_id,is_won,is_closed
        p,won,true,true
        p,lost,false,true
        p,open,false,false
        """,
    # nobody, cent and big close at one instant
    "deals": """
        deal_id,created_at,amount,pipeline_id,stage_id,closed_at,is_deleted
        nobody,2025-01-06,10,p,won,2025-02-01T00:00:00Z,
        big,2025-01-06,100,p,won,2025-02-01T00:00:00Z,
        cent,2025-01-06,0.01,p,won,2025-02-01T00:00:00Z,
        empty,2025-01-06,,p,won,2025-02-02T00:00:00Z,
        debit,2025-01-06,-1,p,won,2025-02-03T00:00:00Z,
        zero,2025-01-06,0,p,won,2025-02-03T00:00:00Z,
        early,2025-01-01,5,p,won,2025-01-05T09:58:59Z,
        lost,2025-01-05T09:58:00Z,7,p,lost,2025-02-01,
        open,2025-01-09T23:59:00Z,7,p,open,,
        gone,2025-01-06,100,p,won,2025-02-01T00:00:00Z,true
        """,
    "deal_contacts": """
        deal_id,contact_id,associated_at
        big,ann,2025-01-01
        cent,ann,2025-01-01
        cent,bob,2025-01-01
        empty,eve,2025-01-01
        debit,del,2025-01-01
        zero,ann,2025-01-01
        early,ann,2025-01-01
        lost,ann,2025-01-01
        open,ann,2025-01-01
        gone,ann,2025-01-01
        """,
}


def _landing(folder: Folder) -> Folder:
    for table, text in TABLES.items():
        (folder / table).mkdir()
        lines = [line.removeprefix(" " * 8) for line in text.strip("\n").split("\n")]
        (folder / table / "part.csv").write_text("\n".join(lines).rstrip() + "\n")
    return folder


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return _landing(tmp_path_factory.mktemp("landing"))


@pytest.fixture(scope="module")
def marts(landing: Folder) -> Marts:
    return compute([landing])


def _rows(marts: Marts, mart: str, **key: Any) -> list[dict[str, Any]]:
    return [row for row in marts[mart] if all(row[name] == key[name] for name in key)]


def _deal(marts: Marts, deal_id: str, model: str) -> dict[tuple[str, str], Part]:
    return {
        (row["event_id"], row["campaign_id"]): (
            row["credit"],
            None if row["revenue"] is None else str(row["revenue"]),
        )
        for row in _rows(marts, "deal_attribution", deal_id=deal_id, model=model)
    }


def test_a1_eighteen_event_types_earn_credit() -> None:
    assert len(AREA_OF) == 18
    assert not {"email_opened", "workflow_enrolled", "list_member_added"} & set(AREA_OF)


def test_a6_a7_an_interaction_for_three_campaigns_shares_its_credit(marts: Marts) -> None:
    quarter, eighth, twelfth = 0.25, 0.125, pytest.approx(1 / 12)
    assert _deal(marts, "big", "linear") == {
        ("a1", "A"): (twelfth, "8.34"),  # the cent left over: the first in time, then by campaign
        ("a1", "B"): (twelfth, "8.33"),
        ("a1", "C"): (twelfth, "8.33"),
        ("a2", "no campaign"): (quarter, "25.00"),
        ("a3", "no campaign"): (quarter, "25.00"),
        ("a6", "A"): (eighth, "12.50"),  # exactly at the close, by its asset's URL
        ("a6", "B"): (eighth, "12.50"),
    }
    assert _deal(marts, "big", "first_interaction") == {
        ("a1", "A"): (pytest.approx(1 / 3), "33.34"),
        ("a1", "B"): (pytest.approx(1 / 3), "33.33"),
        ("a1", "C"): (pytest.approx(1 / 3), "33.33"),
    }


def test_a6_a_single_cent_goes_to_the_largest_remainder(marts: Marts) -> None:
    found = _deal(marts, "cent", "linear")
    assert {key for key, (_, revenue) in found.items() if revenue != "0.00"} == {
        ("a2", "no campaign")
    }
    assert found["a2", "no campaign"] == (0.25, "0.01")


def test_a3_milestones_are_listed_whatever_the_model(marts: Marts) -> None:
    def held(deal_id: str, model: str) -> dict[str, list[str]]:
        rows = _rows(marts, "deal_attribution", deal_id=deal_id, model=model)
        return {row["event_id"]: row["milestones"] for row in rows}

    assert held("big", "linear") == {
        "a1": ["first_interaction"],
        "a2": ["lead_creation", "deal_creation"],
        "a3": [],
        "a6": ["closed_won"],
    }
    assert held("big", "last_interaction") == {"a6": ["closed_won"]}
    # its oldest contact is bob, who did nothing
    assert held("cent", "u_shaped")["a2"] == ["deal_creation"]
    assert held("empty", "full_path") == {"e1": ["first_interaction", "closed_won"]}


def test_a6_amounts_that_are_missing_zero_or_negative(marts: Marts) -> None:
    assert set(_deal(marts, "empty", "linear").values()) == {(1.0, None)}
    assert {revenue for _, revenue in _deal(marts, "zero", "linear").values()} == {"0.00"}
    third = pytest.approx(1 / 3)
    assert _deal(marts, "debit", "linear") == {
        ("d1", "no campaign"): (third, "-0.33"),
        ("d2", "no campaign"): (third, "-0.33"),
        ("d3", "no campaign"): (third, "-0.34"),  # of a deleted campaign's email
    }


def test_a11_channels_by_session_by_url_and_by_area(marts: Marts) -> None:
    channels = {row["event_id"]: row["channel"] for row in marts["deal_attribution"]}
    assert channels == {
        "a1": "other_campaign",
        "a2": "other_campaign",  # has no URL, but is in the session
        "a3": "calls",
        "a6": "qr_code",  # the URL of its asset
        "a7": "meetings",
        "e1": "documents",
        "d1": "sales_email",
        "d2": "organic_social",  # its own URL and referrer
        "d3": "email",
    }
    keys = {row["key"] for row in _rows(marts, "data_driven_attribution", dimension="channel")}
    assert keys == set(channels.values())


def test_id6_the_erased_earn_credit_without_a_name(marts: Marts) -> None:
    assert {
        row["deal_id"]: row["contact_id"]
        for row in _rows(marts, "deal_attribution", model="linear")
    } == {"big": "ann", "cent": "ann", "zero": "ann", "empty": None, "debit": "del"}
    (row,) = _rows(marts, "channel_attribution", channel="documents", model="linear")
    assert row == {
        "channel": "documents",
        "model": "linear",
        "date": date(2025, 2, 2),
        "credit": 1.0,
        "revenue": Decimal("0.00"),
        "deals": 1,
        "contacts": 1,
    }


def test_a6_what_nothing_led_to_is_unattributed(marts: Marts) -> None:
    for mart, column in (
        ("campaign_attribution", "campaign_id"),
        ("channel_attribution", "channel"),
    ):
        for model in NAMES:
            rows = _rows(marts, mart, **{column: "unattributed", "model": model})
            assert [
                (row["date"], row["credit"], str(row["revenue"]), row["deals"], row["contacts"])
                for row in rows
            ] == [
                (date(2025, 1, 5), 1.0, "5.00", 1, 0),
                (date(2025, 2, 1), 1.0, "10.00", 1, 0),
            ]


def test_a6_everything_adds_up_to_the_won_deals(marts: Marts) -> None:
    for mart in ("campaign_attribution", "channel_attribution"):
        for model in NAMES:
            rows = _rows(marts, mart, model=model)
            assert sum(row["credit"] for row in rows) == pytest.approx(7)
            assert sum(row["revenue"] for row in rows) == Decimal("114.01")


def test_totals_of_a_campaign_on_a_date(marts: Marts) -> None:
    (row,) = _rows(
        marts, "campaign_attribution", campaign_id="A", model="linear", date=date(2025, 2, 1)
    )
    assert row["credit"] == pytest.approx(2 * (1 / 12 + 1 / 8))
    assert (row["revenue"], row["deals"], row["contacts"]) == (Decimal("20.84"), 2, 1)


def test_campaigns_have_the_default_models_figures(landing: Folder, marts: Marts) -> None:
    def figures(found: Marts) -> dict[str, tuple[int, str]]:
        return {
            row["campaign_id"]: (
                row["contacts_with_attributed_revenue"],
                str(row["attributed_revenue"]),
            )
            for row in found["campaigns"]
        }

    # big, cent and zero; ann's first such close was on one day, her only deals' revenue too
    assert figures(marts) == {"A": (1, "20.84"), "B": (1, "20.83"), "C": (1, "8.33")}
    days = _rows(marts, "campaign_daily", campaign_id="A", date=date(2025, 2, 1))
    assert [(d["contacts_with_attributed_revenue"], d["attributed_revenue"]) for d in days] == [
        (1, Decimal("20.84"))
    ]
    by_deal = {
        (row["campaign_id"], row["deal_id"]): str(row["attributed_revenue"])
        for row in marts["campaign_deals"]
    }
    assert by_deal["A", "big"] == "20.84"
    assert by_deal["A", "cent"] == by_deal["A", "zero"] == "0.00"
    last = compute([landing], default_attribution_model="last_interaction")
    # zero's last interaction is the meeting, which counts for none; of cent's cent A has the first
    assert figures(last) == {"A": (1, "50.01"), "B": (1, "50.00"), "C": (0, "0.00")}


def test_a8_what_led_to_contacts(marts: Marts) -> None:
    def credit(contact_id: str, model: str) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for row in _rows(marts, "contact_attribution", contact_id=contact_id, model=model):
            found[row["event_id"]] += row["credit"]
        return {event_id: pytest.approx(value) for event_id, value in found.items()}

    # 30 seconds after her creation ann's form is within the grace; later is out
    assert credit("ann", "linear") == {"a1": 0.5, "a2": 0.5}
    assert credit("ann", "u_shaped") == {"a1": 0.5, "a2": 0.5}
    assert credit("ann", "full_path") == {"a1": 0.5, "a2": 0.5}
    assert credit("ann", "j_shaped") == {"a1": 0.5, "a2": 0.5}  # no close: 0.2 and 0.2
    assert credit("ann", "last_interaction") == {"a2": 1.0}
    # a1 a minute old, a2 after the creation and so of age 0
    decayed = 2 ** (-1 / 1440 / 7)
    assert credit("ann", "time_decay") == {
        "a1": pytest.approx(decayed / (1 + decayed), abs=1e-12),
        "a2": pytest.approx(1 / (1 + decayed), abs=1e-12),
    }
    assert credit("zoe", "linear") == {"z1": 1.0}
    contacts = {row["contact_id"] for row in marts["contact_attribution"]}
    assert contacts == {"ann", "zoe"}  # bob did nothing, eve is erased, del deleted


def test_a8_what_led_to_deals(marts: Marts) -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for row in _rows(marts, "deal_create_attribution", model="last_interaction"):
        found[row["deal_id"]].append(f"{row['event_id']} {row['campaign_id']}")
    assert found == {
        "big": ["a2 no campaign"],
        "cent": ["a2 no campaign"],
        "zero": ["a2 no campaign"],
        "lost": ["a1 A", "a1 B", "a1 C"],  # exactly at the creation plus the grace
        "open": ["a3 no campaign"],
    }
    # both after lost's creation, and before that of ann: lead creation, and no deal creation
    rows = _rows(marts, "deal_create_attribution", deal_id="lost", model="w_shaped")
    assert sum(row["credit"] for row in rows) == pytest.approx(1)
    credit = {
        row["event_id"]: row["credit"]
        for row in _rows(marts, "deal_create_attribution", deal_id="open", model="w_shaped")
        if row["campaign_id"] in ("A", "no campaign")
    }
    # a1 first; a2 lead and deal creation, for a3 came within open's grace, but after its creation
    assert credit == {
        "a1": pytest.approx(0.3 / 3),
        "a2": pytest.approx(0.6),
        "a3": pytest.approx(0.1),
    }


def test_a9_paths_of_the_company(marts: Marts) -> None:
    def credit(dimension: str, model: str) -> dict[str, tuple[float, str]]:
        rows = _rows(marts, "data_driven_attribution", dimension=dimension, model=model)
        return {row["key"]: (row["credit"], str(row["revenue"])) for row in rows}

    # big and cent: a1 (A, B, C), a2, a3 (no campaign), a6 (A, B); zero: the same and a7;
    # empty and debit: no campaign
    assert credit("campaign", "shapley") == {
        "A": (pytest.approx(3 / 4), "25.01"),  # 2500.25 cents
        "B": (pytest.approx(3 / 4), "25.00"),
        "C": (pytest.approx(3 / 4), "25.00"),
        "no campaign": (pytest.approx(3 / 4 + 2), "24.00"),
    }
    thirds = pytest.approx(2 / 3 + 1 / 4)
    assert {key: value for key, (value, _) in credit("channel", "shapley").items()} == {
        "other_campaign": thirds,
        "calls": thirds,
        "qr_code": thirds,
        "meetings": pytest.approx(1 / 4),
        "documents": 1.0,
        "sales_email": pytest.approx(1 / 3),
        "organic_social": pytest.approx(1 / 3),
        "email": pytest.approx(1 / 3),
    }
    for dimension in ("campaign", "channel"):
        for order in (1, 2, 3):
            found = credit(dimension, f"markov_{order}").values()
            assert sum(value for value, _ in found) == pytest.approx(5)
            assert sum(Decimal(revenue) for _, revenue in found) == Decimal("99.01")
    # zoe's two interactions convert nothing: events and social are no keys of any credit
    assert not {"marketing_events", "social"} & credit("channel", "markov_1").keys()


def test_a12_the_setting_and_a_models_own_lookback(landing: Folder) -> None:
    own = {"model": "own", "others": "1", "lookback_days": "22"}
    found = compute(
        [landing],
        attribution_lookback_days=12,
        attribution_models=[*ATTRIBUTION_MODELS, own],
        default_attribution_model="own",
    )
    assert _deal(found, "big", "linear").keys() == {("a6", "A"), ("a6", "B")}
    # exactly 22 days before the close; the model's own wins over the setting
    assert {event for event, _ in _deal(found, "big", "own")} == {"a3", "a6"}
    assert _deal(found, "debit", "linear").keys() == {("d3", "no campaign")}
    assert _deal(found, "empty", "linear") == {}
    (row,) = _rows(
        found,
        "campaign_attribution",
        campaign_id="unattributed",
        model="linear",
        date=date(2025, 2, 2),
    )
    assert (row["credit"], row["revenue"]) == (1.0, Decimal("0.00"))
    assert {row["campaign_id"]: str(row["attributed_revenue"]) for row in found["campaigns"]} == {
        "A": "25.00",
        "B": "25.00",
        "C": "0.00",
    }
    # creations look back from their end: a3 is within 12 days of open's, a1 and a2 too
    rows = _rows(found, "deal_create_attribution", deal_id="open", model="linear")
    assert {row["event_id"] for row in rows} == {"a1", "a2", "a3"}


def test_a9_a12_the_setting_cuts_what_converted_and_nothing_else(
    landing: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[list[KeyedPath]] = []
    monkeypatch.setattr(
        attribution, "data_driven_rows", lambda paths: found.append(list(paths)) or []
    )
    compute([landing], attribution_lookback_days=12)
    assert sorted(found[0], key=lambda path: (path.keys, path.cents)) == [
        KeyedPath(("email",), True, -100),
        KeyedPath(("marketing_events", "social"), False),  # zoe, two months apart
        KeyedPath(("qr_code",), True, 1),
        KeyedPath(("qr_code",), True, 10_000),
        KeyedPath(("qr_code", "meetings"), True, 0),
    ]
    assert sorted(path.keys for path in found[1]) == [
        ("A", "B"),
        ("A", "B"),
        ("A", "B", "no campaign"),
        ("no campaign",),
        ("no campaign", "no campaign"),
    ]
