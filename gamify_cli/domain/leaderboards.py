"""Leaderboards: their windows, what scores in them, and how a standing is told. Values alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, NamedTuple

from gamify_cli.domain import facts, streaks
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.program import Leaderboard, Program
from gamify_cli.domain.streaks import Calendar
from gamify_cli.errors import NotFound, nearest

Body = dict[str, Any]

SCORES: dict[str, dict[str, int]] = {
    "balance": {
        facts.POINTS_AWARDED: 1,
        facts.POINTS_DEDUCTED: -1,
        facts.POINTS_EXPIRED: -1,
        facts.REWARD_CLAIMED: -1,
        facts.REVERSED: 1,
    },
    "total_earned": {facts.POINTS_AWARDED: 1, facts.REVERSED: 1},
    "events": {facts.EVENT_RECORDED: 1, facts.REVERSED: 1},
}
"""By metric, the kinds of facts that score in a window, with the sign of their amounts."""

_MONTHS = 12


class Window(NamedTuple):
    """From `start` until just before `end`."""

    start: Instant
    end: Instant


class Standing(NamedTuple):
    """One participant in a ranking of `total`; `dense` is its rank without gaps after ties."""

    participant_id: str
    display_name: str | None
    score: int
    rank: int
    dense: int
    total: int


def find(program: Program, code: str) -> Leaderboard:
    """An active leaderboard by its code; raises NotFound."""
    boards = program.leaderboards
    if code not in boards:
        raise NotFound(f'leaderboard "{code}" not found', hint=nearest(code, boards))
    return boards[code]


def windows(period: str, timezone: str, now: Instant) -> tuple[Window, Window] | None:
    """The window that `now` lies in and the one before, cut in a zone; None for all time.

    Weeks start on Monday.
    """
    if period == "all_time":
        return None
    zone = streaks.zone(timezone) or UTC
    yearly = period == "yearly"
    calendar = Calendar("monthly" if yearly else period, "monday", zone)
    step = _MONTHS if yearly else 1
    first = calendar.number_at(now) // step * step
    before, start, end = (calendar.start(first + n * step) for n in (-1, 0, 1))
    return Window(start, end), Window(before, start)


def shown(
    code: str,
    period: str,
    standings: Iterable[Standing],
    before: Mapping[str, Standing] | None,
    *,
    dense: bool,
) -> Body:
    """A leaderboard; `before` are standings in the window before, None for all time."""
    found = list(standings)
    entries = [
        {
            "rank": _rank(one, dense),
            "participant_id": one.participant_id,
            "display_name": one.display_name,
            "score": one.score,
            "change": None if before is None else _change(one, before, dense),
        }
        for one in found
    ]
    return {
        "leaderboard_code": code,
        "period": period,
        "entries": entries,
        "total_participants": found[0].total if found else 0,
    }


def ranked(one: Standing) -> Body:
    """Where one participant stands."""
    return {
        "participant_id": one.participant_id,
        "rank": one.rank,
        "score": one.score,
        "total_participants": one.total,
        "percentile": percentile(one.rank, one.total),
    }


def percentile(rank: int, total: int) -> float:
    """How many of a hundred stand below, to one decimal, a half up."""
    return (2_000 * (total - rank) + total) // (2 * total) / 10


def _rank(one: Standing, dense: bool) -> int:
    return one.dense if dense else one.rank


def _change(one: Standing, before: Mapping[str, Standing], dense: bool) -> str:
    if one.participant_id not in before:
        return "new"
    moved = _rank(before[one.participant_id], dense) - _rank(one, dense)
    return "up" if moved > 0 else "down" if moved < 0 else "same"
