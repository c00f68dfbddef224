"""The hand-written pages: their text, and the blocks of code in them."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import PROJECT

PAGES = [
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((PROJECT / "docs").glob("*.md")),
]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code; language is empty for what a user types into a shell."""

    page: str
    language: str
    text: str


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(*languages: str, page: str | None = None) -> list[Block]:
    """The blocks in these languages, of all pages or of one, in order."""
    return [
        Block(path.name, language, text)
        for path in PAGES
        if page in (None, path.name)
        for language, text in _BLOCK.findall(text_of(path))
        if not languages or language in languages
    ]
