"""The job `nightly`, when it runs, and who is told when it fails."""

import logging

import dagster as dg

from orchestration.alerts import post_alert
from orchestration.progress import say
from orchestration.settings import Settings


@dg.failure_hook(name="alert")
def alert(context: dg.HookContext) -> None:
    """Post what failed; where the main command runs the job, that does."""
    error = context.op_exception
    description = getattr(error, "description", None) or error
    message = f"{context.op.name} failed. {description}"
    problem = post_alert(Settings.from_environment(), context.run_id, message)
    if problem:
        context.log.warning(problem)


class _OwnLines(logging.Handler):
    """Says what assets log; Dagster's own events stand in the UI, and failures are told once."""

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(record, "dagster_event", None) is None:
            meta = getattr(record, "dagster_meta", {})
            say(meta.get("orig_message") or record.getMessage())


@dg.logger
def console(context: dg.InitLoggerContext) -> logging.Logger:
    """Make the logger of a run."""
    logger = logging.Logger("campaign_warehouse", level=logging.INFO)
    logger.addHandler(_OwnLines())
    return logger


nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="Load what is new, build, audit, publish.",
    executor_def=dg.in_process_executor,
    hooks={alert},
)

nightly_schedule = dg.ScheduleDefinition(
    name="nightly_schedule",
    job=nightly,
    cron_schedule="0 3 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every night at 3:00 UTC, once it is turned on.",
)
