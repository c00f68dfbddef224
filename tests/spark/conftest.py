"""What the tests of Spark share: a session, and one night of the bundled sample, built by Spark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import PROJECT, run_command

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The session of this process, as a build on Spark has it."""
    pytest.importorskip("pyspark", reason="Spark is in .venv-spark: make test-spark")
    from orchestration.spark.session import start_session

    session = start_session(tmp_path_factory.mktemp("spark"), master="local[2]", memory_limit="2GB")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def spark_warehouse(sample_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that the main command built once from the bundled sample, with Spark.

    The same people were forgotten under the same pseudonyms as in sample_warehouse.
    """
    warehouse = tmp_path_factory.mktemp("spark") / "warehouse"
    done = run_command(
        "orchestration.run",
        CAMPAIGN_ENGINE="spark",
        CAMPAIGN_LANDING=str(PROJECT / "seeds" / "sample"),
        CAMPAIGN_WAREHOUSE=str(warehouse),
        CAMPAIGN_ERASURE_KEY=(sample_warehouse / ".erasure_key")
        .read_text(encoding="ascii")
        .strip(),
        CAMPAIGN_DASHBOARD="1",
        timeout=3600,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stderr == ""
    return warehouse
