"""What tests of several subjects share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

PROJECT = Path(__file__).resolve().parent.parent

# Five seconds of every night, which few tests need.
NO_DASHBOARD = {"CAMPAIGN_DASHBOARD": "0"}
os.environ |= NO_DASHBOARD


@pytest.fixture(scope="session")
def sample_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that the main command built once from the bundled sample, for every process.

    Tests read it and copy from it; none may change it.
    """
    # pytest-xdist gives each of its processes a folder of its own below the one of the session.
    is_shared = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if is_shared else base) / "sample"
    with FileLock(f"{folder}.lock"):
        failed = folder / "failed"
        if not folder.exists():
            folder.mkdir()
            done = run_command(
                "orchestration.run",
                CAMPAIGN_LANDING=str(PROJECT / "seeds" / "sample"),
                CAMPAIGN_WAREHOUSE=str(folder / "warehouse"),
                CAMPAIGN_DASHBOARD="1",
            )
            (folder / "output.txt").write_text(done.stdout, encoding="utf-8")
            if done.returncode != 0:
                failed.write_text(f"{done.stdout}\n{done.stderr}", encoding="utf-8")
        assert not failed.exists(), failed.read_text(encoding="utf-8")
    return folder / "warehouse"


def run_command(
    module: str, *arguments: str, timeout: int = 900, **environment: str
) -> subprocess.CompletedProcess:
    """Run a command of the project in a process of its own, with these environment variables.

    Its nights draw no dashboard, unless they are told to. It is killed after timeout seconds.
    """
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("CAMPAIGN_", "DAGSTER_"))}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=PROJECT,
        env={**inherited, **NO_DASHBOARD, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
