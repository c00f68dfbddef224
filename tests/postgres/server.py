"""A PostgreSQL server for the tests: the installed one, or Debian's packages, unpacked."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from benchmarks.steps import postgres
from tests.conftest import PROJECT

UNPACKED = PROJECT / ".cache" / "postgresql"

MEMORY = "128MB"


class NoServerError(Exception):
    """There is no PostgreSQL here, and it can't be had."""


@contextmanager
def server() -> Iterator[str]:
    """The folder of the socket on which a new server listens, with a superuser `postgres`.

    Raises NoServerError where there can't be one.
    """
    programs = postgres.programs()
    libraries = ""
    if programs is None:
        with FileLock(f"{UNPACKED}.lock"):
            if not UNPACKED.exists():
                unpack()
        (programs,) = UNPACKED.glob("usr/lib/postgresql/*/bin")
        libraries = ":".join(str(folder) for folder in UNPACKED.glob("usr/lib/*-linux-gnu*"))
    with tempfile.TemporaryDirectory(prefix="campaign-postgres-") as folder:
        try:
            cluster = postgres.Cluster(
                Path(folder), programs, MEMORY, {"LD_LIBRARY_PATH": libraries} if libraries else {}
            )
        except (OSError, subprocess.CalledProcessError) as error:
            told = getattr(error, "stderr", b"").decode(errors="replace").strip()
            raise NoServerError(
                f"PostgreSQL in {programs} doesn't run ({error}; {told})"
            ) from error
        with cluster.running() as connection:
            yield str(connection.info.host)


def unpack() -> None:
    """Fetch Debian's packages of PostgreSQL, with what they need and is not installed.

    apt-get keeps what it knows and downloads in a folder of ours, which takes no rights.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise NoServerError("PostgreSQL is not installed, and apt-get can't fetch it here")
    UNPACKED.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=UNPACKED.parent) as name:
        folder = Path(name)
        for part in ("lists/partial", "packages/partial", "root"):
            (folder / part).mkdir(parents=True)
        options = {
            "Debug::NoLocking": "1",
            "APT::Sandbox::User": "",
            "Dir::State::lists": f"{folder}/lists",
            "Dir::Cache": f"{folder}/packages",
            "Dir::Cache::archives": f"{folder}/packages",
        }
        apt = ["apt-get", "-q", *(f"-o{option}={value}" for option, value in options.items())]
        install = ["install", "-y", "--download-only", "--no-install-recommends", "postgresql"]
        try:
            for command in ([*apt, "update"], [*apt, *install]):
                subprocess.run(command, check=True, capture_output=True, timeout=300)
            for package in (folder / "packages").glob("*.deb"):
                subprocess.run(
                    ["dpkg-deb", "-x", str(package), str(folder / "root")], check=True, timeout=300
                )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            told = (error.stderr or b"").decode(errors="replace").strip().splitlines()[-1:]
            raise NoServerError(
                f"PostgreSQL is not installed, and apt-get can't fetch it ({told})"
            ) from error
        # The server runs under another account where the tests run as root.
        (folder / "root").chmod(0o755)
        (folder / "root").rename(UNPACKED)
