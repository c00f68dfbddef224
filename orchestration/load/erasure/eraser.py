"""Ridding raw files of erased people, as they load and when somebody asks to be forgotten."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.errors import UsageError
from orchestration.load.contracts import TABLES, Table
from orchestration.load.erasure.pseudonyms import VARIABLE, Pseudonyms, erasure_key
from orchestration.load.erasure.register import Register
from orchestration.load.erasure.rows import (
    CONTACT_COLUMNS,
    VISITOR_COLUMNS,
    Row,
    Rows,
    is_json,
    texts_of,
)
from orchestration.load.erasure.texts import (
    pattern_of,
    word_of_id,
    words_of_email,
    words_of_phone,
)
from orchestration.load.ledger import Ledger, LedgerLine
from orchestration.load.sql import identifier, literal, raw_rows
from orchestration.load.storage import (
    PARQUET_OPTIONS,
    RawLayer,
    damaged_file,
    move_into_place,
    sha256_of,
    storage_error,
    sync_folder,
)
from orchestration.settings import PROJECT_DIR

EXCLUDED_VISITORS = PROJECT_DIR / "seeds" / "reference" / "excluded_visitors.csv"

# So many texts, or rows, lie in memory at a time.
_ROWS_AT_ONCE = 100_000

# A longer pattern takes a hundred times as long as two of half its length.
_WORDS_IN_A_PATTERN = 50
# To look for more costs more than the exact way.
_MOST_WORDS = 1000

_CONTACTS, _DEALS = "contacts", "deals"


class Eraser:
    """The people of a warehouse's register, kept out of its raw files while one load goes on.

    ``key``: the setting's, empty for that of the key file; ``connection``: one that may have
    temporary tables made. Raises UsageError where the key isn't the one that the people were
    erased under, StorageError where the register is damaged.
    """

    def __init__(
        self, layer: RawLayer, connection: duckdb.DuckDBPyConnection, work: Path, key: str
    ) -> None:
        self.register = Register.read(layer.warehouse)
        self._layer = layer
        self._connection = connection
        self._work = work
        self._key = key
        self._rows: Rows | None = None
        self._has_notes = False
        self._added: _Added | None = None
        self._deals: set[str] = set()
        if self.register.key_check:
            self._make_rows()

    def _make_rows(self) -> None:
        has_key = bool(self.register.key_check)
        self._pseudonyms = Pseudonyms(
            erasure_key(self._layer.warehouse, self._key, make=not has_key)
        )
        if not has_key:
            self.register.key_check = self._pseudonyms.check
        elif self.register.key_check != self._pseudonyms.check:
            raise UsageError(
                f"People were erased in {self._layer.warehouse} under another key: set {VARIABLE}"
                " to that one, or without it bring back the warehouse's key file."
            )
        self._rows = Rows(self.register, self._pseudonyms, self._deals)
        self._digest_of_deals = self.register.digest(self._deals)
        self._digest_of_others = self.register.digest()

    # New files

    def scrub_new(self, table: Table, raw: Iterable[Path], quarantine: Iterable[Path]) -> None:
        """Rid the files that landing files were converted to, before they are counted and named."""
        if self._rows is None:
            return
        raw = list(raw)
        if table.name == _CONTACTS:
            self._learn_addresses(raw)
        for path, of in (*((path, table) for path in raw), *((path, None) for path in quarantine)):
            written = self._scrub(path, of)
            if written is not None:
                written.replace(path)

    def _learn_addresses(self, files: list[Path]) -> None:
        """Note the addresses of erased contacts that only these files tell: others may name them.

        Files that are rid of these people then are to be gone over again.
        """
        assert self._rows is not None
        erased = self._rows.ids("contact_id")
        assert erased is not None
        told = (
            address
            for contact, *address in self._rows_of(files, "contact_id, email, phone")
            if erased.has(contact)
        )
        words = _words_of(told)
        new = {self._pseudonyms.of(word) for word in words} - self.register.words
        if not new:
            return
        others: Set[str | None] = {self._digest_of_deals, self._digest_of_others}
        if self._added is not None:
            words, others = words | self._added.words, others | self._added.others
        self._added = _Added.of(frozenset(), frozenset(), words, others)
        self.register.words |= new
        self.register.write(self._layer.warehouse)
        self._make_rows()

    def note_new(self, names: Iterable[str]) -> None:
        """Note the names that files came to have which ``scrub_new`` went over."""
        if self._rows is None:
            return
        for name in names:
            self.register.scrubbed[name] = self._digest(_table_of(name))
            self._has_notes = True

    # All files

    def scrub_all(
        self, ledger: Ledger, say: Callable[[str], None], new_load: int | None = None
    ) -> None:
        """Rid every raw and quarantine file that isn't yet; a kill leaves the rest to the next.

        ``new_load``: the load whose files nothing was built from yet.
        """
        if self._rows is None:
            return
        self._deals = self._deals_of_erased_contacts(ledger)
        self._make_rows()
        names = [
            name
            for name in sorted(ledger.files)
            if self.register.scrubbed.get(name) != self._digest(_table_of(name))
        ]
        lines = {name: line for line in ledger.lines for name in line.files}
        changed = 0
        for number, name in enumerate(names, start=1):
            path, table = self._layer.warehouse / name, _table_of(name)
            try:
                written = self._scrub(path, table, self._known_in_the_clear(name))
            except duckdb.Error as error:
                if storage_error(error, self._layer.warehouse) is not None:
                    raise
                raise damaged_file(self._layer.warehouse, name, lines[name].file) from error
            if written is not None:
                if lines[name].load_id != new_load:
                    self._note_outdated()
                self._replace(lines[name], name, written)
                changed += 1
            self.register.scrubbed[name] = self._digest(table)
            self._has_notes = True
            if number % 100 == 0:
                say(f"erased people: file {number:,} of {len(names):,}")
        if self._has_notes:
            self.register.write(self._layer.warehouse)
            self._has_notes = False
        if changed:
            say(f"erased people: {changed} of {len(names)} files were written anew")

    def _digest(self, table: Table | None) -> str:
        is_deals = table is not None and table.name == _DEALS
        return self._digest_of_deals if is_deals else self._digest_of_others

    def _deals_of_erased_contacts(self, ledger: Ledger) -> set[str]:
        assert self._rows is not None
        files = self._files(ledger, "deal_contacts")
        if not files:
            return set()
        erased = self._rows.ids("contact_id")
        pairs = self._connection.execute(
            f"select distinct contact_id, deal_id from {raw_rows(files)}"
        ).fetchall()
        plain = self._rows.texts.plain
        return {
            plain(deal) for contact, deal in pairs if erased is not None and erased.has(contact)
        }

    def _files(self, ledger: Ledger, table: str) -> list[Path]:
        return [self._layer.warehouse / name for name in ledger.raw_files(table)]

    def _known_in_the_clear(self, name: str) -> _Added | None:
        """The people who are just being added, where a file is rid of all others."""
        if self._added is None or self.register.scrubbed.get(name) not in self._added.others:
            return None
        return self._added

    # One file

    def _replace(self, line: LedgerLine, name: str, written: Path) -> None:
        """Put a file that was written anew in the place of the one before, which must be sound.

        Its checksum is noted first, so that it is known whenever the machine stops.
        """
        path = self._layer.warehouse / name
        first = line.raw_sha256 if name == line.raw_file else line.quarantine_sha256
        noted = self.register.checksums.setdefault(name, [])
        if first is not None and sha256_of(path) not in {first, *noted}:
            raise damaged_file(self._layer.warehouse, name, line.file)
        noted.append(sha256_of(written))
        self.register.write(self._layer.warehouse)
        move_into_place(written, path)
        sync_folder(path.parent)

    def _scrub(self, path: Path, table: Table | None, added: _Added | None = None) -> Path | None:
        """Write a file aside without anybody, or without who is just being added: much faster.

        ``table``: None for a file of quarantine. Returns None where nothing was to be changed.
        """
        assert self._rows is not None
        rows = self._rows_naming(path, table, added) if added else self._suspects(path, table)
        if table is None:
            key = "row_number"
            bad = [row for row in rows if self._rows.names_person(row["row_text"] or "")]
            changed = [(row, self._rows.bad_row(row)) for row in bad]
        else:
            key = "_row_number"
            changed = [(row, self._rows.without_person(table, row)) for row in rows]
        changed = [(before, after) for before, after in changed if before != after]
        if not changed:
            return None
        if table is not None and any(
            before[column] != after[column] for before, after in changed for column in table.key
        ):
            self._forget_keys()
        return self._write_anew(path, [after for _, after in changed], key)

    def _forget_keys(self) -> None:
        """Have the next load make the list of keys again: it holds hashes of the old ones."""
        for path in (self._layer.keys, self._layer.keys.with_name(f"{self._layer.keys.name}.wal")):
            path.unlink(missing_ok=True)

    def _suspects(self, path: Path, table: Table | None) -> list[Row]:
        """The rows of a file that are an erased person's or name one."""
        assert self._rows is not None
        rows = self._rows
        if table is None:
            named = [text for text in self._values(path, "row_text") if rows.names_person(text)]
            return self._rows_with(path, {"row_text": named})
        suspects: dict[str, list[str]] = {}
        for column in self._columns(path):
            ids = rows.ids(column)
            if ids is not None:
                values = self._values(path, column)
                suspects[column] = [value for value in values if rows.is_named(ids, value)]
            elif column in texts_of(table):
                change = rows.texts.json if is_json(table, column) else rows.texts.plain
                suspects[column] = [v for v in self._values(path, column) if change(v) != v]
        if table.name == _DEALS:
            suspects["deal_id"] = [*suspects.get("deal_id", []), *self._deals]
        return self._rows_with(path, suspects)

    def _rows_naming(self, path: Path, table: Table | None, added: _Added) -> list[Row]:
        """The rows of a file that may be of people whose ids are known, or name them."""
        wanted: dict[str, Set[str]] = {}
        texts = ["row_text"]
        if table is not None:
            columns = self._columns(path)
            wanted = {name: added.contacts for name in CONTACT_COLUMNS if name in columns}
            wanted |= {name: added.visitors for name in VISITOR_COLUMNS if name in columns}
            texts = [name for name in columns if name in wanted or name in texts_of(table)]
            if table.name == _DEALS:
                wanted["deal_id"] = self._deals
        text = f"lower(concat_ws(' ', {', '.join(map(identifier, texts))}))"
        return self._rows_with(
            path,
            {column: sorted(values) for column, values in wanted.items()},
            *(f"regexp_matches({text}, {literal(pattern)})" for pattern in added.patterns),
        )

    def _columns(self, path: Path) -> list[str]:
        found = self._connection.execute(f"describe from {raw_rows([path])}").fetchall()
        return [name for name, *_ in found]

    def _values(self, path: Path, column: str) -> Iterable[str]:
        rows = self._rows_of([path], identifier(column))
        return (value for (value,) in rows if value is not None)

    def _rows_of(self, files: list[Path], columns: str) -> Iterable[tuple[Any, ...]]:
        """Distinct rows of files, of these columns."""
        cursor = self._connection.cursor()
        cursor.execute(f"select distinct {columns} from {raw_rows(files)}")
        while found := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from found

    def _rows_with(self, path: Path, values: dict[str, list[str]], *conditions: str) -> list[Row]:
        """The rows that have one of these values in one of these columns, or meet a condition."""
        asked = {column: wanted for column, wanted in values.items() if wanted}
        is_listed = [f"{identifier(column)} in (select unnest(?::varchar[]))" for column in asked]
        any_of = " or ".join([*is_listed, *conditions])
        if not any_of:
            return []
        found = self._connection.execute(
            f"select * from {raw_rows([path])} where {any_of}", list(asked.values())
        )
        names = [name for name, *_ in found.description or ()]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]

    def _write_anew(self, path: Path, rows: list[Row], key: str) -> Path:
        """Write a file aside with other rows in the place of those of the same keys."""
        source = raw_rows([path])
        schema = self._connection.execute(f"from {source} limit 0").to_arrow_table().schema
        self._connection.register("scrubbed_rows", pa.Table.from_pylist(rows, schema))
        columns = ", ".join(
            f"case when scrubbed.{identifier(key)} is null then given.{identifier(name)}"
            f" else scrubbed.{identifier(name)} end as {identifier(name)}"
            for name in schema.names
        )
        written = self._work / f"{path.name}.scrubbed"
        try:
            self._connection.execute(
                f"copy (select {columns} from {source} as given left join scrubbed_rows as scrubbed"
                f" on given.{identifier(key)} = scrubbed.{identifier(key)})"
                f" to {literal(str(written))} ({PARQUET_OPTIONS})"
            )
        finally:
            self._connection.unregister("scrubbed_rows")
        return written

    # Who is forgotten

    def add(self, contacts: Set[str], visitors: Set[str], ledger: Ledger) -> None:
        """Note people in the register, whose raw files are still to be rid of them.

        Raises UsageError where a visitor of theirs is on the list of excluded visitors.
        """
        if self._rows is None:
            self._make_rows()
        self._check_excluded(visitors)
        of = self._pseudonyms.of
        others: set[str | None] = {self._digest_of_deals, self._digest_of_others}
        if not self.register.contacts | self.register.visitors:
            # Where nobody was erased before, every file is rid of all others.
            others = {None}
        words = {word for text in (*contacts, *visitors) if (word := word_of_id(text))}
        words |= _words_of(self._addresses_of(contacts, ledger))
        self._added = _Added.of(contacts, visitors, words, others)
        self.register.contacts |= {of(contact) for contact in contacts}
        self.register.visitors |= {of(visitor) for visitor in visitors}
        self.register.words |= {of(word) for word in words}
        self._note_outdated()
        self.register.write(self._layer.warehouse)

    def _note_outdated(self) -> None:
        self.register.is_rebuild_due = True
        self.register.is_outdated = True

    def _addresses_of(self, contacts: Set[str], ledger: Ledger) -> list[tuple[Any, ...]]:
        """E-mail addresses and phone numbers that contacts have or had."""
        files = self._files(ledger, _CONTACTS)
        if not files:
            return []
        return self._connection.execute(
            f"select distinct email, phone from {raw_rows(files)}"
            " where contact_id in (select unnest(?::varchar[]))",
            [sorted(contacts)],
        ).fetchall()

    def _check_excluded(self, visitors: Set[str]) -> None:
        with EXCLUDED_VISITORS.open(encoding="utf-8", newline="") as file:
            rows = enumerate(csv.DictReader(file), start=1)
            listed = [(number, row["entry"]) for number, row in rows if row["entry"] in visitors]
        if listed:
            # The message goes into logs and Dagster's storage, so it doesn't tell the id.
            number, visitor = listed[0]
            raise UsageError(
                f"The visitor of row {number} is to be forgotten in"
                f" {EXCLUDED_VISITORS.relative_to(PROJECT_DIR)}: write"
                f" {self._pseudonyms.of(visitor)} there in its place, and run again."
            )


@dataclass(frozen=True)
class _Added:
    """People while they are being erased, when their ids are still known in the clear.

    ``words``: what texts name them by, ``patterns``: one of these such texts match. ``others``:
    what the register says of files that are rid of all others.
    """

    contacts: Set[str]
    visitors: Set[str]
    words: Set[str]
    patterns: list[str]
    others: Set[str | None]

    @classmethod
    def of(
        cls, contacts: Set[str], visitors: Set[str], words: Set[str], others: Set[str | None]
    ) -> _Added | None:
        """Those people; None where texts are better looked through in the exact way."""
        if len(words) > _MOST_WORDS:
            return None
        patterns = []
        for first in range(0, len(words), _WORDS_IN_A_PATTERN):
            pattern = pattern_of(sorted(words)[first : first + _WORDS_IN_A_PATTERN])
            if pattern is None:
                return None
            patterns.append(pattern)
        return cls(contacts, visitors, words, patterns, others)


def _words_of(addresses: Iterable[Sequence[str | None]]) -> set[str]:
    """What e-mail addresses and phone numbers are found by in texts."""
    found: set[str] = set()
    for email, phone in addresses:
        found |= words_of_email(email or "") | words_of_phone(phone or "")
    return found


def _table_of(name: str) -> Table | None:
    """The table of a raw file, None of a quarantine file."""
    folder, _, rest = name.partition("/")
    return TABLES[rest.partition("/")[0]] if folder == "raw" else None
