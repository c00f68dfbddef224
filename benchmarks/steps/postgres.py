"""A PostgreSQL server for one step: in a folder of its own, on a socket there, gone at the end."""

from __future__ import annotations

import importlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import CORES

_DEBIAN = Path("/usr/lib/postgresql")
_ACCOUNT = "postgres"
_START_SECONDS = 60

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


def programs() -> Path | None:
    """The folder with initdb and postgres, of the newest version that there is; None without."""
    versions = sorted(
        (folder for folder in _DEBIAN.glob("*/bin") if (folder / "initdb").exists()),
        key=lambda folder: float(folder.parent.name),
    )
    if versions:
        return versions[-1]
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def version() -> str:
    """The version of the server that is there, empty without one."""
    folder = programs()
    if folder is None:
        return ""
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    return told.stdout.strip()


def size_in_bytes(size: str) -> int:
    """A size as DuckDB writes it, such as 1500MB. ValueError where it is none."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(KB|MB|GB)", size)
    if match is None:
        raise ValueError(f"{size!r} is no size: write it as 1500MB or 8GB")
    return round(float(match[1]) * _UNITS[match[2]])


class Cluster:
    """An initialised cluster, whose server runs only within `running`.

    environment: what the programs need beside the present environment.
    """

    def __init__(
        self,
        folder: Path,
        bin_folder: Path,
        memory_limit: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._bin = bin_folder
        memory = size_in_bytes(memory_limit) // 1024
        # Half of the memory is for pages, half for sorts of two processes; no waiting for the disk.
        self._options = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "shared_buffers": f"{memory // 2}kB",
            "work_mem": f"{memory // 4}kB",
            "maintenance_work_mem": f"{memory // 4}kB",
            "max_parallel_workers_per_gather": str(CORES - 1),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "8GB",
            "jit": "off",
        }
        self._how: dict[str, Any] = {"env": os.environ | (environment or {})}
        if os.geteuid() == 0:
            # The server refuses to run as root. Where it isn't installed, it has no account either.
            accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
            entry = accounts.get(_ACCOUNT) or accounts["nobody"]
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            self._how |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        locale = ["--no-locale", "-E", "UTF8"]
        subprocess.run(
            [
                str(bin_folder / "initdb"),
                "-D",
                "data",
                "-A",
                "trust",
                "-U",
                _ACCOUNT,
                "-N",
                *locale,
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            **self._how,
        )

    @contextmanager
    def running(self) -> Iterator[Any]:
        """A connection to the server, which ends with the block."""
        options = [
            word for name, value in self._options.items() for word in ("-c", f"{name}={value}")
        ]
        with (self._folder / "log.txt").open("ab") as log:
            server = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", "data", *options],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                **self._how,
            )
        try:
            connection = self._connect(server)
            try:
                yield connection
            finally:
                connection.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()

    def _connect(self, server: subprocess.Popen[bytes]) -> Any:
        psycopg = importlib.import_module("psycopg")
        give_up = time.monotonic() + _START_SECONDS
        while True:
            try:
                return psycopg.connect(
                    host=str(self._folder), user=_ACCOUNT, dbname="postgres", autocommit=True
                )
            except psycopg.OperationalError:
                if server.poll() is not None or time.monotonic() > give_up:
                    log = (self._folder / "log.txt").read_text(errors="replace").strip()
                    raise RuntimeError(f"PostgreSQL did not start: {log[-500:]}") from None
                time.sleep(0.02)


@contextmanager
def cluster(memory_limit: str) -> Iterator[Cluster]:
    """A new cluster. RuntimeError where PostgreSQL is not installed."""
    bin_folder = programs()
    if bin_folder is None:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="campaign-postgres-") as folder:
        yield Cluster(Path(folder), bin_folder, memory_limit)
