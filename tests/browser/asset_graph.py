"""Draws docs/images/asset-graph.png: what Dagster shows of the assets and how they follow.

python -m tests.browser.asset_graph --warehouse warehouse

The warehouse has one published night at least, so that the assets have been made.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.browser.chromium import chromium
from tests.browser.harness import launched
from tests.conftest import PROJECT

PICTURE = PROJECT / "docs" / "images" / "asset-graph.png"
WINDOW = {"width": 1600, "height": 1050}

# From above to below, which is larger, and without the words of welcome.
CHOICES = """
localStorage["asset-graph-direction"] = JSON.stringify("vertical");
localStorage["communityNux"] = JSON.stringify("1");
"""

# The lines between the groups come last.
SETTLING_MS = 5_000

# The longest wait for Dagster to load the project.
PATIENCE_S = 180


def main(arguments: Sequence[str] | None = None) -> int:
    """Start Dagster's page, save the picture, end Dagster; gives the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--warehouse", type=Path, default=Path("warehouse"))
    warehouse = parser.parse_args(arguments).warehouse.resolve()
    with _dagster(warehouse) as address, launched(chromium()) as browser:
        page = browser.new_page(viewport=WINDOW)
        page.add_init_script(CHOICES)
        page.goto(f"{address}/asset-groups")
        page.locator("button:has([aria-label=zoom_in])").wait_for()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(SETTLING_MS)
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1e3:.0f} kB")
    return 0


@contextmanager
def _dagster(warehouse: Path) -> Iterator[str]:
    """Dagster's page of a warehouse, on a port that is free; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"CAMPAIGN_WAREHOUSE": str(warehouse), "DAGSTER_DISABLE_TELEMETRY": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.dev", "--port", str(port)],
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/server_info", process)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except URLError:
            time.sleep(1)
    raise RuntimeError(f"Dagster's page did not come up at {address}.")


if __name__ == "__main__":
    sys.exit(main())
