"""The leaderboards of a local store."""

from __future__ import annotations

from gamify_cli.backend import NOW, Body, When
from gamify_cli.domain import leaderboards as boards
from gamify_cli.domain import vocabulary
from gamify_cli.domain.decide import profile as profiles
from gamify_cli.errors import NotFound
from gamify_cli.store.programs import Programs
from gamify_cli.store.ranking import Past, Present, Ranking
from gamify_cli.store.session import Session
from gamify_cli.store.sight import Sight


class LeaderboardStore:
    """Implements `backend.Leaderboards` on one session."""

    def __init__(self, session: Session, programs: Programs) -> None:
        self._session = session
        self._programs = programs

    def show(
        self, code: str, period: str | None, when: When = NOW, *, dense: bool, limit: int
    ) -> Body:
        with self._session.reading():
            ranking = self._ranking(code, period, when)
            standings, before = ranking.best(limit)
        return boards.shown(code, ranking.board.period, standings, before, dense=dense)

    def rank(self, participant_id: str, code: str, period: str | None, when: When = NOW) -> Body:
        vocabulary.participant_id(participant_id)
        with self._session.reading():
            ranking = self._ranking(code, period, when)
            standing, is_known = ranking.of(participant_id)
        if standing:
            return boards.ranked(standing)
        if not is_known:
            raise profiles.unknown(participant_id, hint=self._session.notice())
        where = f'"{code}" ({ranking.board.period})'
        raise NotFound(f'participant "{participant_id}" is not ranked in {where}')

    def _ranking(self, code: str, period: str | None, when: When) -> Ranking:
        """The leaderboard, for the period asked for; raises NotFound."""
        sight = Sight(when, self._session.now())
        program = self._programs.seen(sight)
        board = boards.find(program, code)
        if period is not None:
            board = board._replace(period=period)
        windows = boards.windows(board.period, program.timezone, sight.moment)
        return (Past if sight.is_past else Present)(self._session, board, windows, sight)
