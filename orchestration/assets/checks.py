"""Checks on what arrived: they warn, they never keep a night from being published."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from orchestration.night import Night
from orchestration.state import read_lines

LEDGER = dg.AssetKey(["raw", "ledger"])
# With fewer loads behind it, a median says nothing about what is usual.
LOADS_TO_COMPARE = 5
LOADS_LOOKED_BACK = 30
# Weekends bring a third of a working day; a tenth is a source that broke off.
USUAL_SHARE = 0.1


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


@dg.asset_check(asset=LEDGER, description="The load brought about as many rows as loads do.")
def volume_is_usual(night: dg.ResourceParam[Night]) -> dg.AssetCheckResult:
    """Warn where this load brought less than a tenth of the rows that a load usually brings."""
    rows, usual = compare_volume(read_lines(night.settings.ledger), night.run_id)
    return dg.AssetCheckResult(
        passed=usual is None or rows >= USUAL_SHARE * usual,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{rows} rows came in; usual are {usual if usual is not None else 'unknown'}.",
        metadata={"rows": rows},
    )


def newest_load(ledger_lines: Iterable[Mapping[str, Any]]) -> datetime | None:
    """When the newest file was loaded, in UTC."""
    loaded = [line["loaded_at"] for line in ledger_lines if line["status"] == "loaded"]
    return datetime.fromisoformat(max(loaded)).astimezone(UTC) if loaded else None


def compare_volume(
    ledger_lines: Iterable[Mapping[str, Any]], run_id: str
) -> tuple[int, float | None]:
    """The rows of the run's files, and the median of earlier runs' (None: too few to tell)."""
    rows: defaultdict[str, int] = defaultdict(int)
    for line in ledger_lines:
        if line["status"] == "loaded":
            rows[line["run_id"]] += line["rows_in"]
    this = rows.pop(run_id, 0)
    earlier = list(rows.values())[-LOADS_LOOKED_BACK:]
    return this, statistics.median(earlier) if len(earlier) >= LOADS_TO_COMPARE else None
