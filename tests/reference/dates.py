"""Calendar dates of instants in the report's time zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


class Calendar:
    """Dates of naive UTC instants in one time zone."""

    def __init__(self, report_timezone: str) -> None:
        self._zone = ZoneInfo(report_timezone)

    def date_of(self, instant: datetime) -> date:
        """The calendar date of an instant."""
        try:
            return instant.replace(tzinfo=UTC).astimezone(self._zone).date()
        except OverflowError:  # the first and the last day that datetime knows
            return instant.date()
