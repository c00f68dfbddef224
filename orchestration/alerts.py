"""Telling somebody that a night failed."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request

from orchestration.settings import Settings

# A webhook that doesn't answer must not keep a failed run from ending.
TIMEOUT_SECONDS = 10


def post_alert(settings: Settings, run_id: str, message: str) -> str | None:
    """Post a message to CAMPAIGN_ALERT_URL, if there is one; returns what went wrong, if anything.

    The body is JSON with `text`, as chat services take it, and `run_id`. What is returned never has
    the path or the query of the address, which often hold a token.
    """
    if not settings.alert_url:
        return None
    try:
        request = urllib.request.Request(
            settings.alert_url,
            data=json.dumps({"text": f"Campaign warehouse: {message}", "run_id": run_id}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            return None
    # An address that is none shows as another error each: a port, a blank, a letter, a label.
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"The alert could not be posted ({_reason(error)}): check CAMPAIGN_ALERT_URL."


def _reason(error: Exception) -> str:
    """What went wrong, without the error's own words: they may quote the address."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP status {error.code}"
    cause = getattr(error, "reason", error)
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause if isinstance(cause, Exception) else error).__name__
