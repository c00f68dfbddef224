"""What Dagster shows and runs: the raw tables, the models, the published warehouse, the pages."""

import dagster as dg

from orchestration.assets.checks import files_are_fresh, volume_is_usual
from orchestration.assets.dashboard import dashboard
from orchestration.assets.published import build_published_asset
from orchestration.assets.raw import build_raw_asset
from orchestration.assets.transform import build_models_asset
from orchestration.jobs import console, nightly, nightly_schedule
from orchestration.new_files import new_files_sensor
from orchestration.night import night
from orchestration.transform.dbt import Dbt


def build_definitions(dbt: Dbt) -> dg.Definitions:
    """Everything that Dagster knows of, for a parsed dbt project."""
    manifest = dbt.manifest()
    models = build_models_asset(dbt, manifest)
    return dg.Definitions(
        assets=[
            build_raw_asset(manifest),
            models,
            build_published_asset(manifest, models),
            dashboard,
        ],
        asset_checks=[files_are_fresh, volume_is_usual],
        jobs=[nightly],
        schedules=[nightly_schedule],
        sensors=[new_files_sensor],
        resources={"night": night},
        loggers={"console": console},
        executor=dg.in_process_executor,
    )
