"""What stands in the published marts in the place of an e-mail address or a phone number.

Sources put them where nobody expects them: into the query of a URL, a search term, a deal's name,
an id. `hidden-` and 16 digits of a hash stand for each, the same for the same text, so that keys
stay keys and tables join. What counts is counted before; the build and the raw layer keep the text.
"""

from __future__ import annotations

from typing import Any

import duckdb

from orchestration.load.sql import identifier

# `%40` is the @ of a URL's parameter, `%2540` that of a URL within one.
_EMAIL = (
    r"[^\s@/?&=#:;,<>()\[\]|\x22%]+(?:@|%(?:25)*40)"
    r"[^\s@/?&=#:;,<>()\[\]|\x22%]+\.[^\s@/?&=#:;,<>()\[\]|\x22%.0-9-]{2,}"
)
# With its country: 8 to 15 digits. In a URL, a blank is a `+` or `%20`.
_ABROAD = r"(?:\+|%2[Bb])[1-9](?:(?:[ ().+/-]|%20){0,3}[0-9]){7,14}"
# (415) 555-2671, 0170 1234567, 020 7946 0958: only with such gaps is it no other number. In URLs,
# where nobody writes them so, looking for them would double the time.
_AT_HOME = (
    r"\(?\b[2-9][0-9]{2}\)?[ .-]{1,2}[0-9]{3}[ .-][0-9]{4}\b"
    r"|\b0[1-9][0-9]{1,4}[ -][0-9]{3,4}[ -]?[0-9]{2,5}\b"
)
# A parameter that says what it holds, however that is written.
_NAMED = (
    r"(?i:[?&#;](?:e-?mail|mail|phone|telephone|tel|mobile|cell"
    r"|first_?name|last_?name|full_?name|surname)(?:_?(?:address|number))?=)[^&#;\s]+"
)

# An id is no number that somebody dials: it is told only by what is nothing else.
_PATTERNS = {"personal_id": (_EMAIL, _ABROAD), "personal_text": (_EMAIL, _ABROAD, _AT_HOME)}


def define_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection what `published_columns` uses."""
    connection.execute("create temp macro hidden(text) as 'hidden-' || left(sha256(text), 16)")
    connection.execute(
        f"""create temp macro without_named(text) as list_reduce(
            list_prepend(text, regexp_extract_all(text, '{_NAMED}')),
            lambda rest, found:
                replace(rest, found, regexp_extract(found, '^[^=]*=') || hidden(found))
        )"""
    )
    for name, patterns in _PATTERNS.items():
        connection.execute(
            f"""create temp macro without_{name}(text) as list_reduce(
                list_prepend(text, regexp_extract_all(text, '{"|".join(patterns)}')),
                lambda rest, found: replace(rest, found, hidden(found))
            )"""
        )
    # Few texts have a letter that all of these need, and looking for one letter costs little.
    sign, gap = _has("@%+"), _has(" -.")
    connection.execute(
        f"""create temp macro looks_personal(text) as
            {sign}
            or ({gap} and not contains(text, '://') and regexp_matches(text, '{_AT_HOME}'))
            or (contains(text, '=') and regexp_matches(text, '{_NAMED}'))"""
    )
    connection.execute(
        f"""create temp macro published_id(text) as
            case when {sign} then without_personal_id(text) else text end"""
    )
    connection.execute(
        """create temp macro published_text(text) as
            case
                when looks_personal(text) then without_personal_text(without_named(text))
                else text
            end"""
    )


def _has(letters: str) -> str:
    return "(" + " or ".join(f"contains(text, '{letter}')" for letter in letters) + ")"


def published_columns(relation: duckdb.DuckDBPyRelation) -> str:
    """The columns of a relation as a select list, its texts without personal data."""
    columns = zip(relation.columns, relation.types, strict=True)
    return ", ".join(
        f"{_published(identifier(name), kind, name)} as {identifier(name)}"
        for name, kind in columns
    )


def _published(value: str, kind: Any, name: str) -> str:
    """The expression for a value of a DuckDB type, of the column or field of that name."""
    if kind.id == "varchar":
        return f"{'published_id' if _is_id(name) else 'published_text'}({value})"
    if not _has_text(kind):
        return value
    if kind.id == "list":
        ((_, child),) = kind.children
        changed = f"list_transform({value}, lambda item: {_published('item', child, name)})"
        # Looking at the texts of a list at once costs a fifth of making each of them anew.
        texts = f"list_transform({value}, lambda item: concat_ws(' ', {_texts('item', child)}))"
        has_any = f"looks_personal(array_to_string({texts}, ' '))"
        return f"case when {has_any} then {changed} else {value} end"
    fields = ", ".join(
        f"{identifier(field)}: {_published(f'{value}.{identifier(field)}', child, field)}"
        for field, child in kind.children
    )
    return f"case when {value} is not null then {{{fields}}} end"


def _texts(value: str, kind: Any) -> str:
    """The texts in a value as the arguments of a function."""
    if kind.id == "struct":
        children = [(field, child) for field, child in kind.children if _has_text(child)]
        return ", ".join(_texts(f"{value}.{identifier(field)}", child) for field, child in children)
    return value if kind.id == "varchar" else f"cast({value} as varchar)"


def _is_id(name: str) -> bool:
    return name.endswith(("_id", "_ids"))


def _has_text(kind: Any) -> bool:
    if kind.id in {"struct", "list"}:
        return any(_has_text(child) for _, child in kind.children)
    return bool(kind.id == "varchar")
