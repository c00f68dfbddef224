"""The queries in the documentation run on the published sample, and give what stands there."""

import re
from pathlib import Path

import pytest

from orchestration import query
from tests.agreement.warehouse import PROJECT

# A query as a user types it, and the table under it, if there is one.
_EXAMPLE = re.compile(
    r'^\$ make query SQL="(?P<sql>.+)"\n(?P<result>(?:[┌│├└].*\n)*)', re.MULTILINE
)


def examples() -> list[tuple[str, str, str]]:
    """Page, query and result of every example, in order."""
    pages = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
    return [
        (page.name, found["sql"].replace('\\"', '"'), found["result"])
        for page in pages
        for found in _EXAMPLE.finditer(page.read_text(encoding="utf-8"))
    ]


def test_every_way_to_track_a_campaign_has_an_example_with_its_result() -> None:
    shown = [result for page, _, result in examples() if page == "channels.md"]
    assert len(shown) == 15
    assert all(shown)


@pytest.mark.parametrize(("page", "sql", "result"), examples())
def test_a_query_gives_what_the_page_shows(
    page: str,
    sql: str,
    result: str,
    sample_warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(sample_warehouse))
    assert query.main([sql]) == 0, page
    shown = capsys.readouterr().out
    if result:
        assert shown.strip() == result.strip()
