"""The published warehouse, as files and in PostgreSQL: what analysts read."""

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg
import duckdb

from orchestration.erasure import Erasure
from orchestration.errors import AuditFailedError, StorageError
from orchestration.failures import find_warehouse_error, one_line
from orchestration.night import Night, told_plainly
from orchestration.publish.copy import MARTS, copy_marts
from orchestration.publish.files import PublishedFolder
from orchestration.publish.postgres import publish_to_postgres
from orchestration.state import noted_run, noted_stamps

KEY = dg.AssetKey(["published", "warehouse"])
POSTGRES_KEY = dg.AssetKey(["published", "postgres"])


def build_published_asset(
    manifest: Mapping[str, Any], models: dg.AssetsDefinition
) -> dg.AssetsDefinition:
    """The asset of the published files, behind every mart."""
    marts = [key for key in sorted(models.keys) if key.path[0] == MARTS]

    @dg.asset(
        key=KEY,
        deps=marts or sorted(models.keys),
        group_name="published",
        kinds={"duckdb", "parquet"},
        description="The marts of the last good night, in files that nobody changes.",
    )
    def publish(
        context: dg.AssetExecutionContext, night: dg.ResourceParam[Night]
    ) -> dg.MaterializeResult:
        with told_plainly():
            return dg.MaterializeResult(metadata=publish_night(night, manifest, context.log.info))

    return publish


def publish_night(
    night: Night, manifest: Mapping[str, Any], say: Callable[[str], None]
) -> dict[str, Any]:
    """Publish the night's marts; returns what there is to know about it.

    Raises AuditFailedError where the run didn't audit its build, StorageError where the files can't
    be written; in both cases the links stay as they were.
    """
    settings = night.settings
    run = noted_run(settings, night.run_id)
    if run is None or not run.is_published:
        raise AuditFailedError(
            "Only an audited build is published: run the whole job `nightly`, not a part of it."
        )
    folder = PublishedFolder(settings.published, noted_stamps(settings))
    try:
        settings.published.mkdir(parents=True, exist_ok=True)
        folder.discard_unfinished()
        database, parquet = folder.unfinished(run.stamp)
        tables = copy_marts(settings.build_file, database, parquet, manifest, settings.memory_limit)
        folder.finish(run.stamp)
    except BaseException as error:
        folder.discard(run.stamp)
        if not isinstance(error, OSError | duckdb.Error):
            raise
        raise find_warehouse_error(error) or StorageError(
            f"The marts could not be published ({one_line(error)}): "
            "run again with --full-refresh; the last good night stays published."
        ) from error
    say(f"Published {len(tables)} tables as {folder.database(run.stamp).name}.")
    Erasure(settings, say).remove_outdated(folder, run.stamp)
    removed = folder.prune(settings.keep_published)
    if removed:
        say(f"  removed {len(removed)} older than the last {settings.keep_published}")
    return {"tables": len(tables), "path": str(folder.database(run.stamp))}


@dg.asset(
    key=POSTGRES_KEY,
    deps=[KEY],
    group_name="published",
    kinds={"postgres"},
    description="The published marts in the database of CAMPAIGN_POSTGRES_URL.",
)
def published_postgres(
    context: dg.AssetExecutionContext, night: dg.ResourceParam[Night]
) -> dg.MaterializeResult:
    """Publish the linked night to PostgreSQL, too."""
    settings = night.settings
    with told_plainly():
        rows = publish_to_postgres(
            PublishedFolder(settings.published).current,
            settings.postgres_url,
            settings.postgres_readers,
        )
    context.log.info(f"Published {len(rows)} tables to PostgreSQL.")
    return dg.MaterializeResult(metadata={"tables": len(rows), "rows": sum(rows.values())})
