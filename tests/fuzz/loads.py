"""Loads fuzzed files into a warehouse of their own, and looks for what must never be."""

from __future__ import annotations

import collections
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from orchestration.load import LoadReport, load_landing
from orchestration.load.contracts import TABLES
from orchestration.load.ledger import UNKNOWN_CONTENT, LedgerLine
from orchestration.load.sql import literal
from tests.fuzz.cases import Case
from tests.fuzz.entries import ENTRIES, SECRET
from tests.fuzz.judge import typed

# Stands beside the fuzzed files, so that there is always something to load.
_GOOD_NAME = "users/good.csv"
_GOOD = b"user_id,name\nu1,Ada\nu1,Ada\n,Bo\n"

_STATUSES = {"loaded", "skipped", "failed", "unknown_table"}


# What was wrong, with the number of the file at fault where that is known.
Problem = tuple[int | None, str]


def run(cases: list[Case], folder: Path) -> tuple[list[str], list[Problem]]:
    """Load the files in a new folder.

    Gives what became of each (in order), and what was wrong. The landing folder stands in the
    middle of a place of its own: the present, home and temporary folders lie there too.
    """
    landing, warehouse, outside = (folder / name for name in ("landing", "warehouse", "outside"))
    for name in ("landing", "outside", "here", "home", "tmp"):
        (folder / name).mkdir(parents=True)
    (outside / "secret.csv").write_text(f"user_id,name\nu2,{SECRET}\n", encoding="utf-8")
    _good_case().put(landing, outside)
    for case in cases:
        case.put(landing, outside)
    os.environ.update(HOME=str(folder / "home"), TMPDIR=str(folder / "tmp"))
    os.chdir(folder / "here")
    before = _snapshot(folder)
    first, second = _load(landing, warehouse), _load(landing, warehouse)
    told = [f"changed outside of the warehouse: {name!r}" for name in _changed(before, folder)]
    told += [f"loaded again: {line.file!r} {line.status}" for line in second.entries]
    told += _strangers(first, warehouse)
    lines = collections.defaultdict(list)
    for line in first.entries:
        lines[line.file].append(line)
    with duckdb.connect(config={"threads": 1}) as connection:
        told += _problems_of_tables(first, warehouse, connection)
    told += _problems(_good_case(), lines[_GOOD_NAME], warehouse)
    problems: list[Problem] = [(None, problem) for problem in told]
    for case in cases:
        found = _problems(case, lines[told_name(case.name)], warehouse)
        problems += [(case.number, problem) for problem in found]
    outcomes = [_outcome(lines[told_name(case.name)]) for case in cases]
    return outcomes, problems


def _good_case() -> Case:
    return Case(0, 0, "csv", "users", _GOOD_NAME, _GOOD)


def _load(landing: Path, warehouse: Path) -> LoadReport:
    return load_landing(
        landing,
        warehouse,
        run_id="fuzz",
        progress=lambda line: None,
        memory_limit="1GB",
        threads=2,
    )


def told_name(name: str) -> str:
    r"""A name as the ledger has it: bytes that aren't UTF-8 as \xNN, and a backslash doubled."""
    return os.fsencode(name).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def _outcome(lines: list[LedgerLine]) -> str:
    if not lines:
        return "left out"
    if lines[0].status == "loaded" and lines[0].rows_quarantined:
        return "quarantine"
    return lines[0].status


def _snapshot(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Everything below a folder but the warehouse: kind, time of change and content."""
    found: dict[str, tuple[Any, ...]] = {}
    for parent, folders, files in os.walk(folder):
        if parent == str(folder) and "warehouse" in folders:
            folders.remove("warehouse")
        for name in (*folders, *files):
            path = Path(parent, name)
            status = path.lstat()
            content: object = None
            if path.is_symlink():
                content = str(path.readlink())
            elif path.is_file():
                content = hashlib.sha256(path.read_bytes()).digest()
            found[str(path)] = status.st_mode, status.st_ino, status.st_mtime_ns, content
    return found


def _changed(before: dict[str, tuple[Any, ...]], folder: Path) -> list[str]:
    after = _snapshot(folder)
    return sorted(p for p in before.keys() | after.keys() if before.get(p) != after.get(p))


def _problems(case: Case, lines: list[LedgerLine], warehouse: Path) -> list[str]:
    """What is wrong with what became of one file."""
    is_told = not case.is_hidden and (not case.entry or ENTRIES[case.entry][1])
    if len(lines) != int(is_told):
        return [f"{len(lines)} lines in the ledger"]
    if not lines:
        return []
    (line,) = lines
    problems = []
    if line.status not in _STATUSES:
        problems.append(f"status {line.status}")
    if case.entry and line.status not in ("failed", "unknown_table"):
        problems.append(f"{case.entry} is {line.status}")
    if case.entry and line.content_sha256 != UNKNOWN_CONTENT:
        problems.append(f"{case.entry} was opened")
    if line.rows_in != line.rows_loaded + line.rows_duplicate + line.rows_quarantined:
        problems.append("rows don't add up")
    if min(line.rows_loaded, line.rows_duplicate, line.rows_quarantined) < 0:
        problems.append("negative rows")
    if line.status != "loaded":
        if line.rows_in or line.files or not line.message.strip():
            problems.append(f"{line.status} with rows or without a reason")
        if case.grid is not None and line.status == "failed" and _is_named_well(case):
            problems.append(f"a file as documented failed: {line.message}")
        return problems
    return problems + _problems_of_rows(case, line, warehouse)


def _is_named_well(case: Case) -> bool:
    name = case.name.lower().removesuffix(".gz")
    return case.name.startswith(f"{case.table_name}/") and name.endswith(f".{case.kind}")


def _problems_of_rows(case: Case, line: LedgerLine, warehouse: Path) -> list[str]:
    """Holds raw and quarantine files against the ledger line and, where it can, the file."""
    problems = []
    assert line.raw_file is not None
    good = pq.ParquetFile(warehouse / line.raw_file).read().to_pylist()
    bad: list[dict[str, Any]] = []
    if line.quarantine_file is not None:
        bad = pq.ParquetFile(warehouse / line.quarantine_file).read().to_pylist()
    if (len(good), len(bad)) != (line.rows_in - line.rows_quarantined, line.rows_quarantined):
        problems.append(f"{len(good)} good and {len(bad)} bad rows don't agree with the ledger")
    numbers = [row["_row_number"] for row in good] + [row["row_number"] for row in bad]
    if len(set(numbers)) != len(numbers) or any(n is None or n < 1 for n in numbers):
        problems.append("row numbers are missing or come twice")
    if any(row["_file"] != line.file for row in good) or any(r["file"] != line.file for r in bad):
        problems.append("rows of another file")
    if any(row["reason"] is None or row["row_text"] is None for row in bad):
        problems.append("a row in quarantine has no reason or no text")
    if any(not _is_json(row["_extra"]) for row in good):
        problems.append("_extra is no JSON object")
    if case.grid is not None:
        problems += _differences(case, good, {row["row_number"] for row in bad})
    return problems


def _is_json(text: str | None) -> bool:
    if text is None:
        return True
    try:
        return isinstance(json.loads(text, parse_int=str), dict)
    except RecursionError:
        return True


def _differences(case: Case, good: list[dict[str, Any]], bad: set[int]) -> list[str]:
    """Where rows differ from what an independent reader of the same rows expects."""
    grid = case.grid
    assert grid is not None
    problems = []
    found = {row["_row_number"]: row for row in good}
    for number, texts in enumerate(grid.rows, start=1):
        expected = typed(grid.table, dict(zip(grid.columns, texts, strict=True)))
        row = found.get(number)
        if expected is None or row is None:
            if (expected is None) != (number in bad) or (row is None) != (number in bad):
                problems.append(f"row {number} is {'good' if expected else 'bad'} by the contract")
            continue
        for column, value in expected.items():
            if row[column] != value:
                problems.append(f"row {number}, {column}: {row[column]!r:.200}, not {value!r:.200}")
        problems += _differences_of_extra(number, case, texts, row["_extra"])
    if len(found) + len(bad) != len(grid.rows):
        problems.append(f"{len(found) + len(bad)} rows of {len(grid.rows)}")
    return problems


def _differences_of_extra(
    number: int, case: Case, texts: list[str], extra: str | None
) -> list[str]:
    assert case.grid is not None
    known = set(case.grid.table.column_names)
    expected = {
        name if case.kind == "ndjson" else name.strip(): text
        for name, text in zip(case.grid.columns, texts, strict=True)
        if name not in known and text != ""
    }
    given = {
        name: text for name, text in json.loads(extra or "{}").items() if text not in (None, "")
    }
    return (
        []
        if given == expected
        else [f"row {number}, _extra: {given!r:.200}, not {expected!r:.200}"]
    )


def _problems_of_tables(
    report: LoadReport, warehouse: Path, connection: duckdb.DuckDBPyConnection
) -> list[str]:
    """Rows that count are as many as keys, at least, and the quarantine tells no secret."""
    problems = []
    for name, table in TABLES.items():
        lines = [li for li in report.entries if li.table_name == name and li.raw_file is not None]
        if not lines:
            continue
        paths = ", ".join(literal(str(warehouse / str(line.raw_file))) for line in lines)
        row = connection.execute(
            f"select count(distinct row({', '.join(table.key)})), count(*),"
            f" count(*) filter (contains(rows::varchar, {literal(SECRET)}))"
            f" from read_parquet([{paths}], hive_partitioning = false) as rows"
        ).fetchone()
        assert row is not None
        keys, rows, secrets = row
        loaded = sum(line.rows_loaded for line in lines)
        if not keys <= loaded <= rows or rows != loaded + sum(li.rows_duplicate for li in lines):
            problems.append(f"{name}: {loaded} rows count, of {keys} keys in {rows} rows")
        if secrets:
            problems.append(f"{name}: rows from outside of the landing folder")
    return problems


def _strangers(report: LoadReport, warehouse: Path) -> list[str]:
    """Files of the warehouse that no ledger line names."""
    named = {name for line in report.entries for name in line.files}
    own = {
        *("raw/ledger.ndjson", "raw/.ledger.ndjson.written"),
        *("raw/.lock", "raw/.keys.duckdb", "raw/.contents.json"),
    }
    found = {
        str(Path(parent, name).relative_to(warehouse))
        for parent, _, names in os.walk(warehouse)
        for name in names
        if name != "000000-empty.parquet"
    }
    problems = [f"a stranger in the warehouse: {name}" for name in sorted(found - named - own)]
    return problems + [f"missing from the warehouse: {name}" for name in sorted(named - found)]
