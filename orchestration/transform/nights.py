"""Whether a build may go on from what the last one left, or has to begin anew."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from orchestration.state import read_lines

# A whole build notes itself here; see macros/nights/build.sql.
_BUILDS = "changes.builds"


def why_anew(build_file: Path, rules: str, loads: Collection[tuple[int, str]]) -> str | None:
    """Why every table has to be built from the raw layer; None where a night may go on.

    rules is what tells the present rules from others, as `rules_fingerprint` of `transform.dbt`
    gives it; loads are the ledger's, each with the run that it is of. Raises duckdb.Error where the
    file can't be read.
    """
    if not build_file.exists():
        return "there is no build yet"
    with duckdb.connect(str(build_file), read_only=True) as connection:
        known = connection.execute(
            "select count(*) from information_schema.tables"
            " where table_schema || '.' || table_name = ?",
            [_BUILDS],
        ).fetchone()
        if known == (0,):
            return "the last build did not go through to its end"
        builds = connection.execute(f"select rules from {_BUILDS}").fetchall()
        if not builds:
            return "the last build did not go through to its end"
        if builds[0][0] != rules:
            return "a rule, a reference seed or a variable has changed"
        last = connection.execute(f"select load_id, run_id from {_BUILDS}").fetchone()
    if last and last[0] and last not in loads:
        return "the raw layer is not the one that the last build read"
    return None


def loads_of(ledger: Path) -> set[tuple[int, str]]:
    """The ordinals of the loads in a ledger, each with the id of the run that it was part of."""
    return {(line["load_id"], line["run_id"]) for line in read_lines(ledger)}
