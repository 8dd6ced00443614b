"""The windows of the calendar in which a rule acts so often at most. Values alone.

Windows of a length have numbers, each one more than that of the window before.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from gamify_cli.domain import streaks
from gamify_cli.domain.instants import DAY, SECOND, Instant
from gamify_cli.domain.streaks import Calendar

REACH = 35 * DAY
"""How far before the participant's newest event one may lie to earn from a limited rule."""

_HOUR = 3_600
_PERIODS = {"day": "daily", "week": "weekly", "month": "monthly"}


class Windows:
    """How one zone cuts time into hours, days, weeks (from Monday) or months."""

    def __init__(self, per: str, zone_name: str) -> None:
        self._zone: tzinfo = streaks.zone(zone_name) or UTC
        self._calendar = (
            None if per == "hour" else Calendar(_PERIODS[per], streaks.WEEKDAYS[0], self._zone)
        )

    def number_at(self, instant: Instant) -> int:
        """The window in which an instant lies. Raises UsageError outside the years 1 to 9999."""
        if self._calendar:
            return self._calendar.number_at(instant)
        return (instant // SECOND + self._shift(instant)) // _HOUR

    def end_at(self, instant: Instant) -> Instant:
        """The first instant of the window after the one in which an instant lies."""
        after = self.number_at(instant) + 1
        if self._calendar:
            return self._calendar.start(after)
        return (after * _HOUR - self._shift(instant)) * SECOND

    def _shift(self, instant: Instant) -> int:
        """By how many seconds the hours of the zone begin before those of UTC.

        A wall clock's hour that comes twice is two windows.
        """
        try:
            offset = datetime.fromtimestamp(instant // SECOND, self._zone).utcoffset()
        except (ValueError, OverflowError):
            return 0
        return 0 if offset is None else offset.seconds % _HOUR
