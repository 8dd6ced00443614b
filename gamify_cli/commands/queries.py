"""Filters and pages of lists and histories, as they are written on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from gamify_cli.backend import Body, Page
from gamify_cli.context import Context
from gamify_cli.domain import facts
from gamify_cli.errors import UsageError, nearest

DEFAULT_LIMIT = 100
NUMBERS = (
    "balance",
    "total_earned",
    "total_spent",
    "total_events",
    "rewards_claimed",
    "version",
)
SORT_KEYS = ("participant_id", "display_name", "tier", "first_seen_at", "last_seen_at", *NUMBERS)

_TEST = r"\s*(\w+)\s*(!=|<=|>=|=|<|>)\s*(-?\d{1,18})\s*"


def limit(given: int | None, all_: bool) -> int | None:
    """How many rows to show, None for all; raises UsageError."""
    if given is not None and all_:
        raise UsageError("--limit and --all exclude each other")
    if given is not None and given < 1:
        raise UsageError(f"--limit must be at least 1, not {given}")
    return None if all_ else given or DEFAULT_LIMIT


def sort_key(text: str) -> str:
    """The field to sort by, without its sign; raises UsageError."""
    return _known("--sort", text.removeprefix("-"), SORT_KEYS)


def test(text: str) -> tuple[str, str, int]:
    """`balance>=1000` as field, sign and number; raises UsageError."""
    parts = re.fullmatch(_TEST, text)
    if not parts:
        raise UsageError(
            f'--where "{text}" is no test', hint="write a field, a sign, a number: balance>=1000"
        )
    return _known("--where", parts[1], NUMBERS), parts[2], int(parts[3])


def fact_kind(text: str) -> str:
    """A kind of fact; raises UsageError."""
    return _known("--type", text, facts.KINDS)


def show_page(context: Context, page: Page, size: int | None, option: str = "--after") -> None:
    """Show rows; if there are more than `size`, stderr tells the option that goes on."""
    last = ""

    def bodies() -> Iterator[Body]:
        nonlocal last
        for cursor, body in islice(page, size):
            last = cursor
            yield body

    with closing(page):
        context.output.many(bodies())
        if next(page, None) is not None:
            context.note(f"more follow: add {option} {last}, or --all")


def _known(option: str, name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise UsageError(
            f'unknown "{name}" in {option}',
            hint=nearest(name, known) or f"choose from {', '.join(known)}",
        )
    return name
