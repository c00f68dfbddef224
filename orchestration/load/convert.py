"""From a landing file to files of its good and its bad rows, written aside."""

from __future__ import annotations

import contextlib
import itertools
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.load.blocks import UnreadableFileError, reading
from orchestration.load.contracts import Table
from orchestration.load.formats import open_source, unpack
from orchestration.load.landing import LandingFile
from orchestration.load.parquet_source import FILE_POSITION, ParquetSource
from orchestration.load.rules import NEEDS_NUMBER_TEXTS, checks
from orchestration.load.source import Source
from orchestration.load.sql import QUERY_ERRORS, literal, raw_rows
from orchestration.load.storage import PARQUET_OPTIONS, storage_error

# Each try beyond the first comes from something that was found out about the file.
_MAX_TRIES = 5

# Paths that DuckDB takes as they are; others get a link, which costs more than all other checks.
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9 _./=+-]*")


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


@dataclass(frozen=True)
class _Written:
    """What DuckDB tells of a file that it wrote.

    ``lowest``: the lowest ``_load_id``; ``has_texts``: whether any row has an ``_extra``.
    """

    path: Path
    rows: int
    lowest: int | None
    has_texts: bool

    @classmethod
    def told_by(cls, row: tuple[Any, ...]) -> _Written:
        """From a row that ``copy`` returns with its statistics."""
        path, rows, _, _, columns, _ = row
        lowest = columns.get('"_load_id"', {}).get("min")
        nulls = int(columns.get('"_extra"', {}).get("null_count", 0))
        return cls(Path(path), rows, None if lowest is None else int(lowest), nulls < rows)


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

    @property
    def _unpacked(self) -> Path:
        return self._work / f"{self._stem}.unpacked"

    def convert(self, threads: int) -> Converted:
        """Write the file's rows aside.

        Raises UnreadableFileError where the file as a whole isn't what it is said to be,
        ReadFailedError where reading it failed; errors of writing as DuckDB's or OSError.
        """
        path = self._file.path
        try:
            if self._file.is_gzip:
                unpack(path, self._unpacked)
                path = self._unpacked
            elif self._file.file_format == "parquet":
                path = self.link()
            self._source = open_source(self._table, self._file.file_format, path, threads)
            return self._convert_source(self._source)
        finally:
            self.unlink()

    def link(self) -> Path:
        """A name for the file without characters that DuckDB takes for a pattern."""
        if _PLAIN_PATH.fullmatch(str(self._file.path.absolute())):
            return self._file.path.absolute()
        self._unpacked.symlink_to(self._file.path.absolute())
        return self._unpacked

    def unlink(self) -> None:
        """Take away a name that was made, or what was unpacked under it."""
        self._unpacked.unlink(missing_ok=True)

    def _convert_source(self, source: Source) -> Converted:
        for attempt in itertools.count(1):
            path = self._work / f"{self._stem}-{attempt}.tmp"
            is_last_try = attempt == _MAX_TRIES
            written = self._write_all_rows(source, path, is_last_try)
            if written is None:
                continue
            keys = self._keys(path) if written.has_texts else []
            tries_again = source.tries_again_for(keys, written.lowest == NEEDS_NUMBER_TEXTS)
            if not tries_again or is_last_try:
                break
            path.unlink()
        assert written is not None
        return self.finish(source, written)

    def finish(self, source: Source, written: _Written) -> Converted:
        """Set the bad ones of written rows apart, if there are any."""
        if written.lowest is None or written.lowest > 0:
            return Converted(written.path, None, written.rows, 0, source.extra_columns)
        raw, quarantine, bad_rows = self._set_bad_rows_apart(source, written.path)
        return Converted(raw, quarantine, written.rows, bad_rows, source.extra_columns)

    def _write_all_rows(self, source: Source, path: Path, is_last_try: bool) -> _Written | None:
        """Write the rows, bad ones marked; None if that is to be tried in another way."""
        query = source.query(self._connection, self._file.name, self._load_id)
        try:
            row = self._connection.execute(
                f"copy ({query}) to {literal(str(path))} ({PARQUET_OPTIONS}, return_stats true)"
            ).fetchone()
        except duckdb.InterruptException:
            raise
        except QUERY_ERRORS as error:
            if source.failure is not None:
                with reading():
                    raise source.failure from None
            if storage_error(error, self._work) is not None:
                raise
            if not is_last_try and source.tries_again_after(error):
                return None
            explained = source.explain(error)
            if explained is None:
                raise
            raise explained from error
        finally:
            with contextlib.suppress(duckdb.Error):
                self._connection.unregister(source.relation)
        assert row is not None
        return _Written.told_by(row)

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


def convert_together(
    files: list[tuple[LandingFile, str]],
    table: Table,
    load_id: int,
    connection: duckdb.DuckDBPyConnection,
    work: Path,
    stem: str,
) -> list[Converted] | None:
    """Write the rows of Parquet files of one schema aside by one query, each into its own file.

    ``files``: with their contents; the other arguments are those of a Converter. Rows of a file
    keep their order if the connection has one thread. None where that
    didn't do, for whatever reason lies in the files: then each is to be converted alone. Errors of
    writing are raised as DuckDB's.
    """
    converters = [
        Converter(file, table, content, load_id, connection, work, f"{stem}-{position}")
        for position, (file, content) in enumerate(files)
    ]
    folder = work / f"{stem}.together"
    try:
        paths = [converter.link() for converter in converters]
        source = ParquetSource(table, paths[0])
        names = [file.name for file, _ in files]
        query = source.query_together(connection, paths, names, load_id)
        rows = connection.execute(
            f"copy ({query}) to {literal(str(folder))} ({PARQUET_OPTIONS}, return_stats true,"
            f" partition_by ({FILE_POSITION}), write_partition_columns false,"
            " hive_file_pattern false)"
        ).fetchall()
        written = {int(row[-1][FILE_POSITION]): _Written.told_by(row) for row in rows}
        if len(rows) == len(files) == len(written):
            return [
                converter.finish(source, written[position])
                for position, converter in enumerate(converters)
            ]
    except duckdb.InterruptException:
        raise
    except (*QUERY_ERRORS, UnreadableFileError) as error:
        is_for_want_of_memory = isinstance(error, duckdb.OutOfMemoryException)
        if storage_error(error, work) is not None and not is_for_want_of_memory:
            raise
    finally:
        for converter in converters:
            converter.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    return None
