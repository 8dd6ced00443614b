"""Points in time as whole microseconds since 1970-01-01T00:00:00Z, and their texts.

One integer form everywhere inside: it compares, sorts and indexes alike in every store.
Range: the years 1 to 9999.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from gamify_cli.errors import UsageError

Instant = int

SECOND = 1_000_000
DAY = 86_400 * SECOND
LAST = 253_402_300_799 * SECOND
"""The last second of the year 9999."""

FIRST = -62_135_596_800 * SECOND
"""The first second of the year 1."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_AGO = r"(\d{1,6})([smhdw])"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_STAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}(?P<time>[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,30})?([Zz]|[+-]\d{2}:\d{2})?)?"
)


def of(moment: datetime) -> Instant:
    """The instant of an aware datetime."""
    return (moment - _EPOCH) // _MICROSECOND


def text(instant: Instant) -> str:
    """RFC 3339 in UTC with `Z`, whole seconds: the form of every body (source: seed)."""
    # Every profile has several, and most fall on days that were told before.
    days, seconds = divmod(instant // SECOND, 86_400)
    minutes, seconds = divmod(seconds, 60)
    return f"{_date(days)}T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}Z"


@lru_cache(maxsize=4_096)
def _date(days: int) -> str:
    """The date so many days after the epoch."""
    return (_EPOCH + timedelta(days)).date().isoformat()


def is_one(value: int) -> bool:
    """Whether an integer is an instant in the range."""
    return FIRST <= value < LAST + SECOND


def text_or_none(instant: Instant | None) -> str | None:
    """The same for an instant that may never have come."""
    return None if instant is None else text(instant)


def parse(value: str, now: Instant) -> Instant:
    """An instant from what `parse_stamp` takes, `now`, or an age such as `2h` or `7d`.

    Raises UsageError.
    """
    value = value.strip()
    if value == "now":
        return now
    try:
        if ago := re.fullmatch(_AGO, value):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])}) // _MICROSECOND
        return _stamp(value)
    except (ValueError, OverflowError):
        raise UsageError(
            f'"{value}" is not a time',
            hint="give RFC 3339 (2026-02-14T10:00:00Z), a date, now, or an age such as 2h or 7d",
        ) from None


def parse_stamp(value: str) -> Instant:
    """An instant from RFC 3339 or a date, as requests carry it; raises UsageError.

    A text without an offset is UTC (source: vendor).
    """
    try:
        return _stamp(value)
    except (ValueError, OverflowError):
        raise UsageError(
            f'"{value}" is not a time', hint="give RFC 3339 (2026-02-14T10:00:00Z) or a date"
        ) from None


def parse_bound(value: str, now: Instant) -> Instant:
    """Like `parse`, for the end of a range: whole seconds mean the end of that second."""
    instant = parse(value, now)
    return instant + SECOND - 1 if instant % SECOND == 0 and value.strip() != "now" else instant


def _stamp(value: str) -> Instant:
    if not _STAMP.fullmatch(value):
        raise ValueError
    moment = datetime.fromisoformat(value.upper())
    instant = of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    if not is_one(instant):
        raise ValueError
    return instant
