"""Everyone ranked by the facts that are in sight, for leaderboards of times that have passed.

What is kept of all participants is how often each score came, since a rank needs no more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import Any, NamedTuple

from gamify_cli.domain import facts, jsontext
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.leaderboards import Standing, Window
from gamify_cli.domain.participant import Participant, evolve

_VALUES: dict[str, Callable[[Participant], int]] = {
    "balance": attrgetter("balance"),
    "total_earned": attrgetter("total_earned"),
    "events": attrgetter("total_events"),
}
_ASIDE = {
    facts.TIER_CHANGED,
    facts.BADGE_EARNED,
    facts.STREAK_RECORDED,
    facts.STREAK_RESTORED,
    facts.STREAK_MOVED,
}
"""Facts that nothing on a board comes from."""

Line = tuple[int, str, str, Instant, int | None]
"""A fact as the journal has it, with its data as JSON text."""


class Scored(NamedTuple):
    """What one participant scored, and in the window before; None where it is not ranked."""

    participant_id: str
    display_name: str | None
    score: int | None
    before: int | None


class Scorer:
    """Scores participants by a metric: of all time, or in a window and the one before.

    What ran out by `now`, the moment of reading, is gone, whether or not it was recorded.
    """

    def __init__(self, metric: str, windows: tuple[Window, Window] | None, now: Instant) -> None:
        self._value = _VALUES[metric]
        self._windows = windows or ()
        self._now = now
        self._loses = metric == "balance"
        self._aside = _ASIDE if metric == "events" else {*_ASIDE, facts.EVENT_RECORDED}

    def score(self, participant_id: str, journal: Iterable[Line]) -> Scored | None:
        """The scores of one out of its facts in their order; None for one that is not there."""
        participant = Participant(participant_id)
        scores: list[int | None] = [None for _ in self._windows]
        for number, kind, data, occurred_at, cause in journal:
            if kind in self._aside:
                participant.version = number
                continue
            before = self._value(participant)
            evolve(participant, Fact(number, kind, jsontext.stored(data), occurred_at, cause))
            self._add(scores, occurred_at, self._value(participant) - before)
        if not participant.exists:
            return None
        self._expire(participant, scores)
        if not self._loses:
            # All of it was reversed.
            scores = [score or None for score in scores]
        if not participant.is_active:
            scores = [None, None]
        elif not self._windows:
            scores = [self._value(participant), None]
        return Scored(participant_id, participant.display_name, *scores)

    def _expire(self, participant: Participant, scores: list[int | None]) -> None:
        """Take away what ran out and was not recorded."""
        for at, left in participant.lots.items() if self._loses else ():
            if at <= self._now:
                participant.balance -= left
                self._add(scores, at, -left)

    def _add(self, scores: list[int | None], at: Instant, change: int) -> None:
        for number, window in enumerate(self._windows) if change else ():
            if window.start <= at < window.end:
                scores[number] = (scores[number] or 0) + change


class Spread:
    """How often each score came."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, score: int | None) -> None:
        """Count one more, unless it is not ranked."""
        if score is not None:
            self._counts[score] += 1

    def standing(self, one: Scored, score: int) -> Standing:
        """Where one stands; after all were counted."""
        better = bisect_left(self._best_first, -score)
        rank = 1 + (self._as_good[better - 1] if better else 0)
        return Standing(*one[:2], score, rank, better + 1, self._counts.total())

    @cached_property
    def _best_first(self) -> list[int]:
        return sorted(-score for score in self._counts)

    @cached_property
    def _as_good(self) -> list[int]:
        """How many have each score or a better one."""
        return list(accumulate(self._counts[-score] for score in self._best_first))


def best_first(one: Scored) -> tuple[Any, ...]:
    """What ranked participants are sorted by."""
    return -(one.score or 0), one.participant_id
