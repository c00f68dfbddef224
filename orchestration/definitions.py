"""What Dagster loads: `dagster dev -m orchestration.definitions`, and the main command."""

from orchestration.assets import build_definitions
from orchestration.settings import Settings
from orchestration.transform.dbt import Dbt

settings = Settings.from_environment()
defs = build_definitions(Dbt(settings), to_postgres=bool(settings.postgres_url))
