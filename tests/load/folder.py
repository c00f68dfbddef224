"""Landing folders made by tests, and what a load left in a warehouse."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import duckdb

from orchestration.load import LoadReport, load_landing
from orchestration.load.ledger import LedgerLine


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def csv_text(columns: list[str], rows: list[list[str]], delimiter: str = ",") -> str:
    """CSV with every field quoted that needs it."""

    def field(text: str) -> str:
        needs_quotes = any(character in text for character in f'{delimiter}"\r\n')
        return '"' + text.replace('"', '""') + '"' if needs_quotes else text

    return "".join(delimiter.join(map(field, row)) + "\n" for row in [columns, *rows])


def ndjson_text(rows: list[dict[str, Any]]) -> str:
    """One JSON object per line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_table(path: Path, columns: list[str], rows: list[list[str]]) -> Path:
    """Write rows of texts ('' is missing) in the format that the file's name asks for."""
    name = path.name.removesuffix(".gz")
    if name.endswith(".csv"):
        content = csv_text(columns, rows).encode("utf-8")
    elif name.endswith(".ndjson"):
        records = [
            {column: value or None for column, value in zip(columns, row, strict=True)}
            for row in rows
        ]
        content = ndjson_text(records).encode("utf-8")
    else:
        content = parquet_bytes(path.parent, columns, rows)
    return write(path, gzip.compress(content) if path.name.endswith(".gz") else content)


def parquet_bytes(folder: Path, columns: list[str], rows: list[list[str]]) -> bytes:
    """A Parquet file of texts ('' is missing)."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / ".parquet.tmp"
    with duckdb.connect() as connection:
        names = ", ".join(f'"{column}" varchar' for column in columns)
        connection.execute(f"create table texts ({names})")
        marks = ", ".join("nullif(?, '')" for _ in columns)
        for row in rows:
            connection.execute(f"insert into texts values ({marks})", row)
        connection.execute(f"copy texts to '{target}' (format parquet)")
    content = target.read_bytes()
    target.unlink()
    return content


def write_parquet(path: Path, query: str) -> Path:
    """Write the rows of a query as Parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.parent / ".parquet.tmp"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"copy ({query}) to '{target}' (format parquet)")
    target.rename(path)
    return path


def load(
    landing: Path, warehouse: Path, run_id: str = "run", association_history: str = "given"
) -> LoadReport:
    """Load quietly."""
    return load_landing(
        landing,
        warehouse,
        run_id=run_id,
        progress=lambda line: None,
        association_history=association_history,
        threads=2,
    )


def entries(report: LoadReport) -> dict[str, LedgerLine]:
    """New ledger lines by file."""
    return {line.file: line for line in report.entries}


def query(sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


def raw(warehouse: Path, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """Rows of a raw table, in the order in which they came."""
    return query(
        f"select {columns} from read_parquet('{warehouse}/raw/{table}/*.parquet')"
        " order by _load_id, _file, _row_number"
    )


def quarantine(warehouse: Path) -> list[tuple[Any, ...]]:
    """(file, row number, column, code) of the rows in quarantine."""
    return query(
        "select file, row_number, column_name, split_part(reason, ':', 1)"
        f" from read_parquet('{warehouse}/quarantine/*.parquet') order by all"
    )


def counts(line: LedgerLine) -> tuple[int, int, int, int]:
    """Rows in, loaded, duplicate and quarantined."""
    return line.rows_in, line.rows_loaded, line.rows_duplicate, line.rows_quarantined


def ledger_lines(warehouse: Path) -> list[dict[str, Any]]:
    """The ledger as it lies there."""
    text = (warehouse / "raw" / "ledger.ndjson").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def files_below(folder: Path) -> set[str]:
    """Relative paths of all files below a folder."""
    return {
        os.path.relpath(Path(root) / name, folder)
        for root, _, names in os.walk(folder)
        for name in names
    }
