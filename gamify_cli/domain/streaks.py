"""Streaks: how time is cut into periods, and what is kept of one streak. Values alone.

A period has a number, one more than that of the period before: a day, a week or a month of
the calendar in some zone, however many hours it has. Each period of the last 400 days has a
mark, one character. In the row a run of equal marks is its length and the character, so that
a year of ticks is `365t`: what is kept does not grow with the history.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from gamify_cli.domain import instants
from gamify_cli.domain.instants import DAY, SECOND, Instant
from gamify_cli.errors import UsageError

TICKED, GRACED, FROZEN, RESTORED = "t", "g", "f", "r"
"""Marks that hold a run together: a tick, or a missed period and what covers it."""

MISSED, ABSENT = ".", "s"
"""A period missed for good; a day that its zone skipped, so that nobody could miss it."""

LATE_DAYS = 400
"""How many days before the latest tick a late one may be."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_REACH = LATE_DAYS + 2
"""Local dates may be two days further apart than instants are: zones differ by 26 hours."""

_LAST = instants.of(datetime.max.replace(tzinfo=UTC))
_NO_ZONE = ("localtime", "posixrules", "Factory", "posix/", "right/")
"""Files of a zone database that are no IANA zones, or not everywhere the same."""


class StreakState(NamedTuple):
    """What the row keeps of one streak; its members are those of the JSON object.

    `current` counts the ticks of the newest run as if it had not lapsed: from `lapses_at` on
    it reads 0, and from `at_risk_at` on it lapses unless a tick comes. `until` is the first
    day of the last period that has a mark (ISO 8601); `older` ticks of the first run came
    before the marks. `spent` freezes are missing from the stock.
    """

    last_recorded_at: Instant
    current: int = 0
    longest: int = 0
    at_risk_at: Instant = 0
    lapses_at: Instant = 0
    period: str = ""
    until: str = ""
    marks: str = ""
    older: int = 0
    ticks: int = 0
    spent: int = 0


class Calendar(NamedTuple):
    """How one zone cuts time: `period` is daily, weekly or monthly."""

    period: str
    week_starts: str
    zone: tzinfo

    def number_at(self, instant: Instant) -> int:
        """The period in which an instant lies. Raises UsageError outside the years 1 to 9999."""
        try:
            return self.number_of(datetime.fromtimestamp(instant // SECOND, self.zone).date())
        except (ValueError, OverflowError):
            raise UsageError("a time must lie in the years 1 to 9999 of its zone") from None

    def number_of(self, day: date) -> int:
        """The period of a local day."""
        if self.period == "daily":
            return day.toordinal()
        if self.period == "weekly":
            return (day.toordinal() - self._week_offset) // 7
        return day.year * 12 + day.month - 1

    def first_day(self, number: int) -> date:
        """Where a period begins; raises ValueError or OverflowError outside the calendar."""
        if self.period == "daily":
            return date.fromordinal(number)
        if self.period == "weekly":
            return date.fromordinal(max(1, number * 7 + self._week_offset))
        return date(number // 12, number % 12 + 1, 1)

    def start(self, number: int) -> Instant:
        """The first instant of a period; the end of time for one after the year 9999.

        A midnight that does not exist is the end of the hours skipped, one that comes twice
        is the first.
        """
        return _start(self, number)

    def start_after(self, number: int, count: int) -> Instant:
        """The first instant of the period that is `count` periods later."""
        found = number + count
        if self.period == "daily":
            found += max(0, count - self._days(number, found))
        return self.start(found)

    def between(self, after: int, before: int) -> str:
        """The marks of all periods between two: missed, but for days that the zone skipped."""
        apart = before - after
        if self.period != "daily" or apart < 2 or self._days(after, before) >= apart:
            return MISSED * (apart - 1)
        return "".join(
            ABSENT if self.start(number) == self.start(number + 1) else MISSED
            for number in range(after + 1, before)
        )

    def horizon(self, latest: int) -> int:
        """The earliest period that a late tick can fill, by the period of the latest tick."""
        first = self.first_day(latest).toordinal() - _REACH
        return self.number_of(date.fromordinal(max(1, first)))

    @property
    def _week_offset(self) -> int:
        # Day 1 of the calendar is a Monday.
        return 1 + WEEKDAYS.index(self.week_starts)

    def _days(self, one: int, other: int) -> int:
        """How many days passed between two, to the nearest: clocks move by hours."""
        return (self.start(other) - self.start(one) + DAY // 2) // DAY


class Marks(NamedTuple):
    """The marks of consecutive periods up to number `last`; `older` is that of the state.

    Runs are what lies between missed periods.
    """

    text: str
    last: int
    older: int = 0

    @property
    def first(self) -> int:
        """The number of the first period that has a mark."""
        return self.last - len(self.text) + 1

    @property
    def latest(self) -> int:
        """The number of the last period that was ticked, or else of the first."""
        return self.first + max(0, self.text.rfind(TICKED))

    def at(self, number: int) -> str:
        """The mark of a period; where none is kept, ticks that were counted stand for one."""
        if self.first <= number <= self.last:
            return self.text[number - self.first]
        return TICKED if number < self.first and self.older else MISSED

    def counts(self) -> list[int]:
        """The ticks of each run, the newest last."""
        counts = [run.count(TICKED) for run in self.text.split(MISSED)]
        counts[0] += self.older
        return counts

    def appended(self, marks: str) -> Marks:
        """With the marks of later periods."""
        return Marks(self.text + marks, self.last + len(marks), self.older)

    def filled(self, number: int, grace: int, calendar: Calendar) -> Marks:
        """With a tick in a period that is past; gaps beside it that grace bridges join runs."""
        text, first = self.text, self.first
        if number < first:
            text = MISSED + calendar.between(number, first) + text
            first = number
        left, right = text[: number - first], text[number - first + 1 :]
        past, coming = left.rstrip(MISSED + ABSENT), right.lstrip(MISSED + ABSENT)
        before = _bridge(left[len(past) :], grace)
        after = _bridge(right[: len(right) - len(coming)], grace)
        return self._replace(text=past + before + TICKED + after + coming)

    def trimmed(self, horizon: int, grace: int) -> Marks:
        """Without what no tick from the period `horizon` on can change or join."""
        past = self.text[: max(0, horizon - self.first)]
        if not past:
            return self
        rest = self.text[len(past) :]
        stem = past.rstrip(MISSED + ABSENT)
        gap = past[len(stem) :]
        if gap.count(MISSED) > grace:
            return self._replace(text=rest.lstrip(MISSED + ABSENT), older=0)
        # The last mark stays, for the run that it ends can still be joined.
        older = Marks(stem, 0, self.older).counts()[-1] - (stem[-1] == TICKED)
        return self._replace(text=stem[-1] + gap + rest, older=older)


@lru_cache(maxsize=4_096)
def _start(calendar: Calendar, number: int) -> Instant:
    """Kept, because many participants tick in the same periods."""
    try:
        first = calendar.first_day(number)
    except (ValueError, OverflowError):
        return _LAST
    return instants.of(datetime(first.year, first.month, first.day, tzinfo=calendar.zone))


class Standing(NamedTuple):
    """What follows from marks: the members of the state with these names."""

    current: int
    longest: int
    at_risk_at: Instant
    lapses_at: Instant
    until: str
    marks: str
    older: int


@lru_cache(maxsize=4_096)
def standing(marks: Marks, calendar: Calendar, grace: int, bearable: int) -> Standing:
    """How a streak stands that bears so many missed periods; kept, for many tick alike."""
    marks = marks.trimmed(calendar.horizon(marks.latest), grace)
    counts = marks.counts()
    return Standing(
        current=counts[-1],
        longest=max(counts),
        at_risk_at=calendar.start_after(marks.last, bearable + 1),
        lapses_at=calendar.start_after(marks.last, bearable + 2),
        until=calendar.first_day(marks.last).isoformat(),
        marks=pack(marks.text),
        older=marks.older,
    )


def pack(text: str) -> str:
    """Marks as the row keeps them."""
    return re.sub(r"(.)\1+", lambda run: f"{len(run[0])}{run[1]}", text)


@lru_cache(maxsize=4_096)
def unpack(packed: str) -> str:
    """Marks one by one."""
    return re.sub(r"(\d+)(.)", lambda run: run[2] * int(run[1]), packed)


def zone(name: object) -> tzinfo | None:
    """The zone of an IANA name; None if it is none."""
    return _zone(name) if isinstance(name, str) else None


@lru_cache(maxsize=1_024)
def _zone(name: str) -> tzinfo | None:
    # Plain reads load no zones: the row holds each streak's lapse.
    from zoneinfo import ZoneInfo

    if name.startswith(_NO_ZONE):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _bridge(gap: str, grace: int) -> str:
    return gap.replace(MISSED, GRACED) if gap.count(MISSED) <= grace else gap
