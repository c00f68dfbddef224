"""The job `nightly`, when it runs, and who is told when it fails."""

import json
import logging
import urllib.request

import dagster as dg

from orchestration.progress import say
from orchestration.settings import Settings

# A webhook that doesn't answer must not keep a failed run from ending.
ALERT_TIMEOUT_SECONDS = 10


@dg.failure_hook(name="alert")
def alert(context: dg.HookContext) -> None:
    """Post what failed to CAMPAIGN_ALERT_URL, if there is one."""
    url = Settings.from_environment().alert_url
    if not url:
        return
    text = f"Campaign warehouse: {context.op.name} failed. {context.op_exception}"
    request = urllib.request.Request(
        url,
        data=json.dumps({"text": text, "run_id": context.run_id}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=ALERT_TIMEOUT_SECONDS):
            pass
    except OSError as error:
        context.log.warning(f"The alert could not be posted ({error}): check CAMPAIGN_ALERT_URL.")


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
