"""How much came in, beside what usually does: a source that broke off shows in the rows.

A night is judged by the rows of all files that were loaded since the last night that was published,
so that what a stopped night has loaded counts again in the next one. It passes once enough came. A
night without such files has nothing to be judged by.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestration.errors import AuditFailedError
from orchestration.state import Run

# With fewer loads behind it, a median says nothing about what is usual.
LOADS_TO_COMPARE = 5
LOADS_LOOKED_BACK = 30
# Weekends bring a third of a working day; less than a tenth is a source that broke off.
LEAST_PART = 10

# It comes every night in about equal parts. Other tables come as corrections or as whole exports,
# and among the rows of these an event stream that broke off wouldn't show.
JUDGED_ALONE = "events"


@dataclass(frozen=True)
class Volume:
    """The rows to be published for the first time, of a table or (None) of all.

    usual is the median of the rows of loads, None where too few loads have gone before.
    """

    table: str | None
    rows: int
    usual: float | None

    @property
    def is_low(self) -> bool:
        """Whether it is less than a tenth of the usual."""
        return self.usual is not None and self.rows * LEAST_PART < self.usual

    def __str__(self) -> str:
        what = f"rows of {self.table}" if self.table else "rows"
        usual = "unknown" if self.usual is None else f"{self.usual:,.0f}"
        return f"{self.rows:,} {what} came in since the last published night; usual are {usual}"


def volumes(
    ledger_lines: Iterable[Mapping[str, Any]], run_id: str, last_published: Run | None
) -> list[Volume]:
    """What the run would publish for the first time, in all and of the events.

    run_id is the run's own; last_published is the newest run before it that was published. Tables
    of which no file came are left out.
    """
    loaded = [line for line in ledger_lines if line["status"] == "loaded"]
    found = (_volume(loaded, table, run_id, last_published) for table in (None, JUDGED_ALONE))
    return [volume for volume in found if volume is not None]


def _volume(
    loaded: Iterable[Mapping[str, Any]], table: str | None, run_id: str, last_published: Run | None
) -> Volume | None:
    own = [line for line in loaded if table in (None, line["table_name"])]
    new = [line for line in own if _is_new(line, last_published)]
    if not new:
        return None
    by_load: defaultdict[str, int] = defaultdict(int)
    for line in own:
        by_load[line["run_id"]] += line["rows_in"]
    by_load.pop(run_id, None)
    earlier = list(by_load.values())[-LOADS_LOOKED_BACK:]
    usual = statistics.median(earlier) if len(earlier) >= LOADS_TO_COMPARE else None
    return Volume(table, sum(line["rows_in"] for line in new), usual)


def _is_new(line: Mapping[str, Any], last_published: Run | None) -> bool:
    """Whether a file was loaded after the last published run had loaded its own."""
    if last_published is None:
        return True
    began = datetime.fromisoformat(last_published.started_at)
    is_its_own = line["run_id"] == last_published.run_id
    return not is_its_own and datetime.fromisoformat(line["loaded_at"]) > began


def judge(found: Iterable[Volume], *, is_low_allowed: bool) -> None:
    """Return where the rows may be published.

    Raises AuditFailedError where they are fewer than a tenth of the usual and that isn't allowed.
    """
    low = next((volume for volume in found if volume.is_low), None)
    if low is not None and not is_low_allowed:
        raise AuditFailedError(
            f"Only {low}: look at what the sources deliver, or set CAMPAIGN_ALLOW_LOW_VOLUME=1 to "
            "publish it. Nothing is lost: it is loaded, and counts in the next run too; the last "
            "good night stays published."
        )
