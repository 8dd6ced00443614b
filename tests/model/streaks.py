"""What the rules promise of time: windows of the calendar in UTC, and streaks cut by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def text(at: datetime) -> str:
    """A time as every answer writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def window(at: datetime, per: str) -> tuple[datetime, datetime]:
    """The hour, day, week from Monday or month that a time lies in, and where it ends."""
    if per == "hour":
        start = at.replace(minute=0, second=0, microsecond=0)
        return start, start + HOUR
    day = datetime(at.year, at.month, at.day, tzinfo=UTC)
    if per == "day":
        return day, day + DAY
    if per == "week":
        monday = day - at.weekday() * DAY
        return monday, monday + 7 * DAY
    return day.replace(day=1), (day.replace(day=1) + 31 * DAY).replace(day=1)


@dataclass
class Streak:
    """The periods that one participant ticked or had saved, as a mark for each.

    A period has a number, one more than that of the period before. "t" is a tick, "f" a missed
    period that a freeze paid for, "r" one that was restored. What grace saves has no mark.
    """

    days: int
    grace: int
    full: int
    every: int | None
    stock: int = field(init=False)
    marks: dict[int, str] = field(default_factory=dict)
    ticks: int = 0
    longest: int = 0
    latest: datetime = LONG_AGO

    def __post_init__(self) -> None:
        self.stock = self.full

    def period(self, at: datetime) -> int:
        # Day 1 of the calendar is a Monday.
        return (at.toordinal() - 1) // self.days

    def tick(self, at: datetime) -> bool:
        """Whether the tick was the first of its period."""
        period, old = self.period(at), self.marks.get(self.period(at))
        if old == "t":
            return False
        frozen = [*range(max(self.marks, default=period) + 1, period)][self.grace :]
        if len(frozen) <= self.stock:
            self.marks |= dict.fromkeys(frozen, "f")
            self.stock -= len(frozen)
        self.marks[period] = "t"
        self.ticks += 1
        self.refill(old == "f")
        self.refill(self.every is not None and self.ticks % self.every == 0)
        self.latest = max(at, self.latest)
        self.longest = max(self.longest, *self.runs())
        return True

    def refill(self, one: bool) -> None:
        self.stock = min(self.full, self.stock + one)

    def restore(self, now: datetime) -> None:
        if self.has_lapsed(now):
            self.marks |= dict.fromkeys(range(max(self.marks) + 1, self.period(now)), "r")
        self.stock = self.full

    def runs(self) -> list[int]:
        """The ticks of each run, oldest first; runs are what more than grace lies between."""
        marked = sorted(self.marks)
        counts = [0]
        for before, period in pairwise([marked[0], *marked]):
            if period - before - 1 > self.grace:
                counts.append(0)
            counts[-1] += self.marks[period] == "t"
        return counts

    def missed(self, now: datetime) -> int:
        """The periods that ended since the last mark."""
        return self.period(now) - max(self.marks) - 1

    def has_lapsed(self, now: datetime) -> bool:
        return self.missed(now) > self.grace + self.stock

    def is_at_risk(self, now: datetime) -> bool:
        return self.missed(now) == self.grace + self.stock

    def current(self, now: datetime) -> int:
        return 0 if self.has_lapsed(now) else self.runs()[-1]
