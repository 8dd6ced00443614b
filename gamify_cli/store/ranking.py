"""Who stands where on a leaderboard: ranked by the database, or out of the journal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from itertools import groupby
from operator import itemgetter

from gamify_cli.domain import jsontext
from gamify_cli.domain import leaderboards as boards
from gamify_cli.domain.leaderboards import Standing, Window
from gamify_cli.domain.program import Leaderboard
from gamify_cli.domain.rankings import Scored, Scorer, Spread, best_first
from gamify_cli.store.session import UNLIMITED, Session
from gamify_cli.store.sight import Sight

Windows = tuple[Window, Window] | None
Before = dict[str, Standing] | None


class Ranking(ABC):
    """Everyone on a board, in a window and the one before, or of all time if there are none."""

    def __init__(
        self, session: Session, board: Leaderboard, windows: Windows, sight: Sight
    ) -> None:
        self.board = board
        self._session = session
        self._windows = windows
        self._sight = sight

    @abstractmethod
    def best(self, limit: int) -> tuple[list[Standing], Before]:
        """The best ones, best first, and where those of them stood in the window before."""

    @abstractmethod
    def of(self, participant_id: str) -> tuple[Standing | None, bool]:
        """Where one stands, if it does, and whether it is known at all."""


class Present(Ranking):
    """As of now, or of a time to come."""

    def best(self, limit: int) -> tuple[list[Standing], Before]:
        now, last = self._windows or (None, None)
        standings = list(self._standings(now, limit=limit))
        if last is None:
            return standings, None
        ids = [one.participant_id for one in standings]
        return standings, {one.participant_id: one for one in self._standings(last, ids=ids)}

    def of(self, participant_id: str) -> tuple[Standing | None, bool]:
        window = self._windows[0] if self._windows else None
        for standing in self._standings(window, ids=[participant_id]):
            return standing, True
        one = {"participant_id": participant_id}
        return None, self._session.one(self._session.sql.FIND_PARTICIPANT, one) is not None

    def _standings(
        self,
        window: Window | None,
        *,
        ids: Sequence[str] | None = None,
        limit: int = UNLIMITED,
    ) -> Iterator[Standing]:
        """The best ones, or those of `ids` alone, best first; in a window or of all time."""
        values = {
            "now": self._sight.moment,
            "ids": None if ids is None else jsontext.compact(ids),
            "limit": limit,
            "metric": self.board.metric,
        }
        sql = self._session.sql
        if window is None:
            rows = self._session.rows(sql.RANK_EVERYONE, values)
        else:
            scores = {"scores": jsontext.compact(boards.SCORES[self.board.metric])}
            rows = self._session.rows(sql.RANK_WINDOW, values | scores | window._asdict())
        return (Standing(*row) for row in rows)


class Past(Ranking):
    """As of what is in sight; each question reads all of the journal once."""

    def best(self, limit: int) -> tuple[list[Standing], Before]:
        now, before = Spread(), Spread()
        ranked = (one for one in self._everyone(now, before) if one.score is not None)
        found = nsmallest(limit, ranked, key=best_first)
        standings = [now.standing(one, one.score or 0) for one in found]
        if not self._windows:
            return standings, None
        return standings, {
            one.participant_id: before.standing(one, one.before)
            for one in found
            if one.before is not None
        }

    def of(self, participant_id: str) -> tuple[Standing | None, bool]:
        now, before = Spread(), Spread()
        found = [one for one in self._everyone(now, before) if one.participant_id == participant_id]
        for one in found:
            return None if one.score is None else now.standing(one, one.score), True
        return None, False

    def _everyone(self, now: Spread, before: Spread) -> Iterator[Scored]:
        """Everyone, counted in either window."""
        scorer = Scorer(self.board.metric, self._windows, self._sight.moment)
        seen = {"until": self._sight.until, "known_at": self._sight.known_at}
        rows = self._session.stream(self._session.sql.FIND_ALL_FACTS, seen)
        for participant_id, lines in groupby(rows, itemgetter(0)):
            one = scorer.score(participant_id, (line[1:] for line in lines))
            if one:
                now.add(one.score)
                before.add(one.before)
                yield one
