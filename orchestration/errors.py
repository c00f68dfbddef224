"""What can stop a run, each with the exit status that the main job ends with."""


class WarehouseError(Exception):
    """A run can't go on. The text is one line: what happened, and what to do about it."""

    exit_code: int = 1

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class AuditFailedError(WarehouseError):
    """The data tests that gate publishing failed; the last published warehouse stays."""

    exit_code = 1


class UsageError(WarehouseError):
    """Wrong use or setting: a missing landing folder, an unknown variable."""

    exit_code = 2


class NothingToLoadError(WarehouseError):
    """No table file was ever there to load."""

    exit_code = 3


class AnotherRunError(WarehouseError):
    """Another run is writing to this warehouse."""

    exit_code = 4


class StorageError(WarehouseError):
    """The warehouse's storage is full, read-only or damaged."""

    exit_code = 5


class PostgresError(WarehouseError):
    """The night is published, and PostgreSQL didn't get it."""

    exit_code = 6


class DashboardError(WarehouseError):
    """The night is published, and its dashboard could not be drawn."""

    exit_code = 7
