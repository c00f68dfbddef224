from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.reference import compute
from tests.reference.catalogue import ANONYMOUS, FLAGS, NUMBERS, OWN
from tests.reference.events import EVENT_TYPES, Event
from tests.reference.journeys import Journey, quantile, ratio, walk

Rows = list[dict[str, Any]]
Marts = dict[str, Rows]

DAY = datetime(2025, 1, 1)


# --- the walk through the stages --------------------------------------------------------------


def _event(event_type: str, number: int) -> Event:
    return Event(
        event_id=f"{number:02d}",
        event_type=event_type,
        at=DAY + timedelta(minutes=number),
        visitor_id=None,
        contact=None,
        asset=None,
        named_asset_id=None,
        url=None,
        referrer=None,
        device_type=None,
        browser=None,
        country=None,
        properties={},
    )


def _walked(stages: str, events: str) -> dict[int, int]:
    """The number of the event with which each stage is entered.

    A stage is written as the letters of the event types that admit, an optional one with ``?``.
    """
    journey = Journey.of(
        "j",
        {
            "stages": [
                {
                    "name": stage,
                    "optional": stage.endswith("?"),
                    "steps": [{"event": letter} for letter in stage.removesuffix("?")],
                }
                for stage in stages.split()
            ]
        },
    )
    fitting = []
    for number, letter in enumerate(events.replace(" ", "")):
        event = _event(letter, number)
        steps = {
            place: stage.steps.index(step) + 1
            for place, stage in enumerate(journey.stages, start=1)
            for step in stage.steps
            if step.event_type == letter
        }
        fitting.append((event, steps))
    return {stage: int(entry.event.event_id) for stage, entry in walk(journey, fitting).items()}


@pytest.mark.parametrize(
    ("stages", "events", "entered"),
    [
        ("A", "B", {}),
        ("A", "B A A", {1: 1}),
        ("A B C", "A B C", {1: 0, 2: 1, 3: 2}),
        # what comes before the earlier stage does not count
        ("A B", "B A", {1: 1}),
        ("A B", "B A A B", {1: 1, 2: 3}),
        # without the second stage there is no third
        ("A B C", "A C C", {1: 0}),
        # one event enters one stage
        ("A A", "A", {1: 0}),
        ("A A A", "A A", {1: 0, 2: 1}),
        ("AB BA", "B A", {1: 0, 2: 1}),
        # the first of all that fit admits, whatever its step
        ("A BC", "A C B", {1: 0, 2: 1}),
    ],
)
def test_j2_a_stage_is_entered_at_the_first_event_behind_the_stage_before(
    stages: str, events: str, entered: dict[int, int]
) -> None:
    assert _walked(stages, events) == entered


@pytest.mark.parametrize(
    ("stages", "events", "entered"),
    [
        # done in time, left out, done too late, done and never went on
        ("A B? C", "A B C", {1: 0, 2: 1, 3: 2}),
        ("A B? C", "A C", {1: 0, 3: 1}),
        ("A B? C", "A C B C", {1: 0, 3: 1}),
        ("A B? C", "A B", {1: 0, 2: 1}),
        # only the first time counts, and the next stage looks from there
        ("A B? C", "A B B C", {1: 0, 2: 1, 3: 3}),
        ("A B? B", "A B B", {1: 0, 3: 1}),
        # one event that fits both is not before itself: it enters the stage that is not optional
        ("A B? BC", "A B", {1: 0, 3: 1}),
        ("A BD? BC", "A D B", {1: 0, 2: 1, 3: 2}),
        # two in a row: in order, in the other order, only one of them
        ("A B? C? D", "A B C D", {1: 0, 2: 1, 3: 2, 4: 3}),
        ("A B? C? D", "A C B D", {1: 0, 3: 1, 4: 3}),
        ("A B? C? D", "A B D C", {1: 0, 2: 1, 4: 2}),
        ("A B? C? D", "A D B C D", {1: 0, 4: 1}),
        ("A B? C? D", "A B C B", {1: 0, 2: 1, 3: 2}),
        ("A B? B? D", "A B B D", {1: 0, 3: 1, 4: 3}),
        # the last ones
        ("A B?", "B A B", {1: 1, 2: 2}),
        ("A B? C?", "A B C", {1: 0, 2: 1, 3: 2}),
        ("A B? C?", "A C B", {1: 0, 3: 1}),
        ("A B? C?", "A B", {1: 0, 2: 1}),
        # what lies behind the next that is not optional hinders nothing
        ("A B? C D", "A D B C D", {1: 0, 2: 2, 3: 3, 4: 4}),
        # no optional stage stands in for one that is not
        ("A B C? D", "A C D", {1: 0}),
        ("A B? C D? E", "A B D E C D E", {1: 0, 2: 1, 3: 4, 4: 5, 5: 6}),
    ],
)
def test_j3_an_optional_stage_counts_only_before_those_after_it(
    stages: str, events: str, entered: dict[int, int]
) -> None:
    assert _walked(stages, events) == entered


@pytest.mark.parametrize(
    ("values", "median", "p90"),
    [
        ([7], 7.0, 7.0),
        ([10, 0], 5.0, 9.0),
        ([70, 0, 20, 10], 15.0, 55.0),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 6.0, 10.0),
        ([0, 0, 0], 0.0, 0.0),
    ],
)
def test_j5_quantiles_are_continuous(values: list[int], median: float, p90: float) -> None:
    seconds = [Fraction(value) for value in values]
    assert float(quantile(seconds, Fraction(1, 2))) == median
    assert float(quantile(seconds, Fraction(9, 10))) == p90


def test_j5_a_ratio_by_zero_is_missing() -> None:
    assert ratio(1, 4) == 0.25
    assert ratio(0, 0) is None


def test_j8_the_catalogue_has_every_event_type() -> None:
    assert set(OWN) == EVENT_TYPES
    assert set(OWN) > ANONYMOUS
    assert "form_submitted" not in ANONYMOUS
    properties = {name for own in OWN.values() for name in own}
    assert properties >= NUMBERS | FLAGS


# --- from files -------------------------------------------------------------------------------

TABLES: dict[str, str] = {
    "contacts": """
        contact_id,created_at,is_deleted
        ann,2025-01-01,
        bob,2025-01-01,true
        cat,2025-01-01,
        old,2025-01-01,
        """,
}


def _marts(
    folder: Path, journey: dict[str, Any], events: str, *, timezone: str = "UTC", **tables: str
) -> Marts:
    """The marts of one journey ``j`` over some events.

    One event per line: id, type, instant (in January 2025: day and time), who (``v…`` visitors,
    else contacts; both joined by ``+``), and its other columns and properties as JSON.
    """
    for table, text in {**TABLES, **tables}.items():
        lines = [line.strip() for line in text.strip().split("\n")]
        (folder / table).mkdir(parents=True)
        (folder / table / "part.csv").write_text("\n".join(lines) + "\n")
    rows = []
    for line in events.strip().split("\n"):
        event_id, event_type, at, who, *rest = line.split(maxsplit=4)
        told = json.loads(rest[0]) if rest else {}
        people = who.split("+")
        row = {
            "event_id": event_id,
            "event_type": event_type,
            "occurred_at": f"2025-01-{at}Z",
            "visitor_id": next((one for one in people if one.startswith("v")), None),
            "contact_id": next((one for one in people if not one.startswith("v")), None),
        }
        columns = {name: told.pop(name) for name in list(told) if name in COLUMNS}
        rows.append(row | columns | ({"properties": told} if told else {}))
    (folder / "events").mkdir()
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    (folder / "events" / "part.ndjson").write_text(text)
    marts = compute([folder], report_timezone=timezone, journeys={"j": journey})
    assert {row["status"] for row in marts["load_audit"]} == {"loaded"}
    assert marts["quarantine"] == []
    return marts


COLUMNS = (
    "asset_id",
    "url",
    "ip_country",
    "ip_region",
    "browser",
    "device_type",
    "user_id",
    "deal_id",
)


def _stage(*events: str, name: str = "s", **more: Any) -> dict[str, Any]:
    return {"name": name, "steps": [{"event": event} for event in events], **more}


def _stages(marts: Marts, *columns: str, branch: str | None = None) -> list[tuple[Any, ...]]:
    """Columns of the rows of journey_stages, of the totals or of one branch, in order."""
    return [
        tuple(row[column] for column in columns)
        for row in marts["journey_stages"]
        if row["branch"] == branch
    ]


def _entries(marts: Marts) -> set[tuple[str, int, str]]:
    """(entity, stage, event) of journey_entities."""
    return {(row["entity_id"], row["stage"], row["event_id"]) for row in marts["journey_entities"]}


def test_without_journeys_their_marts_are_empty(tmp_path: Path) -> None:
    (tmp_path / "contacts").mkdir()
    (tmp_path / "contacts" / "part.csv").write_text("contact_id,created_at\nann,2025-01-01\n")
    marts = compute([tmp_path])
    for name in ("journey_stages", "journey_steps", "journey_entities"):
        assert marts[name] == []


def test_j2_ties_in_time_are_in_order_of_the_event_id(tmp_path: Path) -> None:
    journey = {"stages": [_stage("form_viewed"), _stage("form_submitted")]}
    marts = _marts(
        tmp_path,
        journey,
        """
        2 form_viewed 05T10:00:00 ann
        1 form_submitted 05T10:00:00 ann
        1b form_viewed 05T10:00:00 bob
        1c form_submitted 05T10:00:00 bob
        """,
    )
    # ann's submission is before her view; bob, who is deleted, is as all others
    assert _entries(marts) == {("ann", 1, "2"), ("bob", 1, "1b"), ("bob", 2, "1c")}
    assert _stages(marts, "entered", "dropped", "median_seconds") == [(2, 1, None), (1, None, 0.0)]


@pytest.mark.parametrize(
    ("limits", "timezone", "first"),
    [
        ({}, "UTC", "1"),
        ({"from": "2025-01-05"}, "UTC", "2"),
        ({"from": date(2025, 1, 5)}, "UTC", "2"),
        ({"from": "2025-01-05"}, "America/New_York", "3"),
        ({"from": "2025-01-05", "to": "2025-01-05"}, "Asia/Tokyo", "1"),
        ({"from": "2025-01-06"}, "UTC", "4"),
        ({"to": "2025-01-04"}, "UTC", "1"),
        ({"to": "2025-01-03"}, "UTC", None),
    ],
)
def test_j2_only_events_of_the_date_range_count(
    tmp_path: Path, limits: dict[str, Any], timezone: str, first: str | None
) -> None:
    marts = _marts(
        tmp_path,
        {"stages": [_stage("page_viewed")], **limits},
        """
        1 page_viewed 04T23:59:59.999999 ann
        2 page_viewed 05T00:00:00 ann
        3 page_viewed 05T05:00:00 ann
        4 page_viewed 06T00:00:00 ann
        """,
        timezone=timezone,
    )
    assert [row["event_id"] for row in marts["journey_entities"]] == ([first] if first else [])
    # a stage that nobody entered is a row all the same
    assert _stages(marts, "entered") == [(1 if first else 0,)]


def test_j5_figures_of_stages_and_steps(tmp_path: Path) -> None:
    journey = {
        "stages": [
            _stage("form_viewed", name="viewed"),
            _stage("form_interacted", name="tried", optional=True),
            _stage("form_submitted", "email_clicked", "form_submitted", name="went on"),
            _stage("purchase_completed", name="bought"),
            _stage("survey_responded", name="told", optional=True),
        ]
    }
    marts = _marts(
        tmp_path,
        journey,
        """
        a1 form_viewed 05T10:00:00 ann
        a2 form_interacted 05T10:00:10 ann
        a3 form_submitted 05T10:00:30 ann
        a4 purchase_completed 05T10:10:30 ann
        b1 form_viewed 05T10:00:00 bob
        b2 email_clicked 05T10:01:40 bob
        b3 form_interacted 05T10:02:00 bob
        c1 form_viewed 05T10:00:00 cat
        c2 form_interacted 05T10:00:40 cat
        o1 form_viewed 05T10:00:00 old
        """,
    )
    assert _stages(marts, "stage", "stage_name", "is_optional", "entered", "dropped") == [
        (1, "viewed", False, 4, 2),
        (2, "tried", True, 2, None),
        (3, "went on", False, 2, 1),
        (4, "bought", False, 1, None),
        (5, "told", True, 0, None),
    ]
    assert _stages(marts, "conversion_from_previous", "conversion_from_first") == [
        (None, None),
        (0.5, 0.5),
        (0.5, 0.5),  # from the first stage: the second is optional
        (0.5, 0.25),
        (0.0, 0.0),
    ]
    # bob's submission is measured from his view, ann's from her try
    assert _stages(marts, "median_seconds", "mean_seconds", "p90_seconds") == [
        (None, None, None),
        (25.0, 25.0, 37.0),
        (60.0, 60.0, 92.0),
        (600.0, 600.0, 600.0),
        (None, None, None),
    ]
    steps = [
        (row["stage"], row["step"], row["event_type"], row["entered"], row["share"])
        for row in marts["journey_steps"]
    ]
    assert steps == [
        (1, 1, "form_viewed", 4, 1.0),
        (2, 1, "form_interacted", 2, 1.0),
        (3, 1, "form_submitted", 1, 0.5),
        (3, 2, "email_clicked", 1, 0.5),
        (3, 3, "form_submitted", 0, 0.0),  # the first step has it already
        (4, 1, "purchase_completed", 1, 1.0),
        (5, 1, "survey_responded", 0, None),
    ]
    entered = {
        (r["entity_id"], r["stage"]): (r["entered_at"], r["step"])
        for r in marts["journey_entities"]
    }
    assert entered["bob", 3] == (datetime(2025, 1, 5, 10, 1, 40), 2)
    assert ("bob", 2) not in entered
    assert len(entered) == 9


def test_j5_conversions_from_a_stage_that_nobody_entered_are_missing(tmp_path: Path) -> None:
    journey = {"stages": [_stage("form_viewed"), _stage("form_submitted"), _stage("page_viewed")]}
    marts = _marts(tmp_path, journey, "1 page_viewed 05T10:00:00 ann")
    assert _stages(marts, "entered", "dropped", "conversion_from_first") == [
        (0, 0, None),
        (0, 0, None),
        (0, None, None),
    ]
    assert marts["journey_entities"] == []


BRANCHED = """
    a1 page_viewed 05T10:00:00 ann {"ip_country": "DE"}
    a2 meeting_booked 05T10:01:00 ann {"meeting_type": "group"}
    a3 meeting_outcome_changed 05T10:02:00 ann {"outcome": "held"}
    a4 purchase_completed 05T10:03:00 ann
    b1 page_viewed 05T10:00:00 bob {"ip_country": "DE", "country": "AT"}
    b2 meeting_booked 05T10:02:00 bob {"meeting_type": "personal"}
    b3 meeting_outcome_changed 05T10:12:00 bob {"outcome": "held"}
    c1 page_viewed 05T10:00:00 cat {"ip_country": "DE"}
    c2 meeting_booked 05T10:04:00 cat {"meeting_type": "group"}
    o1 page_viewed 05T10:00:00 old
    o2 meeting_booked 05T10:10:00 old {"meeting_type": ""}
    o3 meeting_outcome_changed 05T10:12:00 old {"outcome": "missed"}
    o4 purchase_completed 05T10:20:00 old
    """


def test_j6_branches_hold_up_to_the_next_stage_that_branches(tmp_path: Path) -> None:
    journey = {
        "stages": [
            _stage("page_viewed", branch_by="country"),
            _stage("meeting_booked"),
            _stage("meeting_outcome_changed", branch_by="outcome"),
            _stage("purchase_completed"),
        ]
    }
    marts = _marts(tmp_path, journey, BRANCHED)
    columns = ("stage", "entered", "dropped", "conversion_from_previous", "conversion_from_first")
    assert _stages(marts, *columns) == [
        (1, 4, 0, None, None),
        (2, 4, 1, 1.0, 1.0),
        (3, 3, 1, 0.75, 0.75),
        (4, 2, None, 2 / 3, 0.5),
    ]
    # within the span from the branch's own figure; old has no country and is in the total only
    assert _stages(marts, *columns, branch="DE") == [(1, 2, 0, None, None), (2, 2, 1, 1.0, 1.0)]
    assert _stages(marts, *columns, branch="AT") == [(1, 1, 0, None, None), (2, 1, 0, 1.0, 1.0)]
    # the stages before lie outside the span: from their totals
    assert _stages(marts, *columns, branch="held") == [(3, 2, 1, 0.5, 0.5), (4, 1, None, 0.5, 0.25)]
    assert _stages(marts, *columns, branch="missed") == [
        (3, 1, 0, 0.25, 0.25),
        (4, 1, None, 1.0, 0.25),
    ]
    assert {(row["stage"], row["branch_by"]) for row in marts["journey_stages"]} == {
        (1, None),
        (2, None),
        (3, None),
        (4, None),
        (1, "country"),
        (2, "country"),
        (3, "outcome"),
        (4, "outcome"),
    }
    branches = {
        (row["entity_id"], row["stage"]): row["branch"] for row in marts["journey_entities"]
    }
    assert [branches["bob", stage] for stage in (1, 2, 3)] == ["AT", "AT", "held"]
    assert [branches["old", stage] for stage in (1, 2, 3, 4)] == [None, None, "missed", "missed"]
    assert _stages(marts, "median_seconds", "p90_seconds", branch="DE")[1] == (150.0, 222.0)


def test_j6_a_branch_that_nobody_took_on_has_a_row_at_every_stage_of_its_span(
    tmp_path: Path,
) -> None:
    journey = {
        "stages": [
            _stage("page_viewed"),
            _stage("meeting_booked", branch_by="meeting_type", optional=True),
            _stage("meeting_outcome_changed", optional=True),
            _stage("purchase_completed"),
        ]
    }
    marts = _marts(tmp_path, journey, BRANCHED)
    columns = ("stage", "entered", "dropped", "conversion_from_previous", "conversion_from_first")
    assert _stages(marts, *columns, branch="group") == [
        (2, 2, None, 0.5, 0.5),
        (3, 1, None, 0.25, 0.25),
        (4, 1, None, 0.25, 0.25),
    ]
    assert _stages(marts, *columns, branch="personal") == [
        (2, 1, None, 0.25, 0.25),
        (3, 1, None, 0.25, 0.25),
        (4, 0, None, 0.0, 0.0),
    ]
    assert {row["branch"] for row in marts["journey_stages"]} == {None, "group", "personal"}


def test_j6_who_left_out_the_stage_that_branches_is_in_the_total_only(tmp_path: Path) -> None:
    journey = {
        "stages": [
            _stage("page_viewed", branch_by="country"),
            _stage("meeting_outcome_changed", branch_by="outcome", optional=True),
            _stage("meeting_booked", "purchase_completed", "form_submitted"),
        ]
    }
    events = """
        a1 page_viewed 05T10:00:00 ann {"ip_country": "DE"}
        a2 meeting_outcome_changed 05T10:01:00 ann {"outcome": "held"}
        a3 purchase_completed 05T10:02:00 ann
        b1 page_viewed 05T10:00:00 bob {"ip_country": "DE"}
        b2 meeting_booked 05T10:02:00 bob {"outcome": "held"}
        """
    marts = _marts(tmp_path, journey, events)
    assert _stages(marts, "stage", "entered") == [(1, 2), (2, 1), (3, 2)]
    assert _stages(marts, "stage", "entered", branch="DE") == [(1, 2)]
    assert _stages(marts, "stage", "entered", "conversion_from_previous", branch="held") == [
        (2, 1, 0.5),
        (3, 1, 0.5),
    ]
    assert [row["branch"] for row in marts["journey_entities"] if row["stage"] == 3] == [
        "held",
        None,
    ]


@pytest.mark.parametrize(
    ("event_type", "name", "told", "branch"),
    [
        ("media_played", "seconds", {"seconds": 60}, "60"),
        ("media_played", "seconds", {"seconds": 60.0}, "60"),
        ("media_played", "seconds", {"seconds": "1e2"}, "100"),
        ("media_played", "seconds", {"seconds": "-0.0"}, "0"),
        ("media_played", "seconds", {"seconds": "1e-7"}, "1e-07"),
        ("media_played", "seconds", {"seconds": "1e999"}, None),
        ("media_played", "seconds", {"seconds": "+60"}, None),
        ("media_played", "seconds", {"seconds": " 60"}, None),
        ("media_played", "seconds", {"seconds": True}, None),
        ("page_clicked", "is_dead", {"is_dead": "YES"}, "true"),
        ("page_clicked", "is_dead", {"is_dead": 0}, "false"),
        ("page_clicked", "is_dead", {"is_dead": "dead"}, None),
        ("page_viewed", "title", {"title": " A "}, " A "),
        ("page_viewed", "title", {"title": 5}, "5"),
        ("page_viewed", "title", {"title": False}, "false"),
        ("page_viewed", "title", {"title": ""}, None),
        ("page_viewed", "title", {"title": None}, None),
        ("page_viewed", "utm_source", {"url": "https://a/?utm_source=+NEWS%20"}, "news"),
        ("page_viewed", "url", {"url": "https://A/?UTM_source=X"}, "https://A/?UTM_source=X"),
        ("page_viewed", "region", {"ip_region": "DE-BE", "region": "X"}, "DE-BE"),
        ("page_viewed", "region", {"region": "X"}, None),
        ("page_viewed", "country", {"ip_country": "DE", "country": ""}, "DE"),
        ("page_viewed", "browser", {"properties": {"browser": "X"}}, None),
        ("form_submitted", "form_id", {"form_id": "x", "asset_id": "f"}, "f"),
        ("form_submitted", "form_id", {"form_id": "x"}, None),
        ("meeting_booked", "form_id", {"form_id": "x", "asset_id": "f"}, "x"),
        ("meeting_booked", "owner", {"owner": "x", "user_id": "u"}, "u"),
        ("sequence_enrolled", "enrolled_by", {"user_id": "u"}, "u"),
        ("workflow_enrolled", "workflow_id", {"workflow_id": "x", "asset_id": "w"}, "w"),
        ("email_sent", "workflow_id", {"workflow_id": "x", "asset_id": "w"}, "x"),
        ("page_viewed", "content_id", {"asset_id": "page"}, "page"),
        ("page_viewed", "content_id", {"url": "https://www.shop.example/Offer/?a=1"}, "page"),
        ("page_viewed", "content_id", {"content_id": "x"}, None),
        ("cta_viewed", "content_id", {"content_id": "x", "asset_id": "cta"}, "x"),
        ("page_viewed", "content_type", {"url": "http://shop.example/Offer"}, "landing_page"),
        ("page_viewed", "content_type", {"asset_id": "page", "content_type": "x"}, "x"),
        ("page_viewed", "content_type", {"asset_id": "unknown"}, None),
        ("form_viewed", "content_type", {"url": "http://shop.example/Offer"}, None),
    ],
)
def test_j6_j8_values_of_properties(
    tmp_path: Path, event_type: str, name: str, told: dict[str, Any], branch: str | None
) -> None:
    marts = _marts(
        tmp_path,
        {"stages": [_stage(event_type, branch_by=name)]},
        f"1 {event_type} 05T10:00:00 ann {json.dumps(told)}",
        assets="""
            asset_id,asset_type,url
            page,landing_page,https://shop.example/Offer
            cta,cta,
            """,
    )
    assert [row["branch"] for row in marts["journey_entities"]] == [branch]


# --- conditions -------------------------------------------------------------------------------

CAMPAIGNS = {
    "campaigns": """
        campaign_id,name,created_at,utm_campaign,is_deleted
        spring-1,a,2025-01-01,Sale,
        spring-2,b,2025-01-01,sale,
        late,c,2025-01-06,sale,
        gone,d,2025-01-01,sale,true
        mail,e,2025-01-01,,
        """,
    "assets": """
        asset_id,asset_type,url
        m,marketing_email,
        qr,qr_code,https://shop.example/?utm_campaign=sale
        """,
    "campaign_assets": """
        campaign_id,asset_id,associated_at
        mail,m,2025-01-01
        """,
}


def _admitted(
    folder: Path, event_type: str, told: dict[str, Any], *conditions: list[Any], **tables: str
) -> bool:
    """Whether an event that tells something meets all of some conditions."""
    stage = {"name": "s", "steps": [{"event": event_type, "where": list(conditions)}]}
    event = f"1 {event_type} 05T10:00:00 ann {json.dumps(told)}"
    return bool(_marts(folder, {"stages": [stage]}, event, **tables)["journey_entities"])


TITLE = {"title": "An Offer"}
SECONDS = {"seconds": "60.0"}
DEAD = {"is_dead": "yes"}


@pytest.mark.parametrize(
    ("event_type", "told", "condition", "is_met"),
    [
        ("page_viewed", TITLE, ["title", "is", "An Offer"], True),
        ("page_viewed", TITLE, ["title", "is", "an offer"], False),
        ("page_viewed", TITLE, ["title", "is not", "an offer"], True),
        ("page_viewed", TITLE, ["title", "is not", "An Offer"], False),
        ("page_viewed", TITLE, ["title", "in", ["x", "An Offer"]], True),
        ("page_viewed", TITLE, ["title", "not in", ["x", "An Offer"]], False),
        ("page_viewed", TITLE, ["title", "contains", "Off"], True),
        ("page_viewed", TITLE, ["title", "contains", "off"], False),
        ("page_viewed", TITLE, ["title", "contains", "%"], False),
        ("page_viewed", TITLE, ["title", "contains", "_"], False),
        ("page_viewed", TITLE, ["title", "starts with", "An"], True),
        ("page_viewed", TITLE, ["title", "starts with", "Offer"], False),
        ("page_viewed", TITLE, ["title", "is known"], True),
        ("page_viewed", TITLE, ["title", "is unknown"], False),
        # a missing value
        ("page_viewed", {"title": ""}, ["title", "is", "x"], False),
        ("page_viewed", {"title": ""}, ["title", "is not", "x"], True),
        ("page_viewed", {}, ["title", "in", ["x"]], False),
        ("page_viewed", {}, ["title", "not in", ["x"]], True),
        ("page_viewed", {}, ["title", "contains", "x"], False),
        ("page_viewed", {}, ["title", "starts with", "x"], False),
        ("page_viewed", {"title": None}, ["title", "is known"], False),
        ("page_viewed", {"title": None}, ["title", "is unknown"], True),
        # numbers compare as such, whatever their spelling
        ("media_played", SECONDS, ["seconds", "is", 60], True),
        ("media_played", SECONDS, ["seconds", "is not", 60], False),
        ("media_played", SECONDS, ["seconds", "in", [1, 60.0]], True),
        ("media_played", SECONDS, ["seconds", "not in", [1, 60.0]], False),
        ("media_played", SECONDS, ["seconds", "at least", 60], True),
        ("media_played", SECONDS, ["seconds", "at least", 60.5], False),
        ("media_played", SECONDS, ["seconds", "at most", 60], True),
        ("media_played", {"seconds": 7}, ["seconds", "at most", 60], True),
        ("media_played", {"seconds": 100}, ["seconds", "at most", 60], False),
        ("media_played", {"seconds": "6e1"}, ["seconds", "is", 60], True),
        ("media_played", {"seconds": "many"}, ["seconds", "is unknown"], True),
        ("media_played", {"seconds": "many"}, ["seconds", "at most", 60], False),
        ("media_played", {"seconds": "many"}, ["seconds", "is not", 60], True),
        # flags
        ("page_clicked", DEAD, ["is_dead", "is", True], True),
        ("page_clicked", DEAD, ["is_dead", "is not", True], False),
        ("page_clicked", DEAD, ["is_dead", "is", False], False),
        ("page_clicked", {"is_dead": 2}, ["is_dead", "is not", True], True),
        ("page_clicked", {"is_dead": 2}, ["is_dead", "is known"], False),
        # utm values, trimmed and lower-cased on both sides
        ("page_viewed", {"url": "//a/?utm_term=A+b"}, ["utm_term", "is", " a B "], True),
        ("page_viewed", {"url": "//a/?utm_term=A+b"}, ["utm_term", "starts with", "A B"], True),
        ("page_viewed", {"url": "//a/?utm_term=A+b"}, ["utm_term", "contains", " B"], True),
        ("page_viewed", {"url": "//a/?utm_term="}, ["utm_term", "is unknown"], True),
        # the URL is exactly as it came
        ("page_viewed", {"url": "//A/"}, ["url", "starts with", "//a"], False),
    ],
)
def test_j1_a_condition_holds(
    tmp_path: Path, event_type: str, told: dict[str, Any], condition: list[Any], is_met: bool
) -> None:
    assert _admitted(tmp_path, event_type, told, condition) is is_met


def test_j1_all_conditions_of_a_step_must_hold(tmp_path: Path) -> None:
    told = {"title": "Offer", "ip_country": "DE"}
    in_germany, in_austria = ["country", "is", "DE"], ["country", "is", "AT"]
    titled = ["title", "is", "Offer"]
    assert _admitted(tmp_path / "1", "page_viewed", told, titled, in_germany)
    assert not _admitted(tmp_path / "2", "page_viewed", told, titled, in_austria)
    assert _admitted(tmp_path / "3", "page_viewed", told)


SALE = {"url": "https://shop.example/?utm_campaign=SALE"}
NONE: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("event_type", "told", "condition", "is_met"),
    [
        # a utm visit of two campaigns; the third came later, the fourth is deleted
        ("page_viewed", SALE, ["campaign_id", "is", "spring-1"], True),
        ("page_viewed", SALE, ["campaign_id", "is", "spring-2"], True),
        ("page_viewed", SALE, ["campaign_id", "is", "late"], False),
        ("page_viewed", SALE, ["campaign_id", "in", ["late", "gone"]], False),
        ("page_viewed", SALE, ["campaign_id", "in", ["late", "spring-2"]], True),
        ("page_viewed", SALE, ["campaign_id", "is not", "spring-2"], False),
        ("page_viewed", SALE, ["campaign_id", "is not", "late"], True),
        ("page_viewed", SALE, ["campaign_id", "not in", ["spring-2", "late"]], False),
        ("page_viewed", SALE, ["campaign_id", "not in", ["gone", "late"]], True),
        ("page_viewed", SALE, ["campaign_id", "contains", "-2"], True),
        ("page_viewed", SALE, ["campaign_id", "starts with", "spring"], True),
        ("page_viewed", SALE, ["campaign_id", "is known"], True),
        ("page_viewed", SALE, ["campaign_id", "is unknown"], False),
        # of no campaign
        ("page_viewed", NONE, ["campaign_id", "is known"], False),
        ("page_viewed", NONE, ["campaign_id", "is unknown"], True),
        ("page_viewed", NONE, ["campaign_id", "is not", "spring-1"], True),
        # no other event is a utm visit by its URL
        ("form_viewed", SALE, ["campaign_id", "is known"], False),
        ("form_viewed", SALE, ["utm_campaign", "is", "sale"], True),
        # by its asset; a scanned code by its asset's URL, which is not its own
        ("email_opened", {"asset_id": "m"}, ["campaign_id", "is", "mail"], True),
        ("qr_code_scanned", {"asset_id": "qr"}, ["campaign_id", "is", "spring-1"], True),
        ("qr_code_scanned", {"asset_id": "qr"}, ["utm_campaign", "is unknown"], True),
        ("qr_code_scanned", {"asset_id": "qr"}, ["url", "is unknown"], True),
    ],
)
def test_j8_campaigns_are_those_for_which_the_event_counts(
    tmp_path: Path, event_type: str, told: dict[str, Any], condition: list[Any], is_met: bool
) -> None:
    assert _admitted(tmp_path, event_type, told, condition, **CAMPAIGNS) is is_met


# --- whose events -----------------------------------------------------------------------------

PEOPLE = {
    "contact_merges": """
        merged_contact_id,contact_id,merged_at
        old,ann,2025-03-01
        """,
    "visitor_identities": """
        visitor_id,contact_id,identified_at
        va,ann,2025-01-07
        ve,eve,2025-01-07
        ve,bob,2025-01-01
        vw,waits,2025-01-07
        """,
    "contacts": """
        contact_id,created_at
        ann,2025-01-01
        bob,2025-01-01
        eve,2025-01-01
        old,2025-01-01
        """,
    "contact_erasures": """
        contact_id,requested_at
        eve,2025-01-10
        """,
}
ANYBODY = """
    1 page_viewed 05T10:00:00 va
    2 cta_viewed 05T10:01:00 old
    3 form_submitted 05T10:02:00 ann
    4 page_viewed 05T10:00:00 vx
    5 form_submitted 05T10:01:00 vx
    6 cta_viewed 05T10:02:00 vx
    7 page_viewed 05T10:00:00 vw
    8 page_viewed 05T10:00:00 waits
    9 cta_viewed 05T10:01:00 vx+waits
    a page_viewed 05T10:00:00 ve
    b page_viewed 09T10:00:00 ve
    c page_viewed 05T10:00:00 internal-monitoring
    d page_viewed 05T10:00:00 ve+waits
    """
STAGES = [_stage("page_viewed"), _stage("cta_viewed", "form_submitted")]


def test_contacts_have_the_events_of_their_merged_contacts_and_of_their_visitors(
    tmp_path: Path,
) -> None:
    marts = _marts(tmp_path, {"stages": STAGES}, ANYBODY, **PEOPLE)
    # the erased eve counts and has no row
    assert _entries(marts) == {("ann", 1, "1"), ("ann", 2, "2"), ("bob", 1, "a")}
    assert {row["entity_type"] for row in marts["journey_entities"]} == {"contact"}
    assert _stages(marts, "entered") == [(3,), (1,)]
    assert [(r["step"], r["entered"]) for r in marts["journey_steps"] if r["stage"] == 2] == [
        (1, 1),
        (2, 0),
    ]


def test_j4_visitors_without_a_contact_take_the_steps_that_allow_it(tmp_path: Path) -> None:
    marts = _marts(tmp_path, {"stages": STAGES, "include_anonymous": True}, ANYBODY, **PEOPLE)
    # vx' submission has no contact and is no step of hers; the contact that waits is nobody, but
    # the visitor is somebody; ve was once identified as eve: she counts and has no row
    assert _entries(marts) == {
        ("ann", 1, "1"),
        ("ann", 2, "2"),
        ("bob", 1, "a"),
        ("vx", 1, "4"),
        ("vx", 2, "9"),
        ("vw", 1, "7"),
    }
    kinds = {row["entity_id"]: row["entity_type"] for row in marts["journey_entities"]}
    assert kinds == {"ann": "contact", "bob": "contact", "vx": "visitor", "vw": "visitor"}
    assert _stages(marts, "entered") == [(6,), (2,)]


DEALS = {
    "pipeline_stages": """
        pipeline_id,stage_id,is_won,is_closed
        p,open,false,false
        p,won,true,true
        p,lost,false,true
        """,
    "deals": """
        deal_id,created_at,pipeline_id,stage_id,closed_at,is_deleted
        won,2025-01-01,p,won,2025-01-10,
        lost,2025-01-01,p,lost,,
        open,2025-01-01,p,open,2025-01-02,
        gone,2025-01-01,p,won,2025-01-10,true
        """,
    "deal_stage_history": """
        deal_id,stage_id,entered_at,pipeline_id
        won,open,2025-01-02T00:00:00.000001Z,q
        won,won,2025-01-09,
        lost,open,2025-01-02,
        lost,lost,2025-01-08,
        open,open,2025-01-02,
        gone,open,2025-01-02,
        waits,open,2025-01-02,
        """,
    # cat joined the lost deal after its close; bob left the open one
    "deal_contacts": """
        deal_id,contact_id,associated_at,removed_at
        won,old,2025-01-01,
        won,bob,2025-01-01,2025-01-10
        lost,bob,2025-01-01,2025-01-08T00:00:00.000001Z
        lost,cat,2025-01-08T00:00:00.000001Z,
        open,bob,2025-01-01,2025-01-02
        open,cat,2025-01-03,
        gone,cat,2025-01-01,
        """,
    "contact_merges": PEOPLE["contact_merges"],
}
ENTRY = "open:2025-01-02T00:00:00"


def test_j7_deals_have_their_events_their_entries_and_their_contacts_events(
    tmp_path: Path,
) -> None:
    journey = {
        "entity": "deals",
        "stages": [
            _stage("deal_stage_entered", branch_by="pipeline_id"),
            _stage("page_viewed", "payment_succeeded"),
            _stage("deal_stage_entered"),
        ],
    }
    marts = _marts(
        tmp_path,
        journey,
        """
        1 deal_stage_entered 01T10:00:00 bob {"deal_id": "won", "stage_id": "open"}
        2 page_viewed 05T10:00:00 ann
        3 page_viewed 05T10:00:00 bob
        4 page_viewed 06T10:00:00 cat
        5 payment_succeeded 04T10:00:00 vx {"deal_id": "open"}
        6 payment_succeeded 04T10:00:00 nobody {"deal_id": "waits"}
        7 payment_succeeded 04T10:00:00 ann {"deal_id": "won"}
        """,
        **DEALS,
    )
    assert _entries(marts) == {
        ("won", 1, f"won:{ENTRY}.000001Z"),
        ("won", 2, "7"),
        ("won", 3, "won:won:2025-01-09T00:00:00.000000Z"),
        ("lost", 1, f"lost:{ENTRY}.000000Z"),
        ("lost", 2, "3"),
        ("lost", 3, "lost:lost:2025-01-08T00:00:00.000000Z"),
        ("open", 1, f"open:{ENTRY}.000000Z"),
        ("open", 2, "5"),
    }
    assert {row["entity_type"] for row in marts["journey_entities"]} == {"deal"}
    # an entry without a pipeline is in its deal's
    assert _stages(marts, "entered", branch="q") == [(1,), (1,), (1,)]
    assert _stages(marts, "entered", branch="p") == [(2,), (2,), (1,)]
    # from the 4th at ten o'clock to the 9th
    assert _stages(marts, "median_seconds", branch="q")[2] == (4 * 86_400 + 14 * 3_600.0,)


def test_j7_an_event_that_belongs_to_a_deal_in_two_ways_counts_once(tmp_path: Path) -> None:
    journey = {"entity": "deals", "stages": [_stage("page_viewed"), _stage("page_viewed")]}
    events = """
        1 page_viewed 05T10:00:00 ann {"deal_id": "won"}
        2 page_viewed 05T10:00:00 cat {"deal_id": "open"}
        3 page_viewed 05T10:00:00 cat {"deal_id": "lost"}
        """
    marts = _marts(tmp_path, journey, events, **DEALS)
    assert _entries(marts) == {
        ("won", 1, "1"),
        ("open", 1, "2"),
        ("open", 2, "3"),
        ("lost", 1, "3"),
    }


def test_j7_contacts_have_the_entries_of_their_deals(tmp_path: Path) -> None:
    journey = {
        "stages": [
            {
                "name": "entered",
                "steps": [
                    {"event": "deal_stage_entered", "where": [["stage_id", "is", "won"]]},
                    {
                        "event": "deal_stage_entered",
                        "where": [
                            ["pipeline_id", "is", "p"],
                            ["country", "is unknown"],
                            ["campaign_id", "is not", "a"],
                            ["utm_source", "is unknown"],
                        ],
                    },
                ],
            },
            _stage("page_viewed"),
        ]
    }
    marts = _marts(
        tmp_path,
        journey,
        """
        1 page_viewed 09T10:00:00 old
        2 page_viewed 02T00:00:00 cat
        3 deal_stage_entered 01T10:00:00 cat {"stage_id": "won", "deal_id": "open"}
        """,
        **DEALS,
    )
    # bob was on the lost deal to its close, and on no other; cat's view at the same instant has
    # the smaller id and came before
    assert _entries(marts) == {
        ("ann", 1, "won:won:2025-01-09T00:00:00.000000Z"),
        ("ann", 2, "1"),
        ("bob", 1, f"lost:{ENTRY}.000000Z"),
        ("cat", 1, f"open:{ENTRY}.000000Z"),
    }
    assert [row["entered"] for row in marts["journey_steps"]] == [1, 2, 1]
