"""Gathers what Sphinx makes the site of, in one folder that can be thrown away."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb

from docs_site.inputs import inputs_page
from docs_site.reference import write_reference
from docs_site.rules import Rule, rule_pages
from orchestration.errors import UsageError
from orchestration.settings import PROJECT_DIR, Settings
from orchestration.transform.dbt import Dbt

# Pages are linked to each other as they lie in the project, and lie here in the same way.
_FROM_THE_PROJECT = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs")
_OF_THE_SITE = ("conf.py", "index.md")

_LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")


def gather_pages(settings: Settings, folder: Path) -> None:
    """Write `pages/`, which Sphinx reads, and `extra/`, which goes into the site as it is.

    folder is made anew. Raises UsageError where nothing is published in the warehouse, or dbt's
    project doesn't parse; WarehouseError where dbt makes no page.
    """
    published = settings.published / "current.duckdb"
    if not published.exists():
        raise UsageError(f"Nothing is published in {settings.warehouse} yet: make run.")
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "pages"
    pages.mkdir(parents=True)
    for name in _OF_THE_SITE:
        shutil.copyfile(Path(__file__).with_name(name), pages / name)
    for name in _FROM_THE_PROJECT:
        _copy(PROJECT_DIR / name, pages / name)
    _copy_linked_files(pages)
    (pages / "inputs.md").write_text(
        inputs_page(PROJECT_DIR / "seeds" / "sample"), encoding="utf-8"
    )
    dbt = Dbt(settings).on_duckdb()
    (pages / "rules").mkdir()
    for name, text in rule_pages(published_rules(published), dbt.manifest()).items():
        (pages / "rules" / f"{name}.md").write_text(text, encoding="utf-8")
    write_reference(settings, dbt, folder / "dbt", folder / "extra" / "reference" / "index.html")


def published_rules(published: Path) -> list[Rule]:
    """The rows of the mart `metric_rules` of a published file."""
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute(
            "select rule_id, rule, model, test, status, unit_test_status from marts.metric_rules"
        ).fetchall()
    return [Rule(*row) for row in found]


def _copy_linked_files(pages: Path) -> None:
    """Bring along what pages link to and is no page, such as `vars.yml`."""
    for page in sorted(pages.rglob("*.md")):
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            if target.is_relative_to(pages.resolve()) and not target.exists():
                source = PROJECT_DIR / target.relative_to(pages.resolve())
                if source.is_file():
                    _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
