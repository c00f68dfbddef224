"""A headless Chromium for tests: the machine's own, or else Debian's, unpacked into `.cache/`.

Nothing is installed: Debian's package and those that it needs and the machine lacks are downloaded
by apt, which checks their signatures, and unpacked into a folder that git ignores. Neither needs
root.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from tests.conftest import PROJECT

CACHE = PROJECT / ".cache" / "chromium"

# The first one on PATH that runs is taken.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
PACKAGE = "chromium-headless-shell"


class NoChromiumError(Exception):
    """There is no Chromium here, and none can be had; the message says why."""


@dataclass(frozen=True)
class Chromium:
    """A Chromium that runs: its program, and the environment variables that it needs."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def version(self) -> str | None:
        """What the program says of itself; None where it doesn't run."""
        try:
            done = _run([str(self.program), "--version"], dict(self.environment), 60)
        except OSError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None


@functools.cache
def chromium() -> Chromium:
    """The machine's Chromium, else the unpacked one, which is downloaded where it isn't there.

    Raises NoChromiumError.
    """
    for name in NAMES:
        path = shutil.which(name)
        if path and (found := Chromium(Path(path))).version():
            return found
    return unpacked(CACHE)


def unpacked(folder: Path) -> Chromium:
    """Debian's Chromium in this folder, downloaded where it isn't there; raises NoChromiumError."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise NoChromiumError("no Chromium on PATH, and no apt-get and dpkg-deb to unpack one with")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                _unpack(folder)
    except OSError as error:
        raise NoChromiumError(f"{folder} can't be written: {error}") from error
    found = _in(folder)
    if found.version() is None:
        raise NoChromiumError(f"the Chromium in {folder} doesn't run: remove the folder")
    return found


def _in(folder: Path) -> Chromium:
    libraries = sorted({path.parent for path in folder.glob("usr/lib/*-linux-gnu*/**/*.so*")})
    environment = {"LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries))}
    if (folder / "etc" / "fonts").exists():
        # The machine has no fonts of its own. Where Chromium finds none, it ends.
        environment["FONTCONFIG_PATH"] = str(folder / "etc" / "fonts")
        environment["XDG_DATA_HOME"] = str(folder / "usr" / "share")
    return Chromium(folder / "usr" / "lib" / "chromium" / PACKAGE, environment)


def _unpack(folder: Path) -> None:
    """Make the folder, or leave nothing; raises NoChromiumError."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking-") as place:
        apt = Path(place) / "apt"
        for part in ("lists/partial", "cache/archives/partial"):
            (apt / part).mkdir(parents=True)
        # Where some of the machine's sources are out of reach, the packages may come nevertheless.
        _apt(apt, "update")
        done = _apt(apt, "install", "--yes", "--download-only", "--no-install-recommends", PACKAGE)
        packages = sorted((apt / "cache" / "archives").glob("*.deb"))
        if done.returncode != 0 or not packages:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            why = said[-1] if said else "nothing came"
            raise NoChromiumError(f"no Chromium on PATH, and Debian's can't be had: {why}")
        root = Path(place) / "root"
        for package in packages:
            done = _run(["dpkg-deb", "--extract", str(package), str(root)], {}, 300)
            if done.returncode != 0:
                raise NoChromiumError(f"{package.name} can't be unpacked: {done.stderr.strip()}")
        root.rename(folder)


def _apt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run apt-get with lists and downloads in this folder; it changes nothing elsewhere."""
    options = {
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "root",
        "Acquire::Retries": "1",
        "Acquire::http::Timeout": "20",
        "Acquire::https::Timeout": "20",
    }
    settings = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    return _run(["apt-get", "-qq", *settings, *arguments], {"LC_ALL": "C"}, 900)


def _run(
    command: list[str], environment: dict[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a command; one that takes longer than this counts as failed."""
    try:
        return subprocess.run(
            command,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"no end within {seconds:.0f} s")
