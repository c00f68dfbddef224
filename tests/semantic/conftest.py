"""The semantic layer over the sample's published marts."""

from pathlib import Path

import pytest

from orchestration.metric import SemanticLayer
from orchestration.settings import Settings


@pytest.fixture(scope="session")
def layer(sample_warehouse: Path) -> SemanticLayer:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CAMPAIGN_WAREHOUSE", str(sample_warehouse))
        found = SemanticLayer(Settings.from_environment())
    found.marts.connection.execute("use wh.marts")
    return found
