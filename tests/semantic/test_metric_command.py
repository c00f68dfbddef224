"""`make metric` answers by name, lists the names, and says what is wrong with a question."""

import re
from pathlib import Path

import pytest

from orchestration import metric
from orchestration.metric import SemanticLayer
from tests.project.pages import blocks

# The questions that stand on pages, with what is shown under them, if anything. That of a metric
# which a page adds is asked where it is added.
QUESTIONS = [
    (question, answer)
    for block in blocks("")
    for question, answer in re.findall(
        r'^(?:\$ )?make metric QUERY="(.*)"\n((?:[┌│├└].*\n)*)', block.text, re.MULTILINE
    )
    if block.page != "extending.md"
]


@pytest.fixture(autouse=True)
def warehouse(sample_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(sample_warehouse))


@pytest.fixture
def layer_at_hand(layer: SemanticLayer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command takes the layer that the other tests ask, and doesn't read it anew."""
    monkeypatch.setattr(metric, "SemanticLayer", lambda _: layer)


def test_amounts_stay_exact_and_weeks_begin_on_mondays(capsys: pytest.CaptureFixture[str]) -> None:
    question = (
        "--metrics revenue --group-by campaign,metric_time__week --order -revenue --limit 1"
        " --where \"{{ Dimension('campaign__status') }} = 'active'\""
        " --start-time 2025-09-01 --end-time 2025-09-30"
    )
    assert metric.main([question]) == 0
    told = capsys.readouterr().out
    assert re.search(r"│ 2025-\d\d-\d\d 00:00:00 │ camp-[a-z-]+ │ +\d+\.\d\d │", told), told


def test_without_a_question_it_lists_metrics_and_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert metric.main([""]) == 0
    told = capsys.readouterr().out
    assert "\ninfluenced_contacts\n    Contacts influenced by a campaign" in told
    assert "\n  by attribution_model, campaign, " in told
    assert "\nsessions_by_channel_and_week\n" in told


def test_the_sql_can_be_seen(capsys: pytest.CaptureFixture[str]) -> None:
    assert metric.main(["--saved-query deals_by_month --explain"]) == 0
    assert '"wh"."marts"."deals"' in capsys.readouterr().out


@pytest.mark.usefixtures("layer_at_hand")
@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("--metrics influenced", "'influenced_contacts'"),
        ("--metrics all_sessions --group-by campaign", "'session__entry_channel'"),
        ("--metrics sessions --order revenue", "order-by item 'revenue'"),
        ("--metrics sessions --where 'campaign ='", "syntax error"),
        ("--saved-query none", "'deals_by_month'"),
        ("--metric sessions", "make metric QUERY="),
        ("sessions", "make metric QUERY="),
        ("--metrics 'sessions", "No closing quotation"),
        ("--metrics sessions --limit many", "--limit"),
    ],
)
def test_what_is_wrong_with_a_question_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], question: str, told: str
) -> None:
    assert metric.main([question]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Issue Location" not in error
    assert error.count("\n") == 1


def test_before_the_first_publish_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(tmp_path / "none"))
    assert metric.main(["--metrics sessions"]) == 2
    assert "make run" in capsys.readouterr().err


@pytest.mark.usefixtures("layer_at_hand")
@pytest.mark.parametrize(("question", "answer"), QUESTIONS)
def test_a_question_on_a_page_is_answered_as_the_page_shows(
    question: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert metric.main([question.replace('\\"', '"')]) == 0
    answered = capsys.readouterr().out.strip()
    assert answered == answer.strip() if answer else answered


def test_the_page_shows_answers() -> None:
    assert any(answer for _, answer in QUESTIONS)
