"""Telling somebody that a night failed."""

from __future__ import annotations

import json
import urllib.request

from orchestration.settings import Settings

# A webhook that doesn't answer must not keep a failed run from ending.
TIMEOUT_SECONDS = 10


def post_alert(settings: Settings, run_id: str, message: str) -> str | None:
    """Post a message to CAMPAIGN_ALERT_URL, if there is one; returns what went wrong, if anything.

    The body is JSON with `text`, as chat services take it, and `run_id`.
    """
    if not settings.alert_url:
        return None
    request = urllib.request.Request(
        settings.alert_url,
        data=json.dumps({"text": f"Campaign warehouse: {message}", "run_id": run_id}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            return None
    except OSError as error:
        return f"The alert could not be posted ({error}): check CAMPAIGN_ALERT_URL."
