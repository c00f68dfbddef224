"""Copies of the dbt project with a mistake in them, to see that the nights tell."""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration.settings import PROJECT_DIR

_FOLDERS = ("models", "macros", "seeds/reference", "tests/dbt")
_FILES = ("dbt_project.yml", "vars.yml", "profiles.yml")

# A model that its first build makes, and no later one adds to. (is_incremental() would ask every
# unit test of the model for an override.)
_FROZEN = """
{{ config(materialized='incremental', incremental_strategy='new_units') }}
{% if execute and load_relation(this) is not none and not flags.FULL_REFRESH %}
limit 0
{% endif %}
"""


def copy_project(folder: Path) -> Path:
    """Copy the dbt project into a folder, which is made; gives the folder."""
    for name in _FOLDERS:
        shutil.copytree(PROJECT_DIR / name, folder / name)
    for name in _FILES:
        shutil.copyfile(PROJECT_DIR / name, folder / name)
    return folder


def alter(project: Path, file: str, old: str, new: str) -> None:
    """Replace a text in a file of a copied project.

    Raises ValueError where the text doesn't stand in the file exactly once.
    """
    path = project / file
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(
            f"{file} has {old!r} {text.count(old)} times: give a text that is there once"
        )
    path.write_text(text.replace(old, new), encoding="utf-8")


def freeze(project: Path, model: str) -> None:
    """Let a model of a copied project never change after its first build.

    The model is to end with its query, without a limit. Raises ValueError where no model has
    the name.
    """
    found = list((project / "models").rglob(f"{model}.sql"))
    if len(found) != 1:
        raise ValueError(f"there are {len(found)} models {model}: name one")
    found[0].write_text(found[0].read_text(encoding="utf-8").rstrip() + _FROZEN, encoding="utf-8")
