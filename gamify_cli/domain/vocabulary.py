"""Limits and checks of single values; every surface calls these same functions."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import SplitResult, urlsplit

from gamify_cli.domain import jsontext
from gamify_cli.errors import UsageError, nearest

MAX_ID = 255
MAX_NAME = 255
MAX_URL = 500
MAX_REASON = 500
MAX_AMOUNT = 1_000_000
MAX_EVENT = 100
MAX_DESCRIPTION = 2_000
MAX_REWARD_CODE = 200
MAX_BODY = 1024 * 1024
MAX_BATCH = 100

SECTIONS = ("points", "tier", "badges", "streaks", "challenges", "rewards")
"""The sections of a participant's state, in their documented order (source: seed)."""

PERIODS = ("all_time", "yearly", "monthly", "weekly", "daily")
"""The windows of leaderboards."""

ON_SHORT = ("refuse", "clamp")
"""What undo does where points are spent that it would take back."""
RANKINGS = ("competition", "dense")
"""How ranks go on after participants who are level."""

REWARD_TYPES = ("coupon", "voucher", "physical", "digital", "points_multiplier")
"""Labels of rewards, without effect on points."""

KEY = r"[A-Za-z0-9_\-:.]{1,255}"
"""An idempotency key (source: vendor)."""

NO_NUL = r"^[^\u0000]*$"
"""Text that any store can keep."""

_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.\-]+(/[!#-Z^-~]*)?")
"""What most URLs are; none of them needs a closer look."""

CODE = r"[a-z0-9_.\-]{1,50}"
"""The code of a definition."""


def participant_id(value: str) -> str:
    """An id of 1 to 255 code points: no control characters, not `.` or `..` (source: vendor)."""
    if not value:
        raise UsageError("a participant id must not be empty")
    if len(value) > MAX_ID:
        raise UsageError(
            f"a participant id has at most {MAX_ID} characters, this one {len(value):,}"
        )
    if value in (".", ".."):
        raise UsageError(f'"{value}" cannot be a participant id')
    if value.isascii() and value.isprintable():
        return value
    for character in value:
        category = unicodedata.category(character)
        if category == "Cs":
            raise UsageError(f'participant id "{value}" is not UTF-8')
        if category == "Cc":
            raise UsageError(
                f'participant id "{value}" holds the control character U+{ord(character):04X}',
                hint="strip the carriage returns: tr -d '\\r'" if character == "\r" else None,
            )
    return value


def plain_text(value: str, what: str, limit: int) -> str:
    """Text of at most `limit` code points that any store can keep."""
    if len(value) > limit:
        raise UsageError(f"{what} has at most {limit} characters, this one {len(value):,}")
    if "\0" in value:
        raise UsageError(f"{what} must not hold the character U+0000")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UsageError(f"{what} is not valid Unicode text") from None
    return value


def display_name(value: str) -> str:
    """A name of at most 255 code points (source: vendor)."""
    return plain_text(value, "display_name", MAX_NAME)


def avatar_url(value: str) -> str:
    """An absolute http or https URL of at most 500 code points."""
    if len(value) <= MAX_URL and _PLAIN_URL.fullmatch(value):
        return value
    plain_text(value, "avatar_url", MAX_URL)
    if not web_url(value) or any(c.isspace() or unicodedata.category(c) == "Cc" for c in value):
        raise UsageError(f'avatar_url must be an absolute http or https URL, not "{value}"')
    return value


def amount(value: Any) -> int:
    """Points of one award or deduction: an integer from 1 to 1,000,000, neither true nor 1.0."""
    if type(value) is not int or not 1 <= value <= MAX_AMOUNT:
        shown = jsontext.compact(value)[:40]
        raise UsageError(f"an amount is an integer from 1 to {MAX_AMOUNT:,}, not {shown}")
    return value


def code(value: str) -> str:
    """A code of 1 to 50 characters out of small letters, digits and `_.-`."""
    if not re.fullmatch(CODE, value):
        raise UsageError(f'a code has 1 to 50 of the characters a-z 0-9 _ . -, not "{value}"')
    return value


def event_name(value: str) -> str:
    """The name of an event: 1 to 100 code points."""
    if not value:
        raise UsageError("an event name must not be empty")
    return plain_text(value, "an event name", MAX_EVENT)


def reason(value: str) -> str:
    """Why an operator did something: at most 500 code points."""
    return plain_text(value, "reason", MAX_REASON)


def metadata(value: Any) -> dict[str, Any]:
    """Free members of an interaction, within the limits of attributes."""
    return jsontext.check_object(value, "metadata")


def reward_code(value: str) -> str:
    """A code that a claim hands out: 1 to 200 code points without control characters."""
    if not value:
        raise UsageError("a reward code must not be empty")
    plain_text(value, "a reward code", MAX_REWARD_CODE)
    for character in value:
        if unicodedata.category(character) == "Cc":
            raise UsageError(
                f"a reward code must not hold the control character U+{ord(character):04X}"
            )
    return value


def properties(value: Any) -> dict[str, Any]:
    """What an event brings, within the limits of attributes."""
    return jsontext.check_object(value, "properties")


def idempotency_key(value: str) -> str:
    """A key of 1 to 255 characters out of letters, digits and `_-:.` (source: vendor)."""
    if not re.fullmatch(KEY, value):
        raise UsageError("an idempotency key has 1 to 255 of the characters A-Z a-z 0-9 _ - : .")
    return value


def item_key(key: str | None, number: int) -> str | None:
    """The key of item n of several under one, KEY.n; raises UsageError if it is too long."""
    return None if key is None else idempotency_key(f"{key}.{number}")


def web_url(value: str) -> SplitResult | None:
    """The parts of an absolute http or https URL, None for any other text."""
    try:
        url = urlsplit(value)
        sound = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        return None
    return url if sound else None


def sections(value: str) -> tuple[str, ...]:
    """The state sections named in a comma-separated text, in the documented order."""
    wanted = [name.strip() for name in value.split(",")]
    for name in wanted:
        if name not in SECTIONS:
            problem = f'unknown section "{name}"' if name else "empty section name"
            raise UsageError(
                f"{problem} in include; valid are {', '.join(SECTIONS)}",
                hint=nearest(name, SECTIONS),
            )
    return tuple(name for name in SECTIONS if name in wanted)
