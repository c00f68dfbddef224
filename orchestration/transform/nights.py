"""Whether a build may go on from what the last one left, or has to begin anew."""

from __future__ import annotations

from pathlib import Path

import duckdb

# A whole build notes itself here; see macros/nights/build.sql.
_BUILDS = "changes.builds"


def why_anew(build_file: Path, rules: str) -> str | None:
    """Why every table has to be built from the raw layer; None where a night may go on.

    rules is what tells the present rules from others, as `rules_fingerprint` of `transform.dbt`
    gives it. Raises duckdb.Error where the file can't be read.
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
    return None
