"""Forgetting people: from a request in the raw layer to a warehouse that nothing of them is in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from orchestration.failures import speaks_of_storage
from orchestration.load import forget_people
from orchestration.load.checksums import check_raw_files
from orchestration.load.erasure import Register
from orchestration.publish.files import PublishedFolder
from orchestration.settings import Settings
from orchestration.state import read_lines
from orchestration.transform.dbt import Dbt

# The models that say whose group an erasure is of, and which visitors were they (ID-5, ID-6).
CONTACTS, VISITORS = "int_erased_contact_ids", "int_erased_visitors"


class Erasure:
    """The erasures of one run.

    ``say`` gets a line now and then.
    """

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say

    def has_new_requests(self) -> bool:
        """Whether somebody asked to be forgotten who isn't yet.

        Raises StorageError where a file with requests is damaged.
        """
        folder = self._settings.warehouse / "raw" / "contact_erasures"
        files = [str(path) for path in folder.glob("*.parquet")]
        if not files:
            return False
        try:
            with duckdb.connect() as connection:
                requested = connection.execute(
                    "select distinct contact_id from read_parquet(?)", [files]
                ).fetchall()
        except duckdb.Error:
            check_raw_files(self._settings.warehouse, read_lines(self._settings.ledger))
            raise
        return not {contact for (contact,) in requested} <= self._register().contacts

    def find_people(self, dbt: Dbt) -> None:
        """Build the models that name them, and nothing else."""
        self._say("People asked to be forgotten: finding all that is theirs.")
        for _ in dbt.command(["run", "--select", f"+{CONTACTS}", f"+{VISITORS}"]):
            pass

    def forget_people(self) -> bool:
        """Erase in the raw layer whom the build names by their own ids; whether there was anybody.

        Then the build has to be made again. Raises what forget_people raises.
        """
        register = self._register()
        contacts = self._built("contact_id", CONTACTS) - register.contacts
        visitors = self._built("visitor_id", VISITORS) - register.visitors
        if not contacts and not visitors:
            return False
        self._say(f"Forgetting contact ids: {len(contacts)}, visitors: {len(visitors)}.")
        forget_people(
            self._settings.warehouse,
            contacts,
            visitors,
            erasure_key=self._settings.erasure_key,
            memory_limit=self._settings.memory_limit,
            progress=lambda line: self._say(f"  {line}"),
        )
        return True

    def is_rebuild_due(self) -> bool:
        """Whether the build is older than the newest erasure."""
        return self._register().is_rebuild_due

    def note_rebuilt(self) -> None:
        """Note that the build was made behind the newest erasure."""
        register = self._register()
        if register.is_rebuild_due:
            register.is_rebuild_due = False
            register.write(self._settings.warehouse)

    def remove_outdated(self, folder: PublishedFolder, stamp: str) -> None:
        """Once the night after an erasure is published, remove all that was before it.

        That are older published files, logs, which may quote a row, and the dashboard.
        """
        register = self._register()
        if not register.is_outdated:
            return
        older = [other for other in folder.stamps() if other != stamp]
        for other in older:
            folder.discard(other)
        for log in self._settings.logs.glob("*.log"):
            log.unlink()
        shutil.rmtree(self._settings.dashboard, ignore_errors=True)
        register.is_outdated = False
        register.write(self._settings.warehouse)
        if older:
            self._say(f"  removed {len(older)} from before people were forgotten")

    def _register(self) -> Register:
        return Register.read(self._settings.warehouse)

    def _built(self, column: str, model: str) -> set[str]:
        build: Path = self._settings.build_file
        if not build.exists():
            return set()
        try:
            with duckdb.connect(str(build), read_only=True) as connection:
                found = connection.execute(f"select {column} from identity.{model}").fetchall()
        except duckdb.Error as error:
            # A build that stopped before these models, or is damaged, is told of elsewhere.
            if speaks_of_storage(str(error)):
                raise
            return set()
        return {value for (value,) in found}
