"""`make query` answers from the published warehouse, and says what is wrong with a question."""

from pathlib import Path

import pytest

from orchestration import query


@pytest.fixture(autouse=True)
def warehouse(sample_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(sample_warehouse))


def test_a_query_finds_the_marts(capsys: pytest.CaptureFixture[str]) -> None:
    assert query.main(["select count(*) as campaigns from campaigns"]) == 0
    assert "campaigns" in capsys.readouterr().out


def test_a_query_cannot_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert query.main(["delete from campaigns"]) == 2
    assert "read-only" in capsys.readouterr().err


def test_a_query_that_does_not_run_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert query.main(["select nonsense from campaigns"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_before_the_first_publish_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(tmp_path / "none"))
    assert query.main(["select 1"]) == 2
    assert "make run" in capsys.readouterr().err
