"""Participants as they read now: loaded by their keys, settled, shown."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from gamify_cli.backend import Body, Each, HistoryQuery
from gamify_cli.domain import jsontext, views, vocabulary
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program
from gamify_cli.errors import GamifyError
from gamify_cli.store import records
from gamify_cli.store import sqlite_sql as sql
from gamify_cli.store.programs import Programs
from gamify_cli.store.records import Line
from gamify_cli.store.session import Session

View = Callable[[Participant, Program, Instant], Body]

_LAST_INTEGER = 2**63 - 1


class Readings:
    """Answers every question about participants on one session."""

    def __init__(self, session: Session, programs: Programs) -> None:
        self._session = session
        self._programs = programs

    def each(self, ids: Sequence[str], view: View) -> Each:
        """One query for all the ids, whatever their number; the answers in the order asked."""
        wanted: list[str | GamifyError] = [_valid(participant_id) for participant_id in ids]
        asked = jsontext.compact([one for one in wanted if isinstance(one, str)])
        with self._session.reading():
            program, now = self._programs.current(), self._session.now()
            rows = {
                row[0]: row for row in self._session.rows(sql.FIND_PARTICIPANTS, {"ids": asked})
            }
        for one in wanted:
            if isinstance(one, GamifyError):
                yield one
            elif one in rows:
                settled = views.as_at(records.participant(rows[one]), program, now)
                yield view(settled, program, now)
            else:
                yield rules.unknown(one, hint=self._session.notice())

    def lines(self, participant_id: str, query: HistoryQuery) -> Generator[Line, None, None]:
        """The journal of one participant, newest first. Raises UsageError, NotFound."""
        vocabulary.participant_id(participant_id)
        before = _LAST_INTEGER if query.before is None else query.before
        values = {
            "participant_id": participant_id,
            "kinds": jsontext.compact(query.kinds) if query.kinds else None,
            "since": -_LAST_INTEGER if query.since is None else query.since,
            "until": _LAST_INTEGER if query.until is None else query.until,
            "before": max(0, min(before, _LAST_INTEGER)),
            "limit": -1 if query.limit is None else query.limit,
        }
        with self._session.reading():
            if self._session.one(sql.FIND_PARTICIPANT, {"participant_id": participant_id}) is None:
                raise rules.unknown(participant_id, hint=self._session.notice())
            yield from map(records.line, self._session.rows(sql.FIND_HISTORY, values))


def _valid(participant_id: str) -> str | GamifyError:
    try:
        return vocabulary.participant_id(participant_id)
    except GamifyError as error:
        return error
