"""How lists of participants are tested and sorted, as words that every surface takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gamify_cli.errors import UsageError, nearest

NUMBERS = (
    "balance",
    "total_earned",
    "total_spent",
    "total_events",
    "rewards_claimed",
    "version",
)
SORT_KEYS = ("participant_id", "display_name", "tier", "first_seen_at", "last_seen_at", *NUMBERS)
MAX_TESTS = 50

Condition = tuple[str, str, int]
"""A field, a sign and a number."""

TEST = r"\s*(\w+)\s*(!=|<=|>=|=|<|>)\s*(-?\d{1,18})\s*"


def condition(text: str, what: str = "where") -> Condition:
    """`balance>=1000` as a test; raises UsageError, in which `what` names it."""
    parts = re.fullmatch(TEST, text, re.ASCII)
    if not parts:
        raise UsageError(
            f'{what} "{text}" is no test', hint="write a field, a sign, a number: balance>=1000"
        )
    return known(what, parts[1], NUMBERS), parts[2], int(parts[3])


def conditions(texts: Sequence[str], what: str = "where") -> tuple[Condition, ...]:
    """All tests of a filter; raises UsageError."""
    if len(texts) > MAX_TESTS:
        raise UsageError(f"{what} takes at most {MAX_TESTS} tests")
    return tuple(condition(text, what) for text in texts)


def sort_key(text: str, what: str = "sort") -> tuple[str, bool]:
    """The field to sort by, and whether descending (`-balance`); raises UsageError."""
    return known(what, text.removeprefix("-"), SORT_KEYS), text.startswith("-")


def known(what: str, name: str, words: Sequence[str]) -> str:
    """One of some words; raises UsageError, in which `what` names it."""
    if name not in words:
        raise UsageError(
            f'unknown "{name}" in {what}',
            hint=nearest(name, words) or f"choose from {', '.join(words)}",
        )
    return name
