"""A warehouse whose nights are run one by one in this process, and its rebuild from the raw layer.

A night is a load and a dbt run. It may end in the middle: only some of the models are built then,
none of them before what it reads.
"""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventMsg

import orchestration.transform.dbt
from orchestration.load import load_landing
from orchestration.settings import PROJECT_DIR, Settings
from orchestration.state import iso
from orchestration.transform.dbt import Dbt
from orchestration.transform.nights import loads_of, why_anew
from tests.agreement.warehouse import IN_PIECES

# What is built behind the audit speaks of runs, not of data.
_NOT_AFTER_AUDIT = ("--exclude", "tag:after_audit")

# What earlier steps of a night leave for the trust marts.
_STATE_FILES = ("test_results", "unit_tests", "runs")

# A build that says nothing for so long is killed where it stands.
_KILL_SECONDS = 60


class BuildFailedError(AssertionError):
    """dbt failed; the message has the nodes and what they say."""


class Warehouse:
    """A warehouse folder, its dbt project and the variables of the rules."""

    def __init__(
        self,
        folder: Path,
        variables: Mapping[str, Any] | None = None,
        project_dir: Path = PROJECT_DIR,
        raw_layer_of: Warehouse | None = None,
    ) -> None:
        """Make the folder; with raw_layer_of it has no raw layer of its own, but that one's."""
        self.folder = folder
        self._variables = dict(variables or {})
        self._project_dir = project_dir
        self._dbt = Dbt(_settings(folder, self._variables))
        folder.mkdir(parents=True)
        _touch_state(folder)
        if raw_layer_of is not None:
            for name in ("raw", "quarantine"):
                (folder / name).symlink_to(raw_layer_of.folder / name, target_is_directory=True)

    @property
    def database(self) -> Path:
        """What dbt builds."""
        return self.folder / "build.duckdb"

    @property
    def _ledger(self) -> Path:
        return self.folder / "raw" / "ledger.ndjson"

    # A night

    def load(self, landing: Path, at: datetime) -> datetime | None:
        """Load a landing folder as if at an instant, and give the instant of the load.

        None where the load took up no file, so that the ledger has nothing of it.
        """
        history = self._variables.get("association_history")
        # Only who asks for it needs a load that knows of it.
        options: dict[str, Any] = {} if history is None else {"association_history": history}
        report = load_landing(
            landing,
            self.folder,
            run_id=f"run at {iso(at)}",
            progress=lambda line: None,
            threads=2,
            **options,
        )
        return self._date_load(report.load_id, at)

    def _date_load(self, load_id: int, at: datetime) -> datetime | None:
        """Let the ledger say that a load began at an instant; its files came 1 ms apart."""
        lines = [json.loads(line) for line in self._ledger.read_text("utf-8").splitlines()]
        own = [line for line in lines if line["load_id"] == load_id]
        for number, line in enumerate(own):
            line["loaded_at"] = iso(at + timedelta(milliseconds=number))
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
        self._ledger.write_text(text, encoding="utf-8")
        # As in a ledger of an older version, which may be changed.
        self._ledger.with_name(".ledger.ndjson.written").unlink(missing_ok=True)
        return at.astimezone(UTC).replace(tzinfo=None) if own else None

    def build(self) -> set[str]:
        """Bring every model up to date; gives the names of those that weren't left alone.

        Raises BuildFailedError where a model fails.
        """
        self._seed()
        with _project_at(self._project_dir):
            anew = why_anew(self.database, self._dbt.rules(), loads_of(self._ledger))
        written: set[str] = set()

        def note(event: EventMsg) -> None:
            if event.info.name == "LogModelResult" and event.data.status != "UP TO DATE":
                written.add(event.data.node_info.node_name)

        self._run(["run", *(["--full-refresh"] if anew else []), *_NOT_AFTER_AUDIT], note)
        return written

    def build_some(self, rng: random.Random) -> list[str]:
        """Build some of the models, as a night does that is killed between two; gives their names.

        Raises BuildFailedError where a model fails.
        """
        self._seed()
        names = self._some_models(rng)
        if names:
            self._run(["run", "--select", *names])
        return names

    def build_until_killed(self, rng: random.Random) -> int:
        """Build in a process that is killed in the middle; gives how many models it had told.

        What was under way then depends on the machine, not on rng alone.
        """
        self._seed()
        wanted = rng.randint(0, len(self._models()) - 1)
        told, telling = os.pipe()
        child = os.fork()
        if child == 0:
            self._build_telling(telling)
        os.close(telling)
        done = 0
        with os.fdopen(told, "rb", buffering=0) as results:
            while done < wanted and select.select([results], [], [], _KILL_SECONDS)[0]:
                if not results.read(1):
                    break
                done += 1
            time.sleep(rng.random() * 0.2)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return done

    def _build_telling(self, telling: int) -> NoReturn:
        """Build, and write a byte for every model that is there."""

        def note(event: EventMsg) -> None:
            if event.info.name == "LogModelResult":
                os.write(telling, b".")

        try:
            self._run(["run", *_NOT_AFTER_AUDIT], note)
        finally:
            os._exit(0)

    def build_anew(self) -> None:
        """Build every model from nothing but the raw layer.

        Raises BuildFailedError where a model fails.
        """
        self.database.unlink(missing_ok=True)
        self._seed()
        self._run(["run", "--full-refresh", *_NOT_AFTER_AUDIT])

    def test(self) -> None:
        """Run every data test.

        Raises BuildFailedError where one of error severity fails.
        """
        self._run(["test", *_NOT_AFTER_AUDIT, "--exclude-resource-type", "unit_test"])

    def _some_models(self, rng: random.Random) -> list[str]:
        """A random number of the models in a random order in which each follows what it reads."""
        models = self._models()
        wanted = rng.randint(0, len(models) - 1)
        built: list[str] = []
        waiting = {
            unique_id: {parent for parent in node["depends_on"]["nodes"] if parent in models}
            for unique_id, node in sorted(models.items())
        }
        while len(built) < wanted:
            ready = [unique_id for unique_id, parents in waiting.items() if not parents]
            chosen = rng.choice(ready)
            built.append(chosen)
            del waiting[chosen]
            for parents in waiting.values():
                parents.discard(chosen)
        return [models[unique_id]["name"] for unique_id in built]

    # dbt

    def _models(self) -> dict[str, Any]:
        """The models that a night builds, by unique id."""
        with _project_at(self._project_dir):
            manifest = self._dbt.manifest()
        return {
            unique_id: node
            for unique_id, node in manifest["nodes"].items()
            if node["resource_type"] == "model" and "after_audit" not in node["tags"]
        }

    def _seed(self) -> None:
        """Give a new database its seeds, copied where an earlier one has them."""
        if self.database.exists():
            return
        seeded = self.folder / "seeded.duckdb"
        if not seeded.exists():
            self._run(["seed"])
            shutil.copyfile(self.database, seeded)
        else:
            shutil.copyfile(seeded, self.database)

    def _run(self, arguments: Sequence[str], *callbacks: Callable[[EventMsg], None]) -> None:
        with _project_at(self._project_dir):
            runner = dbtRunner(manifest=self._dbt.parse(), callbacks=list(callbacks))
            outcome = self._dbt.run(runner, arguments)
        if not outcome.success:
            results = getattr(outcome.result, "results", ())
            failed = [
                f"{result.node.name}: {result.message}"
                for result in results
                if result.status in ("error", "fail")
            ]
            raise BuildFailedError("\n".join([f"dbt {arguments[0]}: {outcome.exception}", *failed]))


def _settings(folder: Path, variables: Mapping[str, Any]) -> Settings:
    return Settings(
        landing=folder,
        warehouse=folder,
        dbt_vars=IN_PIECES | dict(variables),
        keep_published=1,
        dbt_threads=2,
        fresh_hours=36,
        alert_url="",
    )


def _touch_state(folder: Path) -> None:
    state = folder / "state"
    state.mkdir(exist_ok=True)
    for name in _STATE_FILES:
        (state / f"{name}.ndjson").touch()


@contextmanager
def _project_at(project_dir: Path) -> Iterator[None]:
    """Have dbt work on the project of this folder."""
    with patch.object(orchestration.transform.dbt, "PROJECT_DIR", project_dir):
        yield
