"""Who was erased, by pseudonyms alone, and which raw files are rid of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from orchestration.errors import StorageError
from orchestration.load.storage import write_whole


@dataclass
class Register:
    """The content of raw/erased.json.

    ``key_check``: which key the pseudonyms are made with. ``contacts``, ``visitors``: the
    pseudonyms of erased ids. ``words``: those of ids, e-mail addresses and phone numbers that are
    looked for in texts. ``scrubbed``: by raw or quarantine file, what it was last rid of (see
    ``digest``). ``checksums``: by such a file, the SHA-256 of its bytes each time it was written
    anew; the ledger has the first. ``is_rebuild_due``: whether the build may still show somebody.
    ``is_outdated``: whether older published files may.
    """

    key_check: str = ""
    contacts: set[str] = field(default_factory=set)
    visitors: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    scrubbed: dict[str, str] = field(default_factory=dict)
    checksums: dict[str, list[str]] = field(default_factory=dict)
    is_rebuild_due: bool = False
    is_outdated: bool = False

    @staticmethod
    def path(warehouse: Path) -> Path:
        """Where a warehouse's register lies."""
        return warehouse / "raw" / "erased.json"

    @classmethod
    def read(cls, warehouse: Path) -> Register:
        """The register of a warehouse, an empty one where nobody was erased.

        Raises StorageError where it is damaged.
        """
        path = cls.path(warehouse)
        if not path.exists():
            return cls()
        try:
            values = json.loads(path.read_bytes())
            for name in ("contacts", "visitors", "words"):
                values[name] = set(values[name])
            return cls(**values)
        except (ValueError, TypeError, KeyError) as error:
            raise StorageError(
                f"The list of erased people {path} is damaged: restore it from a backup. Without"
                " it, files that come later would bring them back."
            ) from error

    def write(self, warehouse: Path) -> None:
        """Have the register on the disk, whole."""
        values = asdict(self)
        for name in ("contacts", "visitors", "words"):
            values[name] = sorted(values[name])
        write_whole(self.path(warehouse), json.dumps(values))

    def digest(self, deals: Iterable[str] = ()) -> str:
        """What tells these people, and deals of theirs, from others."""
        parts = [self.contacts, self.visitors, self.words, deals]
        text = "\n".join(",".join(sorted(part)) for part in parts)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
