"""From a landing file to files of its good and its bad rows, written aside."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.load.blocks import reading
from orchestration.load.contracts import Table
from orchestration.load.formats import open_source, unpack
from orchestration.load.landing import LandingFile
from orchestration.load.rules import NEEDS_NUMBER_TEXTS, checks
from orchestration.load.source import Source
from orchestration.load.sql import literal, raw_rows
from orchestration.load.storage import PARQUET_OPTIONS, storage_error

# Each try beyond the first comes from something that was found out about the file.
_MAX_TRIES = 4


@dataclass(frozen=True)
class Converted:
    """A file's rows, written aside; ``quarantine``: None where no row was bad."""

    raw: Path
    quarantine: Path | None
    rows_in: int
    rows_quarantined: int
    extra_columns: list[str]

    def discard(self) -> None:
        """Remove what was written."""
        self.raw.unlink(missing_ok=True)
        if self.quarantine is not None:
            self.quarantine.unlink(missing_ok=True)


class Converter:
    """Converts one file of a table.

    ``content``: the SHA-256 of its bytes; ``work``: a folder for what is written; ``stem``: a name
    there that no other file has.
    """

    def __init__(
        self,
        file: LandingFile,
        table: Table,
        content: str,
        load_id: int,
        connection: duckdb.DuckDBPyConnection,
        work: Path,
        stem: str,
    ) -> None:
        self._file = file
        self._table = table
        self._content = content
        self._load_id = load_id
        self._connection = connection
        self._work = work
        self._stem = stem
        self._source: Source | None = None

    @property
    def rows_read(self) -> int | None:
        """Rows read so far, if that is known."""
        return self._source.rows_read if self._source else None

    def convert(self, threads: int) -> Converted:
        """Write the file's rows aside.

        Raises UnreadableFileError where the file as a whole isn't what it is said to be,
        ReadFailedError where reading it failed; errors of writing as DuckDB's or OSError.
        """
        unpacked = self._work / f"{self._stem}.unpacked"
        path = self._file.path
        try:
            if self._file.is_gzip:
                unpack(path, unpacked)
                path = unpacked
            elif self._file.file_format == "parquet":
                # DuckDB would take some characters of a user's file name for a pattern.
                unpacked.symlink_to(path.absolute())
                path = unpacked
            self._source = open_source(self._table, self._file.file_format, path, threads)
            return self._convert_source(self._source)
        finally:
            unpacked.unlink(missing_ok=True)

    def _convert_source(self, source: Source) -> Converted:
        for attempt in itertools.count(1):
            written = self._work / f"{self._stem}-{attempt}.tmp"
            is_last_try = attempt == _MAX_TRIES
            if not self._write_all_rows(source, written, is_last_try):
                continue
            row = self._connection.execute(
                f"select count(*), min(_load_id), count(_extra) from {raw_rows([written])}"
            ).fetchone()
            assert row is not None
            rows_in, lowest, texts = row
            keys = self._keys(written) if texts else []
            tries_again = source.tries_again_for(keys, lowest == NEEDS_NUMBER_TEXTS)
            if not tries_again or is_last_try:
                break
            written.unlink()
        if lowest is None or lowest > 0:
            return Converted(written, None, rows_in, 0, source.extra_columns)
        raw, quarantine, bad_rows = self._set_bad_rows_apart(source, written)
        return Converted(raw, quarantine, rows_in, bad_rows, source.extra_columns)

    def _write_all_rows(self, source: Source, written: Path, is_last_try: bool) -> bool:
        """Write the rows, bad ones marked; False if that is to be tried in another way."""
        query = source.query(self._connection, self._file.name, self._load_id)
        try:
            self._connection.execute(
                f"copy ({query}) to {literal(str(written))} ({PARQUET_OPTIONS})"
            )
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            if source.failure is not None:
                with reading():
                    raise source.failure from None
            if storage_error(error, self._work) is not None:
                raise
            if not is_last_try and source.tries_again_after(error):
                return False
            explained = source.explain(error)
            if explained is None:
                raise
            raise explained from error
        finally:
            with contextlib.suppress(duckdb.Error):
                self._connection.unregister(source.relation)
        return True

    def _keys(self, written: Path) -> list[str]:
        """Names of unknown columns, and all names in bad rows that are JSON."""
        rows = self._connection.execute(
            f"""
            select distinct unnest(keys) as key
            from (
                select distinct
                    case
                        when starts_with(ltrim(_extra, e' \\t\\r\\n'), '{{') and json_valid(_extra)
                        then json_keys(_extra)
                    end as keys
                from {raw_rows([written])}
            )
            order by key
            """
        ).fetchall()
        return [key for (key,) in rows]

    def _set_bad_rows_apart(self, source: Source, written: Path) -> tuple[Path, Path, int]:
        """Split written rows into good ones and a quarantine file, and count the latter."""
        relation = raw_rows([written])
        untold = self._connection.execute(
            f"select _row_number from {relation} where _load_id < 0 and _extra is null"
        ).fetchall()
        texts = source.row_texts([number for (number,) in untold]) if untold else {}
        numbers = sorted(texts)
        self._connection.register(
            "row_texts",
            pa.table(
                {
                    "_row_number": pa.array(numbers, pa.int64()),
                    "row_text": pa.array([texts[number] for number in numbers], pa.string()),
                }
            ),
        )
        problems = [problem for problem, _ in checks(source.table)]
        columns = " ".join(
            f"when {-position} then {literal(problem.column)}"
            for position, problem in enumerate(problems, start=1)
            if problem.column is not None
        )
        reasons = " ".join(
            f"when {-position} then {literal(problem.reason)}"
            for position, problem in enumerate(problems, start=1)
        )
        raw = written.with_suffix(".good.tmp")
        quarantine = written.with_suffix(".bad.tmp")
        row = self._connection.execute(
            f"""
            copy (
                select
                    {literal(self._file.name)} as file,
                    {literal(source.table.name)} as table_name,
                    {literal(self._content)} as content_sha256,
                    bad._row_number as row_number,
                    case _load_id {columns} end as column_name,
                    case _load_id {reasons} end as reason,
                    sha256(coalesce(bad._extra, told.row_text)) as row_sha256,
                    coalesce(bad._extra, told.row_text) as row_text
                from {relation} as bad
                left join row_texts as told on bad._row_number = told._row_number
                where bad._load_id < 0
                order by bad._row_number
            ) to {literal(str(quarantine))} ({PARQUET_OPTIONS})
            """
        ).fetchone()
        assert row is not None
        self._connection.execute(
            f"copy (select * from {relation} where _load_id > 0)"
            f" to {literal(str(raw))} ({PARQUET_OPTIONS})"
        )
        self._connection.unregister("row_texts")
        written.unlink()
        return raw, quarantine, row[0]
