"""Checks on what arrived, as Dagster shows them: they warn. What stops a night is its build."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from orchestration.night import Night
from orchestration.state import read_lines

LEDGER = dg.AssetKey(["raw", "ledger"])


@dg.asset_check(asset=LEDGER, description="A new file came lately (CAMPAIGN_FRESH_HOURS).")
def files_are_fresh(night: dg.ResourceParam[Night]) -> dg.AssetCheckResult:
    """Warn where the newest loaded file is older than CAMPAIGN_FRESH_HOURS."""
    newest = newest_load(read_lines(night.settings.ledger))
    limit = timedelta(hours=night.settings.fresh_hours)
    passed = newest is not None and datetime.now(UTC) - newest <= limit
    return dg.AssetCheckResult(
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"The newest file was loaded at {newest}." if newest else "No file was loaded.",
    )


@dg.asset_check(asset=LEDGER, description="As many rows came in as usually do.")
def volume_is_usual(night: dg.ResourceParam[Night]) -> dg.AssetCheckResult:
    """Warn where what came in is less than a tenth of the usual: it isn't published unasked."""
    found = night.volumes()
    return dg.AssetCheckResult(
        passed=not any(volume.is_low for volume in found),
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(map(str, found)) or "No file came in.",
        metadata={volume.table or "all": volume.rows for volume in found},
    )


def newest_load(ledger_lines: Iterable[Mapping[str, Any]]) -> datetime | None:
    """When the newest file was loaded, in UTC."""
    loaded = [line["loaded_at"] for line in ledger_lines if line["status"] == "loaded"]
    return datetime.fromisoformat(max(loaded)).astimezone(UTC) if loaded else None
