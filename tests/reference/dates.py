"""Calendar dates of instants in the report's time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class Calendar:
    """Dates of naive UTC instants in one time zone."""

    def __init__(self, report_timezone: str) -> None:
        self._zone = ZoneInfo(report_timezone)

    def local(self, instant: datetime) -> datetime:
        """What the zone's clocks show at an instant."""
        try:
            return instant.replace(tzinfo=UTC).astimezone(self._zone).replace(tzinfo=None)
        except OverflowError:  # the first and the last day that datetime knows
            return instant

    def date_of(self, instant: datetime) -> date:
        """The calendar date of an instant."""
        return self.local(instant).date()

    def start_of(self, day: date) -> datetime:
        """The first instant of a calendar date."""
        try:
            midnight = datetime(day.year, day.month, day.day, tzinfo=self._zone)
            return midnight.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            return datetime(day.year, day.month, day.day)

    def end_of(self, day: date) -> datetime:
        """The first instant after a calendar date."""
        return datetime.max if day == date.max else self.start_of(day + timedelta(days=1))
