"""What stands for an erased id: a hash of it under a key that only this warehouse has."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from orchestration.errors import UsageError
from orchestration.load.storage import sync_folder

VARIABLE = "CAMPAIGN_ERASURE_KEY"
KEY_FILE = ".erasure_key"
LEAST_CHARACTERS = 16

_PREFIX = "erased-"
_DIGITS = 32


class Pseudonyms:
    """Gives the same text the same pseudonym, and another key another one."""

    def __init__(self, key: str) -> None:
        self._key = key.encode("utf-8")

    def of(self, text: str) -> str:
        """The pseudonym of a text, as `erased-` and 32 hexadecimal digits (HMAC-SHA-256)."""
        digest = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")
        return f"{_PREFIX}{digest.hex()[:_DIGITS]}"

    @property
    def check(self) -> str:
        """What tells this key from others, and nothing about it."""
        return self.of("")


def erasure_key(warehouse: Path, given: str, *, make: bool) -> str:
    """The key: the one given, else that of the warehouse's key file.

    ``make``: whether to make a key file where there is neither; it is readable by its owner only.
    Raises UsageError where there is none, or the one given is too short to be a secret.
    """
    if given:
        if len(given) < LEAST_CHARACTERS:
            raise UsageError(
                f"{VARIABLE} has {len(given)} characters: set at least {LEAST_CHARACTERS} that"
                " nobody can guess, as `openssl rand -hex 32` prints them."
            )
        return given
    path = warehouse / KEY_FILE
    if not path.exists():
        if not make:
            raise UsageError(
                f"People were erased in {warehouse} under a key that isn't there: set {VARIABLE},"
                f" or bring back the file {path}."
            )
        _make(path)
    return path.read_text(encoding="ascii").strip()


def _make(path: Path) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    sync_folder(path.parent)
