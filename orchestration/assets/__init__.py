"""What Dagster shows and runs: the raw tables, the models, the published warehouse, the pages."""

import dagster as dg

from orchestration.assets.checks import files_are_fresh, volume_is_usual
from orchestration.assets.dashboard import dashboard
from orchestration.assets.published import build_published_asset, published_postgres
from orchestration.assets.raw import build_raw_asset
from orchestration.assets.transform import build_models_asset
from orchestration.jobs import console, nightly, nightly_schedule
from orchestration.new_files import new_files_sensor
from orchestration.night import night
from orchestration.transform.dbt import Dbt


def build_definitions(dbt: Dbt, *, to_postgres: bool = False) -> dg.Definitions:
    """Everything that Dagster knows of, for a parsed dbt project.

    to_postgres: whether nights are published to PostgreSQL, too.
    """
    manifest = dbt.manifest()
    models = build_models_asset(dbt, manifest)
    published = [build_published_asset(manifest, models), dashboard]
    if to_postgres:
        published.append(published_postgres)
    return dg.Definitions(
        assets=[build_raw_asset(manifest), models, *published],
        asset_checks=[files_are_fresh, volume_is_usual],
        jobs=[nightly],
        schedules=[nightly_schedule],
        sensors=[new_files_sensor],
        resources={"night": night},
        loggers={"console": console},
        executor=dg.in_process_executor,
    )
