"""What pages link to is there, and every page can be reached."""

import re
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.project.pages import PAGES, text_of

_LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """What headings can be linked by, as GitHub makes it of them."""
    return {
        re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).lower()).replace(
            " ", "-"
        )
        for heading in _HEADING.findall(_FENCED.sub("", text_of(page)))
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = [
        f"{path}#{anchor}" if anchor else path
        for path, anchor in _LINK.findall(_FENCED.sub("", text_of(page)))
        if not (target := (page.parent / path) if path else page).exists()
        or (anchor and anchor not in anchors(target))
    ]
    assert not dead


def test_every_page_stands_in_the_navigation_of_the_site() -> None:
    index = (PROJECT / "docs_site" / "index.md").read_text(encoding="utf-8").splitlines()
    pages = [str(page.relative_to(PROJECT).with_suffix("")) for page in PAGES]
    assert not [page for page in pages if page not in index]
