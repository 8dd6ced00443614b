"""Filters and pages of lists and histories, as they are written on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from gamify_cli.backend import Body, HistoryQuery, Page
from gamify_cli.context import Context
from gamify_cli.domain import answers, facts, listing, vocabulary
from gamify_cli.errors import UsageError

DEFAULT_LIMIT = 100
_MOST = 2**31
_MOST_RANKED = 100


def limit(given: int | None, all_: bool) -> int | None:
    """How many rows to show, None for all; raises UsageError."""
    if given is not None and all_:
        raise UsageError("--limit and --all exclude each other")
    if given is not None and given < 1:
        raise UsageError(f"--limit must be at least 1, not {given}")
    return None if all_ else min(given or DEFAULT_LIMIT, _MOST)


def text(option: str, value: str | None) -> str | None:
    """A text to look for; raises UsageError for one that no id or name could hold."""
    if value is None:
        return None
    return vocabulary.plain_text(value, option, vocabulary.MAX_ID + vocabulary.MAX_NAME)


def fact_kind(text: str) -> str:
    """A kind of fact; raises UsageError."""
    return listing.known("--type", text, facts.KINDS)


def transaction_kinds(text: str | None) -> tuple[str, ...]:
    """The kinds of facts that a type of transaction stands for; raises UsageError."""
    kinds = {type_: kind for kind, type_ in answers.TRANSACTIONS.items()}
    if text is None:
        return tuple(kinds.values())
    return (kinds[listing.known("--type", text, tuple(kinds))],)


def reward_type(text: str | None) -> str | None:
    """A type of reward, None for every one; raises UsageError."""
    return None if text is None else listing.known("--type", text, vocabulary.REWARD_TYPES)


def period(text: str | None) -> str | None:
    """A period of a leaderboard, None for its own; raises UsageError."""
    return None if text is None else listing.known("--period", text, vocabulary.PERIODS)


def ranking(text: str) -> str:
    """A way to rank; raises UsageError."""
    return listing.known("--ranking", text, vocabulary.RANKINGS)


def top(given: int) -> int:
    """How many of the best to show; raises UsageError."""
    if not 1 <= given <= _MOST_RANKED:
        raise UsageError(f"--limit must be from 1 to {_MOST_RANKED}, not {given}")
    return given


def history(
    context: Context,
    since: str | None,
    until: str | None,
    given: int | None,
    all_: bool,
    *,
    before: int | None = None,
    kinds: tuple[str, ...] = (),
) -> HistoryQuery:
    """A query between two times as they were written, of as many rows as `limit` says."""
    size = limit(given, all_)
    return HistoryQuery(kinds, context.instant(since), context.bound(until), before, size)


def show_page(context: Context, page: Page, option: str = "--after") -> None:
    """Show rows; if more follow, stderr tells the option that goes on."""
    shown, following = 0, None

    def bodies() -> Iterator[Body]:
        nonlocal shown, following
        with context.watching("reading") as bar:
            try:
                while True:
                    yield next(page)
                    shown += 1
                    bar.at(shown)
            except StopIteration as end:
                following = end.value

    with closing(page):
        context.output.many(bodies())
    if not shown:
        notice = "nothing found" if context.output.format == "table" else None
        context.note(context.backend.notice() or notice)
    if following is not None:
        context.note(f"more follow: add {option} {following}, or --all")
