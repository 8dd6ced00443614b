"""The windows of the calendar in which a rule acts so often at most. Values alone.

A window is known by the instant at which it starts: whatever the clocks of its zone do, every
window is one span of time, and together they are all of it.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, tzinfo

from gamify_cli.domain import streaks
from gamify_cli.domain.instants import DAY, SECOND, Instant
from gamify_cli.domain.streaks import Calendar
from gamify_cli.errors import UsageError

REACH = 35 * DAY
"""How far before the participant's newest event one may lie to earn from a limited rule."""

_HOUR = 3_600
_PERIODS = {"day": "daily", "week": "weekly", "month": "monthly"}


class Windows:
    """How one zone cuts time into hours, days, weeks (from Monday) or months.

    An hour is that of the zone's wall clock; one that comes twice is two windows. Raises
    UsageError outside the years 1 to 9999.
    """

    def __init__(self, per: str, zone_name: str) -> None:
        self._zone: tzinfo = streaks.zone(zone_name) or UTC
        self._calendar = (
            None if per == "hour" else Calendar(_PERIODS[per], streaks.WEEKDAYS[0], self._zone)
        )

    def start_at(self, instant: Instant) -> Instant:
        """The first instant of the window in which an instant lies."""
        if self._calendar:
            return self._calendar.start(self._number(self._calendar, instant))
        second, first, shift = self._hour(instant)
        if self._shift(first) != shift:
            seconds = range(first, second + 1)
            first = seconds[bisect_left(seconds, True, key=lambda at: self._shift(at) == shift)]
        return first * SECOND

    def end_at(self, instant: Instant) -> Instant:
        """The first instant of the window after it."""
        if self._calendar:
            return self._calendar.start(self._number(self._calendar, instant) + 1)
        second, first, shift = self._hour(instant)
        end = first + _HOUR
        if self._shift(end - 1) != shift:
            seconds = range(second, end)
            end = seconds[bisect_left(seconds, True, key=lambda at: self._shift(at) != shift)]
        return end * SECOND

    def _number(self, calendar: Calendar, instant: Instant) -> int:
        number = calendar.number_at(instant)
        # Clocks that go back just after midnight show the day before once more.
        return number + (calendar.start(number + 1) <= instant)

    def _hour(self, instant: Instant) -> tuple[int, int, int]:
        """The instant, where its hour would start if the clocks had not moved, and their shift.

        All in seconds.
        """
        second = instant // SECOND
        shift = self._shift(second)
        return second, second - (second + shift) % _HOUR, shift

    def _shift(self, second: int) -> int:
        """By how many seconds the zone's clocks were ahead of UTC."""
        try:
            offset = datetime.fromtimestamp(second, self._zone).utcoffset()
        except (ValueError, OverflowError):
            raise UsageError("a time must lie in the years 1 to 9999 of its zone") from None
        return round(offset.total_seconds()) if offset else 0
