"""What a definition of customer journeys may say, and what a user is told where it says else."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
import yaml

from orchestration import settings
from orchestration.errors import UsageError
from orchestration.journeys import (
    EVENT_TYPES,
    OPERATORS,
    catalogue,
    check_journeys,
    main,
    mistakes,
)
from orchestration.settings import PROJECT_DIR, Settings, known_dbt_vars
from orchestration.transform.dbt import Dbt
from tests.conftest import run_command

ALL_OPERATORS = {operator for fitting in OPERATORS.values() for operator in fitting}

# A property of each kind, with its event type and values as YAML writes them.
KINDS = {
    "text": ("page_viewed", "title", '"Prices"', ['"Prices"', '"no"']),
    "number": ("media_played", "seconds", "60", ["60", "-0.5"]),
    "flag": ("page_clicked", "is_dead", "true", ["true"]),
}

STEP = "{event: page_viewed}"
STAGE = f"{{name: Seen, steps: [{STEP}]}}"


def told(text: str) -> list[str]:
    """The mistakes of definitions in YAML."""
    return list(mistakes(yaml.safe_load(dedent(text))))


def journey(rest: str) -> str:
    return f"trip: {{{rest}}}"


def stages(*texts: str) -> str:
    return journey(f"stages: [{', '.join(texts)}]")


def step(text: str, event: str = "page_viewed") -> str:
    """A journey of one step with a list of conditions."""
    return stages(f"{{name: Seen, steps: [{{event: {event}, where: {text}}}]}}")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project folder that has nothing but the variables' file."""
    shutil.copyfile(PROJECT_DIR / "vars.yml", tmp_path / "vars.yml")
    monkeypatch.setattr(settings, "PROJECT_DIR", tmp_path)
    known_dbt_vars.cache_clear()
    yield tmp_path
    known_dbt_vars.cache_clear()


def define(project: Path, text: str) -> None:
    """Let the project's variables have these definitions and the others that they have."""
    kept = (project / "vars.yml").read_text(encoding="utf-8").partition("  journeys:\n")[0]
    written = f"{kept}  journeys:\n{indent(dedent(text), '    ')}"
    (project / "vars.yml").write_text(written, encoding="utf-8")


# What is right


def test_the_bundled_definitions_have_no_mistake() -> None:
    bundled = known_dbt_vars()["journeys"]
    assert len(bundled) >= 6
    assert list(mistakes(bundled)) == []


def test_everything_that_a_definition_may_say() -> None:
    text = """
        webinar:
          entity: contacts
          include_anonymous: true
          from: 2025-01-01
          to: "2025-12-31"
          stages:
            - name: Registered
              optional: false
              steps:
                - event: page_viewed
                  where:
                    - [title, contains, "it's {{ 100% }} \\\\ _"]
                    - [country, in, [DE, "NO"]]
                    - [campaign_id, is, "007"]
                    - [content_id, is unknown]
                    - [title, is not, " "]
                    - [utm_source, is, " Google"]
                - event: deal_stage_entered
                  where: []
            - name: Registered
              optional: true
              branch_by: seconds
              steps:
                - event: page_viewed
                - event: media_played
                  where:
                    - [seconds, at least, 1]
                    - [seconds, at most, 1.5]
        deals:
          from: 2025-01-31
          to: 2025-01-31
          entity: deals
          include_anonymous: false
          stages:
            - name: Entered
              branch_by: browser
              steps:
                - event: deal_stage_entered
                  where:
                    - [browser, is unknown]
    """
    assert told(text) == []
    assert told("{}") == []
    assert told(stages(*[STAGE] * 15)) == []
    assert told(f"{'n' * 100}: {{stages: [{STAGE}]}}") == []


@pytest.mark.parametrize("kind", OPERATORS)
@pytest.mark.parametrize("operator", sorted(ALL_OPERATORS))
def test_an_operator_fits_the_kinds_of_properties_that_it_is_for(kind: str, operator: str) -> None:
    event, name, value, values = KINDS[kind]
    if operator in ("is known", "is unknown"):
        condition = f"[{name}, {operator}]"
    elif operator in ("in", "not in"):
        condition = f"[{name}, {operator}, [{', '.join(values)}]]"
    else:
        condition = f"[{name}, {operator}, {value}]"
    found = told(step(f"[{condition}]", event))
    if operator in OPERATORS[kind]:
        assert found == []
    else:
        (line,) = found
        told_of = f"{operator} doesn't fit {name}, a {kind}: it takes {', '.join(OPERATORS[kind])}."
        assert told_of in line


def test_operators_fit_as_documented() -> None:
    shared = {"is", "is not", "is known", "is unknown"}
    assert set(OPERATORS["text"]) == shared | {"in", "not in", "contains", "starts with"}
    assert set(OPERATORS["number"]) == shared | {"in", "not in", "at least", "at most"}
    assert set(OPERATORS["flag"]) == shared


@pytest.mark.parametrize("event", catalogue().properties)
def test_every_event_type_is_a_step_and_every_property_a_condition(event: str) -> None:
    conditions = ", ".join(f"[{name}, is known]" for name in catalogue().properties[event])
    assert told(step(f"[{conditions}]", event)) == []
    for name in catalogue().properties[event].keys() - {"campaign_id"}:
        branching = f"{{name: Seen, branch_by: {name}, steps: [{{event: {event}}}]}}"
        assert told(stages(branching)) == []


# What is wrong: the definition of journeys, and what is said of it

PLACE = 'journey "trip"'
FIRST = f'{PLACE}, stage 1 "Seen"'
FIRST_STEP = f"{FIRST}, step 1"

MISTAKES = [
    # journeys
    ("[trip]", 'journeys: ["trip"] is no mapping of names to definitions: write {} for none.'),
    ("null", "journeys: null is no mapping of names to definitions: write {} for none."),
    (f"7: {{stages: [{STAGE}]}}", "journey 7: its name is 7, as YAML reads it, and no text"),
    (f"no: {{stages: [{STAGE}]}}", "journey false: its name is false, as YAML reads it"),
    (f"'': {{stages: [{STAGE}]}}", 'journey "": its name is empty'),
    (f"' ': {{stages: [{STAGE}]}}", 'journey " ": its name is empty'),
    (f"~: {{stages: [{STAGE}]}}", "journey null: its name is empty"),
    (f"{'n' * 101}: {{stages: [{STAGE}]}}", "has 101 characters: at most 100 are allowed."),
    (f'"a\\0": {{stages: [{STAGE}]}}', "its name has a character that no text can have."),
    ("trip: [1]", f"{PLACE}: [1] is no mapping: write its stages below `stages:`."),
    ("trip:", f"{PLACE}: null is no mapping"),
    # a journey
    (
        journey(f"stage: 1, stages: [{STAGE}]"),
        f'{PLACE}: unknown key "stage" (did you mean stages?): '
        "it takes entity, include_anonymous, from, to, stages.",
    ),
    (journey(f"on: 1, stages: [{STAGE}]"), f"{PLACE}: unknown key true: it takes entity,"),
    (journey("entity: deals"), f"{PLACE}: it has no stages: write `stages:` with at least one"),
    (journey("stages:"), f"{PLACE}: stages is null: write a list, `- name: Visited`."),
    (journey(f"stages: {STAGE}"), f"{PLACE}: stages is {{"),
    (journey("stages: []"), f"{PLACE}: stages is empty: write at least one, `- name: Visited`."),
    (stages(*[STAGE] * 16), f"{PLACE}: it has 16 stages: at most 15 are allowed."),
    (
        journey(f"entity: companies, stages: [{STAGE}]"),
        f'{PLACE}: entity is "companies": it takes contacts or deals.',
    ),
    (journey(f"entity: [deals], stages: [{STAGE}]"), f'{PLACE}: entity is ["deals"]: it takes'),
    (journey(f"entity: , stages: [{STAGE}]"), f"{PLACE}: entity is null: it takes"),
    (
        journey(f"include_anonymous: 1, stages: [{STAGE}]"),
        f"{PLACE}: include_anonymous is 1: it takes true or false.",
    ),
    (
        journey(f"entity: deals, include_anonymous: true, stages: [{STAGE}]"),
        f"{PLACE}: include_anonymous is only for contacts: leave it out for deals.",
    ),
    (
        journey("include_anonymous: true, stages: [{name: Sent, steps: [{event: email_sent}]}]"),
        f"{PLACE}: include_anonymous, but every step's event type needs a contact: "
        f"leave it out, or see is_anonymous_allowed in {EVENT_TYPES}.",
    ),
    # its dates
    (
        journey(f"from: soon, stages: [{STAGE}]"),
        f'{PLACE}: from is "soon": it takes a date, as 2025-01-31.',
    ),
    (journey(f"to: 2025, stages: [{STAGE}]"), f"{PLACE}: to is 2025: it takes a date"),
    (journey(f"to: '20250131', stages: [{STAGE}]"), f'{PLACE}: to is "20250131": it takes'),
    (journey(f"to: '2025-02-30', stages: [{STAGE}]"), f'{PLACE}: to is "2025-02-30": it takes'),
    (journey(f"to: 2025-01-31T00:00:00, stages: [{STAGE}]"), f'{PLACE}: to is "2025-01-31 00:00'),
    (journey(f"from: , stages: [{STAGE}]"), f"{PLACE}: from is null: it takes a date"),
    (
        journey(f"from: 2025-02-01, to: '2025-01-31', stages: [{STAGE}]"),
        f"{PLACE}: from is 2025-02-01, after to, 2025-01-31: no event would be in the range.",
    ),
    # a stage
    (stages("Seen"), f'{PLACE}, stage 1: "Seen" is no mapping: write its name and its steps.'),
    (stages(STAGE, f"[{STAGE}]"), f"{PLACE}, stage 2: [{{"),
    (stages(f"{{steps: [{STEP}]}}"), f"{PLACE}, stage 1: it has no name: write `name:`."),
    (stages(f"{{name: , steps: [{STEP}]}}"), f"{PLACE}, stage 1: its name is empty: give it one."),
    (stages(f"{{name: '', steps: [{STEP}]}}"), f"{PLACE}, stage 1: its name is empty"),
    (stages(f"{{name: 1, steps: [{STEP}]}}"), f"{PLACE}, stage 1: its name is 1, as YAML reads it"),
    (stages(f"{{name: {'n' * 101}, steps: [{STEP}]}}"), "its name has 101 characters: at most 100"),
    (stages("{name: Seen}"), f"{FIRST}: it has no steps: write `steps:` with at least one"),
    (stages("{name: Seen, steps: }"), f"{FIRST}: steps is null: write a list, `- event:"),
    (stages(f"{{name: Seen, steps: {STEP}}}"), f"{FIRST}: steps is {{"),
    (stages("{name: Seen, steps: []}"), f"{FIRST}: steps is empty: write at least one, `- event:"),
    (
        stages(f"{{name: Seen, step: 1, steps: [{STEP}]}}"),
        f'{FIRST}: unknown key "step" (did you mean steps?): '
        "it takes name, optional, branch_by, steps.",
    ),
    (
        stages(f"{{name: Seen, optional: 'yes', steps: [{STEP}]}}"),
        f'{FIRST}: optional is "yes": it takes true or false.',
    ),
    (
        stages(f"{{name: Seen, optional: true, steps: [{STEP}]}}"),
        f"{FIRST}: the first stage can't be optional.",
    ),
    (
        stages(f"{{name: Seen, branch_by: titel, steps: [{STEP}]}}"),
        f'{FIRST}: branch_by "titel" is no property of its steps (did you mean title?): browser, '
        "content_id, content_type, country, device_type, region, title, url, utm_campaign,",
    ),
    (
        stages(f"{{name: Seen, branch_by: seconds, steps: [{STEP}]}}"),
        f'{FIRST}: branch_by "seconds" is no property of its steps: browser,',
    ),
    (
        stages(f"{{name: Seen, branch_by: campaign_id, steps: [{STEP}]}}"),
        f"{FIRST}: branch_by can't be campaign_id, of which an event may have several.",
    ),
    (
        stages(f"{{name: Seen, branch_by: [title], steps: [{STEP}]}}"),
        f'{FIRST}: branch_by is ["title"]: it takes the name of a property.',
    ),
    (stages(f"{{name: Seen, branch_by: , steps: [{STEP}]}}"), f"{FIRST}: branch_by is null: it"),
    # a step
    (
        stages("{name: Seen, steps: [page_viewed]}"),
        f'{FIRST_STEP}: "page_viewed" is no mapping: write `- event: page_viewed`.',
    ),
    (
        stages(f"{{name: Seen, steps: [{STEP}, {{}}]}}"),
        f"{FIRST}, step 2: it has no event type: write `event:`.",
    ),
    (
        stages("{name: Seen, steps: [{event: }]}"),
        f"{FIRST_STEP}: event is null: it takes the name of an event type.",
    ),
    (stages("{name: Seen, steps: [{event: [page_viewed]}]}"), f'{FIRST_STEP}: event is ["page_'),
    (
        stages("{name: Seen, steps: [{event: page_view}]}"),
        f'{FIRST_STEP}: unknown event type "page_view" (did you mean page_viewed or ',
    ),
    (
        stages("{name: Seen, steps: [{event: Zzz}]}"),
        f'{FIRST_STEP}: unknown event type "Zzz": {EVENT_TYPES} has the list.',
    ),
    (
        stages("{name: Seen, steps: [{event: page_viewed, were: []}]}"),
        f'{FIRST_STEP}: unknown key "were" (did you mean where?): it takes event, where.',
    ),
    (step(""), f"{FIRST_STEP}: where is null: write a list of conditions, `- [property, operator"),
    (step("{country: DE}"), f'{FIRST_STEP}: where is {{"country": "DE"}}: write a list'),
    (
        step("[country, is, DE]"),
        f'{FIRST_STEP}: where is ["country", "is", "DE"]: put a dash before the condition',
    ),
    # a condition
    (
        step("[{country: DE}]"),
        f'{FIRST_STEP}, condition {{"country": "DE"}}: it is no list: '
        "write [property, operator, value].",
    ),
    (
        step("[[]]"),
        f"{FIRST_STEP}, condition []: it is no list: write [property, operator, value].",
    ),
    (step("[country]"), f'{FIRST_STEP}, condition "country": it is no list'),
    (step("[[no, is, DE]]"), f'{FIRST_STEP}, condition [false, "is", "DE"]: the property is false'),
    (
        step("[[titel, is, Prices]]"),
        f'{FIRST_STEP}, condition ["titel", "is", "Prices"]: page_viewed has no property "titel" '
        "(did you mean title?): it has content_id, title, campaign_id, browser, content_type, "
        "country, region, device_type, url, utm_source, utm_medium, utm_campaign, utm_term, "
        "utm_content.",
    ),
    (
        step("[[seconds, is, 5]]"),
        f'{FIRST_STEP}, condition ["seconds", "is", 5]: page_viewed has no property "seconds"',
    ),
    (
        step("[[title]]"),
        f'{FIRST_STEP}, condition ["title"]: it has no operator: it takes is, is not, in, not in, '
        "contains, starts with, is known, is unknown.",
    ),
    (
        step("[[title, equals, Prices]]"),
        'condition ["title", "equals", "Prices"]: unknown operator "equals": it takes is,',
    ),
    (
        step("[[title, start with, Prices]]"),
        'unknown operator "start with" (did you mean starts with?): it takes is,',
    ),
    (step("[[title, true]]"), "unknown operator true: it takes is,"),
    (step("[[title, [is], Prices]]"), 'unknown operator ["is"]: it takes is,'),
    (
        step("[[x, contains, 1]]", "page_clicked"),
        'condition ["x", "contains", 1]: contains doesn\'t fit x, a number: it takes is, is not, '
        "in, not in, at least, at most, is known, is unknown.",
    ),
    (
        step("[[is_dead, in, [true]]]", "page_clicked"),
        "in doesn't fit is_dead, a flag: it takes is, is not, is known, is unknown.",
    ),
    # its values
    (step("[[title, is]]"), "is has no value: write [property, operator, value]."),
    (step("[[title, in]]"), "in has no value: write [property, operator, value]."),
    (step("[[title, is known, true]]"), "is known takes no value: write [title, is known]."),
    (step("[[title, is, a, b]]"), "is takes one value; for several there are in and not in: write"),
    (step("[[title, is, [a]]]"), "is takes one value; for several there are in and not in: write"),
    (
        step("[[is_dead, is, true, false]]", "page_clicked"),
        "is takes one value: write [property, operator, value].",
    ),
    (step("[[title, in, a, b]]"), 'in takes a list: write [title, in, ["a", "b"]].'),
    (step("[[title, not in, a]]"), 'not in takes a list: write [title, not in, ["a"]].'),
    (step("[[title, in, []]]"), "the list of in is empty: write at least one value."),
    (step("[[title, is, '']]"), '"" is an empty text, which no event has: for missing values'),
    (step("[[utm_term, is, ' ']]"), '" " is an empty text, which no event has: for missing values'),
    (step("[[title, in, [a, '']]]"), '"" is an empty text'),
    (step("[[title, is, null]]"), "null is no value; for missing ones there is: is unknown."),
    (
        step("[[country, in, [DE, NO]]]"),
        "false is what YAML reads yes, no, on, off as, and country a text: quote it, as",
    ),
    (
        step("[[title, is, 007]]"),
        '7 is a number (as YAML reads it), and title a text: quote it, as "007".',
    ),
    (step("[[title, is, 1.50]]"), "1.5 is a number (as YAML reads it), and title a text: quote it"),
    (step("[[title, is, 2025-01-31]]"), '"2025-01-31" is a date (as YAML reads it), and title a'),
    (step("[[title, is, {a: b}]]"), '{"a": "b"} is no text, as title is.'),
    (step('[[title, is, "a\\0"]]'), '"a\\u0000" has a character that no text can have.'),
    (
        step("[[seconds, at least, '60']]", "media_played"),
        '"60" is a text, and seconds a number: write digits without quotes, as 60 or 0.5.',
    ),
    (step("[[seconds, is, 1e3]]", "media_played"), '"1e3" is a text, and seconds a number'),
    (step("[[seconds, is, true]]", "media_played"), "true is no number, as seconds is."),
    (step("[[seconds, in, [1, {}]]]", "media_played"), "{} is no number, as seconds is."),
    (step("[[seconds, is, 2025-01-31]]", "media_played"), '"2025-01-31" is no number, as seconds'),
    (step("[[seconds, is, .inf]]", "media_played"), "Infinity is no finite number."),
    (step("[[seconds, is, .nan]]", "media_played"), "NaN is no finite number."),
    (step(f"[[seconds, is, {'9' * 400}]]", "media_played"), "is no finite number."),
    (
        step("[[is_dead, is, 1]]", "page_clicked"),
        "1 is no flag: is_dead takes true or false.",
    ),
    (step("[[is_dead, is, 'yes']]", "page_clicked"), '"yes" is no flag: is_dead takes true or'),
]


@pytest.mark.parametrize(("text", "line"), MISTAKES)
def test_a_mistake_is_told_once_with_its_place_and_what_is_allowed(text: str, line: str) -> None:
    (found,) = told(text)
    assert line in found
    assert found.startswith("journey")
    assert found.endswith(".")
    assert "\n" not in found


def test_all_mistakes_are_told() -> None:
    text = f"""
        first: {{stages: [{{name: 1, optional: 2, steps: [{{event: none}}, 3]}}]}}
        second: {{entity: 4, from: 5, to: 6, stages: [{STAGE}]}}
    """
    assert [line.partition(":")[0] for line in told(text)] == [
        'journey "first", stage 1',
        'journey "first", stage 1',
        'journey "first", stage 1, step 1',
        'journey "first", stage 1, step 2',
        *['journey "second"'] * 3,
    ]


def test_what_only_follows_from_a_mistake_is_not_told() -> None:
    steps = "[{event: page_view, where: [[titel, is, 1]]}]"
    text = journey(
        f"include_anonymous: true, stages: [{{name: Seen, branch_by: titel, steps: {steps}}}]"
    )
    (line,) = told(text)
    assert "unknown event type" in line
    text = journey("include_anonymous: true, stages: [Seen, {name: Other, steps: 3}]")
    assert ["is no mapping" in line for line in told(text)] == [True, False]


def test_a_text_that_refers_to_itself_is_shown_too() -> None:
    (line,) = told("trip: &trip [*trip]")
    assert "is no mapping" in line


def test_a_surrogate_is_no_character() -> None:
    definition = {"\ud800": yaml.safe_load(f"stages: [{STAGE}]")}
    (line,) = mistakes(definition)
    assert "a character that no text can have" in line
    line.encode("utf-8")


# Settings


def test_definitions_of_the_environment_replace_those_of_the_project() -> None:
    text = f"journeys: {{trip: {{from: 2025-01-01, to: '2025-01-31', stages: [{STAGE}]}}}}"
    taken = Settings.from_environment({"CAMPAIGN_VARS": text})
    assert taken.dbt_vars == {
        "journeys": {
            "trip": {
                "from": "2025-01-01",
                "to": "2025-01-31",
                "stages": [{"name": "Seen", "steps": [{"event": "page_viewed"}]}],
            }
        }
    }
    assert json.loads(Dbt(taken)._vars()) == taken.dbt_vars


def test_no_journeys_may_be_defined() -> None:
    assert Settings.from_environment({"CAMPAIGN_VARS": "journeys: {}"}).dbt_vars == {"journeys": {}}


@pytest.mark.parametrize("text", ["null", "[]", "webinar", "7"])
def test_journeys_are_a_mapping(text: str) -> None:
    with pytest.raises(UsageError, match=r"CAMPAIGN_VARS, journeys: .* is no mapping"):
        Settings.from_environment({"CAMPAIGN_VARS": f"journeys: {text}"})


def test_the_first_mistake_is_told_with_the_number_of_others() -> None:
    one = f"journeys: {{trip: {{entity: x, stages: [{STAGE}]}}}}"
    with pytest.raises(UsageError, match=r"^CAMPAIGN_VARS, journey .* contacts or deals\.$"):
        Settings.from_environment({"CAMPAIGN_VARS": one})
    three = f"journeys: {{trip: {{entity: x, from: y, to: z, stages: [{STAGE}]}}}}"
    with pytest.raises(UsageError) as raised:
        Settings.from_environment({"CAMPAIGN_VARS": three})
    assert str(raised.value) == (
        'CAMPAIGN_VARS, journey "trip": entity is "x": it takes contacts or deals. '
        "(and 2 more: python -m orchestration.journeys lists them)"
    )


def test_a_mistake_in_the_projects_definitions_stops_every_run(project: Path) -> None:
    define(project, "trip: {stages: []}")
    for given in ("", "journeys: {}"):
        with pytest.raises(UsageError, match=r'^vars.yml, journey "trip": stages is empty'):
            Settings.from_environment({"CAMPAIGN_VARS": given})


def test_the_projects_dates_may_be_dates_or_texts(project: Path) -> None:
    define(project, f"trip: {{from: 2025-01-01, to: '2025-01-31', stages: [{STAGE}]}}")
    settings.Settings.from_environment({})
    known: dict[str, Any] = known_dbt_vars()["journeys"]["trip"]
    assert (known["from"], known["to"]) == (date(2025, 1, 1), "2025-01-31")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("vars:\n  a: 1\n b: 2\n", r"vars.yml is not YAML \(line 3: "),
        ("vars:\n  a: [1\n  b: 2\n", r"vars.yml is not YAML \(line 3: "),
        ("vars:\n\ta: 1\n", r"vars.yml is not YAML \(line 2: "),
        ("vars:\n  a: \x07\n", r"vars.yml is not YAML \(line 2: the character '\\x07' is not"),
        ("vars:\n  a:\n    b: 1\n    b: 2\n", r"\(line 4: 'b' stands there twice\)"),
        ("vars:\n  a: 2025-02-30\n", r"\(line 2: 2025-02-30 is no date \(day is out of range"),
        ("vars:\n  a: 2025-02-03T25:00:00\n", r"\(line 2: 2025-02-03T25:00:00 is no date"),
        (f"vars:\n  a: {'9' * 5000}\n", r"vars.yml is not YAML \(Exceeds the limit"),
        ("[" * 5000, r"vars.yml is not YAML \(maximum recursion depth"),
        ("", "vars.yml has no variables: write them below `vars:`"),
        ("vars: []\n", "vars.yml has no variables"),
        ("- vars\n", "vars.yml has no variables"),
    ],
)
def test_a_broken_variables_file_is_told_with_the_line(project: Path, text: str, line: str) -> None:
    (project / "vars.yml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=line):
        Settings.from_environment({})


def test_a_variables_file_that_cannot_be_read_is_told(project: Path) -> None:
    (project / "vars.yml").write_bytes(b"vars: {a: '\xff'}")
    with pytest.raises(UsageError, match=r"vars.yml can't be read"):
        Settings.from_environment({})
    (project / "vars.yml").unlink()
    with pytest.raises(UsageError, match=r"vars.yml can't be read"):
        Settings.from_environment({})


def test_what_is_merged_in_may_be_overridden() -> None:
    text = "{journeys: {}, report_timezone: &zone UTC, company_currency: *zone}"
    assert Settings.from_environment({"CAMPAIGN_VARS": text}).dbt_vars["company_currency"] == "UTC"
    stage = "{<<: &base {name: Seen, steps: [{event: page_viewed}]}, name: Other}"
    text = f"journeys: {{trip: {{stages: [{stage}]}}}}"
    taken = Settings.from_environment({"CAMPAIGN_VARS": text}).dbt_vars["journeys"]["trip"]
    assert taken["stages"][0]["name"] == "Other"


# Commands


def test_a_run_with_a_mistake_ends_before_anything_is_loaded(tmp_path: Path) -> None:
    done = run_command(
        "orchestration.run",
        CAMPAIGN_WAREHOUSE=str(tmp_path / "warehouse"),
        CAMPAIGN_VARS="journeys: {trip: {stages: [{name: Seen, steps: [{event: page_view}]}]}}",
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith('CAMPAIGN_VARS, journey "trip", stage 1 "Seen", step 1: unknown')
    assert not (tmp_path / "warehouse").exists()


def test_the_command_says_that_there_is_no_mistake() -> None:
    done = run_command("orchestration.journeys")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{len(known_dbt_vars()['journeys'])} journeys, no mistakes.\n"
    done = run_command("orchestration.journeys", CAMPAIGN_VARS="journeys: {}")
    assert (done.returncode, done.stdout) == (0, "0 journeys, no mistakes.\n")


def test_the_command_lists_the_mistakes_one_per_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    define(project, "\n".join(f'"a\\n{number}": {{stages: []}}' for number in range(15)))
    monkeypatch.setenv("CAMPAIGN_VARS", f"journeys: {{{', '.join(f'b{n}: []' for n in range(7))}}}")
    assert main() == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[0] == (
        r'vars.yml, journey "a\n0": stages is empty: write at least one, `- name: Visited`.'
    )
    assert lines[15].startswith('CAMPAIGN_VARS, journey "b0": [] is no mapping')
    assert lines[20] == "and 2 more."


def test_the_command_says_where_the_file_is_broken(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "vars.yml").write_text("vars:\n  journeys: {\n", encoding="utf-8")
    assert main() == 2
    assert capsys.readouterr().err.startswith("vars.yml is not YAML (line ")


def test_check_names_the_source() -> None:
    check_journeys({}, "there")
    with pytest.raises(UsageError, match=r"^there, journey "):
        check_journeys({"a": 1}, "there")
