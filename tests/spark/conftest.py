"""What tests with a Spark session share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The session of this process, as a build on Spark has it."""
    pytest.importorskip("pyspark", reason="Spark has an environment of its own")
    from orchestration.spark.session import start_session

    session = start_session(tmp_path_factory.mktemp("spark"), cores=2, memory="2g")
    yield session
    session.stop()
