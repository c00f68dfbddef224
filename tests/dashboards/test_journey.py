"""The drawing of a journey, and the page that shows one."""

import re
from pathlib import Path
from typing import Any

import pytest

from dashboards.journey import draw, duration, main, segments, stages
from orchestration.query import answer
from orchestration.settings import PROJECT_DIR, Settings

PAGE = PROJECT_DIR / "docs" / "journeys.md"
SHOWN = "visitor_to_customer"


@pytest.fixture
def warehouse(sample_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(sample_warehouse))
    return sample_warehouse


def texts(svg: str) -> list[str]:
    """The texts of a drawing, whatever their places."""
    return sorted(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def row(stage: int, branch: str | None, entered: int) -> dict[str, Any]:
    return {
        "stage": stage,
        "branch": branch,
        "stage_name": "Seen",
        "is_optional": stage == 2,
        "entered": entered,
        "dropped": None,
        "conversion_from_previous": 0.505 if stage > 1 else None,
        "median_seconds": 61.0 if stage > 1 else None,
        "branch_by": branch and "country",
    }


def test_a_bar_has_its_branches_and_those_without_one() -> None:
    rows = [row(1, None, 9), row(2, None, 5), row(2, "AT", 1), row(2, "DE", 3)]
    assert segments(rows) == [
        {"stage": "1 Seen", "branch": "", "entered": 9, "place": 0},
        {"stage": "2 Seen (optional)", "branch": "country: DE", "entered": 3, "place": 0},
        {"stage": "2 Seen (optional)", "branch": "country: AT", "entered": 1, "place": 1},
        {"stage": "2 Seen (optional)", "branch": "", "entered": 1, "place": 2},
    ]


def test_a_drawing_tells_who_entered_each_stage() -> None:
    told = texts(draw("j", [row(1, None, 1200), row(2, None, 606)]))
    assert {"1,200", "606 · 50% · median 1 min 1 s", "1 Seen", "2 Seen (optional)"} <= set(told)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, "0 s"),
        (59.6, "1 min"),
        (213.0, "3 min 33 s"),
        (3600.0, "1 h"),
        (86_400.0 + 59, "1 d"),
        (880_411.0, "10 d 4 h"),
    ],
)
def test_a_length_of_time_in_its_largest_units(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.usefixtures("warehouse")
def test_a_journey_that_is_not_there_is_told_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["nonsense"]) == 2
    error = capsys.readouterr().err
    assert "'nonsense'" in error
    assert "webinar" in error


def test_before_the_first_publish_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(tmp_path / "none"))
    assert main([SHOWN]) == 2
    assert "make run" in capsys.readouterr().err


def test_a_journey_is_drawn_into_the_warehouse(
    sample_warehouse: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "published").symlink_to(sample_warehouse / "published")
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(tmp_path))
    assert main([SHOWN]) == 0
    path = tmp_path / "dashboard" / "journeys" / f"{SHOWN}.svg"
    assert str(path) in capsys.readouterr().out
    assert path.read_text(encoding="utf-8").startswith("<svg")


def test_the_page_shows_the_journey_of_the_project() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block in (PROJECT_DIR / "vars.yml").read_text(encoding="utf-8")


@pytest.mark.usefixtures("warehouse")
def test_the_page_shows_what_the_sample_gives(capsys: pytest.CaptureFixture[str]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (query,) = re.findall(r'make query SQL="(.*?)"', page)
    answer(Settings.from_environment(), query)
    assert capsys.readouterr().out.strip() in page


def test_the_page_shows_the_drawing_of_the_sample(warehouse: Path) -> None:
    drawn = draw(SHOWN, stages(warehouse / "published" / "current.duckdb", SHOWN))
    kept = PAGE.with_name("journey.svg").read_text(encoding="utf-8")
    assert texts(kept) == texts(drawn)
