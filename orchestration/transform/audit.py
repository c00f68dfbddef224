"""The judgement on a build: what failed it, what is only worth a look, what each test said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.errors import AuditFailedError, StorageError, WarehouseError
from orchestration.failures import one_line, speaks_of_damage, speaks_of_storage
from orchestration.settings import Settings

NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Outcome:
    """What dbt said of a node.

    status is success, pass, warn, fail, error or skipped; failures is the number of rows that a
    test found, None where it didn't run; model is the node that a test is attached to.
    """

    unique_id: str
    name: str
    is_test: bool
    status: str
    message: str
    failures: int | None
    model: str | None
    column_name: str | None

    @property
    def has_failed(self) -> bool:
        """Whether the node keeps the night from being published."""
        return self.status in {"error", "fail"}


def outcomes(results: Iterable[Any]) -> list[Outcome]:
    """dbt's results, reduced to what an audit needs."""
    return [_outcome(result) for result in results]


def _outcome(result: Any) -> Outcome:
    node = result.node
    parents = [parent for parent in node.depends_on_nodes if not parent.startswith("macro.")]
    attached = getattr(node, "attached_node", None) or (parents[0] if len(parents) == 1 else None)
    status = str(getattr(result.status, "value", result.status)).lower()
    return Outcome(
        unique_id=node.unique_id,
        name=node.name,
        is_test=str(node.resource_type) == "test",
        # A run that was cut short leaves nodes that nobody has started.
        status={"no-op": "success", "runtime error": "error"}.get(status, status),
        message=result.message or "",
        failures=result.failures,
        model=attached.rsplit(".", 1)[-1] if attached else None,
        column_name=getattr(node, "column_name", None),
    )


def is_damaged(
    settings: Settings, found: Sequence[Outcome], exception: BaseException | None
) -> bool:
    """Whether the build failed because build.duckdb doesn't hold what was written to it."""
    messages = [outcome.message for outcome in found if outcome.has_failed]
    if exception is not None:
        messages.append(str(exception))
    return any(
        speaks_of_damage(message) and not _names_raw_file(settings, message) for message in messages
    )


def warnings(found: Iterable[Outcome]) -> list[str]:
    """A line per test that warns."""
    return [
        f"{outcome.name}: {outcome.message or f'{outcome.failures} rows'}"
        for outcome in found
        if outcome.is_test and outcome.status == "warn"
    ]


def test_lines(found: Iterable[Outcome], run_id: str) -> list[Mapping[str, Any]]:
    """The lines of test_results.ndjson."""
    return [
        {
            "run_id": run_id,
            "unique_id": outcome.unique_id,
            "name": outcome.name,
            "status": outcome.status,
            "model": outcome.model,
            "column_name": outcome.column_name,
            "failures": outcome.failures,
        }
        for outcome in found
        if outcome.is_test
    ]


def judge(
    settings: Settings, found: Sequence[Outcome], exception: BaseException | None = None
) -> None:
    """Return where the build may be published.

    Raises AuditFailedError, naming the failing tests or models, or StorageError.
    """
    failed = [outcome for outcome in found if outcome.has_failed]
    for outcome in failed:
        error = _storage_error(settings, outcome.message)
        if error:
            raise error
    if exception is not None:
        raise _storage_error(settings, str(exception)) or AuditFailedError(
            f"The build could not start: {one_line(exception)}. "
            "The last good night stays published."
        )
    models = [outcome for outcome in failed if not outcome.is_test]
    if models:
        first = models[0]
        raise AuditFailedError(
            f"The build failed in {_names(models)} ({first.name}: {one_line(first.message)}). "
            "Mend it and run again; the last good night stays published."
        )
    if failed:
        raise AuditFailedError(
            f"The audit failed in {_names(failed)}. "
            "Mend the data or the rule and run again; the last good night stays published."
        )


def _storage_error(settings: Settings, message: str) -> WarehouseError | None:
    if speaks_of_storage(message):
        return StorageError(
            f"The disk refuses what the build writes ({one_line(message)}): "
            "make room and run again."
        )
    if _names_raw_file(settings, message):
        return StorageError(
            f"A file of the raw layer can't be read ({one_line(message)}): "
            "put it back from a backup; the raw layer is what everything else is built from."
        )
    return None


def _names_raw_file(settings: Settings, message: str) -> bool:
    return any(f"{settings.warehouse / folder}/" in message for folder in ("raw", "quarantine"))


def _names(failed: Sequence[Outcome]) -> str:
    names = [outcome.name for outcome in failed[:NAMED_AT_MOST]]
    more = len(failed) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
