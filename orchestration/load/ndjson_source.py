"""Files of one JSON object per line."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.load.blocks import (
    FRACTION_PATTERN,
    NotPlainError,
    UnreadableFileError,
    as_text,
    read_ndjson,
    read_plain_ndjson,
    reading,
)
from orchestration.load.contracts import Kind, Table
from orchestration.load.rows import ColumnSource, select_rows
from orchestration.load.source import BlockStream, Source, text_start
from orchestration.load.sql import identifier, literal
from orchestration.load.values import is_strict_json

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?')


def quote_numbers(line: str) -> str:
    """The line of JSON with the numbers of its top-level object as texts."""
    depth = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal depth
        token = match.group()
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
        elif depth == 1 and token[0] != '"':
            return f'"{token}"'
        return token

    return _JSON_TOKEN.sub(replace, line)


def _keys_of_first_line(text: bytes) -> list[str]:
    try:
        row = json.loads(text.split(b"\n", 1)[0])
    except (ValueError, RecursionError):
        return []
    return list(row) if isinstance(row, dict) else []


class NdjsonSource(Source):
    """A file of one JSON object per line. Of a key that is there twice, the first counts."""

    def __init__(self, table: Table, path: Path, head: bytes, threads: int) -> None:
        super().__init__(table)
        self._path = path
        self._start = text_start(head)
        self._threads = threads
        self._stream: BlockStream | None = None
        # Whether lines are taken for objects of texts under the contract's keys, until one isn't.
        self._is_plain = True
        # Keys that mean a column of the contract but are written otherwise (" Event_ID").
        self._aliases: dict[str, list[str]] = {}
        self._keeps_number_texts = False
        # Whether lines are tried before they are parsed; without that, a bad one stops the query.
        self._has_bad_lines = False
        first = head[self._start :].lstrip(b" \t\r\n")
        self._first_keys = _keys_of_first_line(first)
        # A single line that is none is a bad row; a file without any is of another format. An
        # array written over several lines begins its objects further to the right.
        begin = rb"(?m)^\{" if first.startswith(b"[") else rb"(?m)^[ \t\r]*\{"
        if first and not re.search(begin, first):
            shape = "a JSON array" if first.startswith(b"[") else "no JSON object per line"
            raise UnreadableFileError(f"its content is {shape}: write one JSON object per line")

    @property
    def rows_read(self) -> int | None:
        """Rows that went into the query so far."""
        return self._stream.rows if self._stream else None

    @property
    def failure(self) -> BaseException | None:
        """What went wrong while the file was read."""
        failure = self._stream.failure if self._stream else None
        return None if isinstance(failure, NotPlainError) else failure

    def query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        """The query over this file; see Source."""
        if self._is_plain:
            return self._plain_query(connection, file, load_id)
        rewrite = quote_numbers if self._keeps_number_texts else None
        blocks = read_ndjson(self._path, self._start, self._threads, rewrite)
        fields = [
            pa.field("line", pa.string()),
            pa.field("original", pa.string()),
            pa.field("may_be_lenient", pa.bool_()),
            pa.field("has_fraction", pa.bool_()),
        ]
        self._stream = BlockStream(fields, blocks)
        connection.register(self.relation, self._stream.reader())
        keys = [key for column in self.table.columns for key in self._keys_of(column.name)]
        structure = literal(json.dumps(dict.fromkeys(keys, "VARCHAR")))
        is_object = "starts_with(ltrim(line, e' \\t\\r'), '{')"
        if self._has_bad_lines:
            is_object += " and json_valid(line)"
        is_strict = f"not may_be_lenient or {is_strict_json('line')}"
        # Each line is parsed twice: for its values, and for the names of its keys. What can't be
        # parsed is left out before that, as a case around whole rows of values would copy them.
        source = f"""(
            select
                *,
                json_transform(json_line, {structure}) as fields,
                json_keys(json_line) as keys
            from (
                select *, case when {is_object} and ({is_strict}) then line end as json_line
                from {self.relation}
                where broken is not null or not regexp_full_match(line, '[ \\t\\r]*')
            )
        )"""
        return select_rows(
            self.table,
            {
                column.name: ColumnSource(self._value(keys, self._keys_of(column.name)))
                for column in self.table.columns
            },
            source=source,
            is_broken="json_line is null",
            extra=self._extra(keys),
            row_text="rtrim(coalesce(broken, original, line), e'\\r')",
            file=literal(file),
            load_id=load_id,
            needs_number_texts=self._needs_number_texts(),
        )

    def _plain_query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        names = self.table.column_names
        blocks = read_plain_ndjson(self._path, self._start, self._threads, names)
        positions = [f"c{position}" for position in range(len(names))]
        fields = [pa.field(position, pa.string()) for position in positions]
        self._stream = BlockStream(fields, blocks)
        connection.register(self.relation, self._stream.reader())
        columns = zip(names, map(ColumnSource, positions), strict=True)
        return select_rows(
            self.table,
            dict(columns),
            source=self.relation,
            is_broken="false",
            extra="null",
            row_text="broken",
            file=literal(file),
            load_id=load_id,
        )

    def row_texts(self, row_numbers: list[int]) -> dict[int, str]:
        """Lines as they came, looked up in the file."""
        assert self._stream is not None
        wanted = sorted(row_numbers)
        texts = {}
        with reading(), self._path.open("rb") as file:
            for block, numbers in itertools.groupby(wanted, self._stream.block_of):
                file.seek(self._stream.starts[block])
                following = self._stream.first_rows[block]
                for number in numbers:
                    line = next(itertools.islice(file, number - following, None))
                    texts[number] = as_text(line.rstrip(b"\r\n"))
                    following = number + 1
        return texts

    def _value(self, keys: list[str], aliases: list[str]) -> str:
        # By position, as DuckDB takes names that differ in case for one.
        values = [f"struct_extract_at(fields, {keys.index(key) + 1})" for key in aliases]
        if len(values) == 1:
            return values[0]
        given = [f"nullif({value}, '')" for value in values]
        return f"coalesce({', '.join(given)})"

    def _extra(self, known: list[str]) -> str:
        nothing = literal(json.dumps(dict.fromkeys(known)))
        names = ", ".join(literal(key) for key in known)
        usual = ", ".join(literal(key) for key in self._first_keys if key in known)
        return (
            f"case when keys = [{usual}] then null when list_has_all([{names}], keys) then null"
            f" else cast(json_merge_patch(coalesce(original, line), {nothing}) as varchar) end"
        )

    def _needs_number_texts(self) -> str:
        """Whether a line has a number that must not go through a double.

        Ids keep their digits as they are written, and decimals all that they have.
        """
        if self._keeps_number_texts:
            return "false"
        texts, decimals = [], []
        for column in self.table.columns:
            given = identifier(f"given_{column.name}")
            for key in self._keys_of(column.name):
                path = literal("$." + json.dumps(key, ensure_ascii=False))
                if column.kind is Kind.TEXT:
                    texts.append(path)
                elif column.kind in (Kind.AMOUNT, Kind.RATE, Kind.INTEGER):
                    decimals.append(
                        f"(length({given}) > 15 and json_type(line, {path}) = 'DOUBLE')"
                    )
        # A case evaluates its conditions in turn, so that few lines are parsed once more.
        return (
            "case when not has_fraction or json_line is null then false"
            f" when not regexp_matches(line, {literal(FRACTION_PATTERN)}) then false"
            f" else list_contains(json_type(line, [{', '.join(texts)}]), 'DOUBLE')"
            f" or {' or '.join(decimals) or 'false'} end"
        )

    def tries_again_after(self, error: Exception) -> bool:
        """Whether the query failed for a line that isn't plain, or for one that is no JSON.

        After the former lines are parsed by DuckDB, after the latter each is tried first.
        """
        del error
        if self._is_plain:
            self._is_plain = False
            return True
        if self._has_bad_lines:
            return False
        self._has_bad_lines = True
        return True

    def tries_again_for(self, keys: list[str], needs_number_texts: bool) -> bool:
        """Whether keys turned up that mean a column, or numbers that need their digits."""
        if needs_number_texts:
            self._keeps_number_texts = True
            return True
        known = {key for name in self.table.column_names for key in self._keys_of(name)}
        unknown = [key for key in keys if key not in known]
        aliases = [key for key in unknown if key.strip().lower() in self.table.column_names]
        for key in aliases:
            self._aliases.setdefault(key.strip().lower(), []).append(key)
        self.extra_columns = unknown
        return bool(aliases)

    def _keys_of(self, column: str) -> list[str]:
        return [column, *self._aliases.get(column, [])]
