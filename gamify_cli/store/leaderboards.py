"""The leaderboards of a local store, ranked by its database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gamify_cli.backend import Body
from gamify_cli.domain import jsontext, vocabulary
from gamify_cli.domain import leaderboards as boards
from gamify_cli.domain.decide import profile as profiles
from gamify_cli.domain.leaderboards import Standing, Window
from gamify_cli.domain.program import Leaderboard
from gamify_cli.errors import NotFound
from gamify_cli.store.programs import Programs
from gamify_cli.store.session import UNLIMITED, Session


class LeaderboardStore:
    """Implements `backend.Leaderboards` on one session."""

    def __init__(self, session: Session, programs: Programs) -> None:
        self._session = session
        self._programs = programs

    def show(self, code: str, period: str | None, *, dense: bool, limit: int) -> Body:
        with self._session.reading():
            board, windows = self._board(code, period)
            now, last = windows or (None, None)
            standings = list(self._standings(board, now, limit=limit))
            before = None
            if last is not None:
                ids = [one.participant_id for one in standings]
                found = self._standings(board, last, ids=ids)
                before = {one.participant_id: one for one in found}
        return boards.shown(code, board.period, standings, before, dense=dense)

    def rank(self, participant_id: str, code: str, period: str | None) -> Body:
        vocabulary.participant_id(participant_id)
        one = {"participant_id": participant_id}
        with self._session.reading():
            board, windows = self._board(code, period)
            window = windows[0] if windows else None
            for standing in self._standings(board, window, ids=[participant_id]):
                return boards.ranked(standing)
            if self._session.one(self._session.sql.FIND_PARTICIPANT, one) is None:
                raise profiles.unknown(participant_id, hint=self._session.notice())
        where = f'"{code}" ({board.period})'
        raise NotFound(f'participant "{participant_id}" is not ranked in {where}')

    def _board(
        self, code: str, period: str | None
    ) -> tuple[Leaderboard, tuple[Window, Window] | None]:
        """The leaderboard, for the period asked for, and the windows of now and before."""
        program = self._programs.current()
        board = boards.find(program, code)
        if period is not None:
            board = board._replace(period=period)
        return board, boards.windows(board.period, program.timezone, self._session.now())

    def _standings(
        self,
        board: Leaderboard,
        window: Window | None,
        *,
        ids: Sequence[str] | None = None,
        limit: int = UNLIMITED,
    ) -> Iterator[Standing]:
        """The best ones, or those of `ids` alone, best first; in a window or of all time."""
        values = {
            "now": self._session.now(),
            "ids": None if ids is None else jsontext.compact(ids),
            "limit": limit,
        }
        if window is None:
            rows = self._session.rows(
                self._session.sql.RANK_EVERYONE, values | {"metric": board.metric}
            )
        else:
            scores = {"scores": jsontext.compact(boards.SCORES[board.metric])}
            rows = self._session.rows(
                self._session.sql.RANK_WINDOW, values | scores | window._asdict()
            )
        return (Standing(*row) for row in rows)
