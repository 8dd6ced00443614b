"""Participants as they read now: loaded by their keys, settled, shown."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import islice
from types import ModuleType

from gamify_cli.backend import NOW, Body, Each, HistoryQuery, Page, When
from gamify_cli.domain import facts, jsontext, views, vocabulary
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program
from gamify_cli.errors import GamifyError
from gamify_cli.store import records
from gamify_cli.store.programs import Programs
from gamify_cli.store.records import Line
from gamify_cli.store.session import NO_VALUES, UNLIMITED, Asked, Session
from gamify_cli.store.sight import Sight

View = Callable[[Participant, Program, Instant], Body]


class Readings:
    """Answers every question about participants on one session."""

    def __init__(self, session: Session, programs: Programs) -> None:
        self._session = session
        self._programs = programs

    def each(self, ids: Sequence[str], view: View, when: When = NOW) -> Each:
        """What `view` shows of each, in the order asked."""
        wanted: list[str | GamifyError] = [_valid(participant_id) for participant_id in ids]
        known = [one for one in wanted if isinstance(one, str)]
        first = self._questions(known) if when == NOW else ()
        with self._session.reading(first):
            sight = Sight(when, self._session.now())
            program = self._programs.seen(sight)
            found = self._replayed(known, sight) if sight.is_past else self._loaded(known)
            moment = sight.moment
        for one in wanted:
            if isinstance(one, GamifyError):
                yield one
            elif one in found:
                yield view(views.as_at(found[one], program, moment), program, moment)
            else:
                yield rules.unknown(one, hint=self._session.notice())

    def _questions(self, ids: Sequence[str]) -> Sequence[Asked]:
        """What is asked for a single one as it reads now."""
        sql = self._session.sql
        program = (sql.FIND_PROGRAM, NO_VALUES)
        return [program, _question(sql, ids[0])] if len(ids) == 1 else ()

    def _loaded(self, ids: Sequence[str]) -> dict[str, Participant]:
        """One query for all the ids, whatever their number; for one id the cheaper one."""
        session = self._session
        if len(ids) == 1:
            row = session.one(*_question(session.sql, ids[0]))
            rows = iter([row] if row else [])
        else:
            rows = session.rows(session.sql.FIND_PARTICIPANTS, {"ids": jsontext.compact(ids)})
        found = (records.participant(row) for row in rows)
        return {one.participant_id: one for one in found if one.exists}

    def _replayed(self, ids: Sequence[str], sight: Sight) -> dict[str, Participant]:
        from gamify_cli.store.past import replayed

        found = (replayed(self._session, self._programs, one, sight) for one in ids)
        return {one.participant_id: one for one in found if one.exists}

    def lines(self, participant_id: str, query: HistoryQuery) -> Generator[Line, None, None]:
        """The journal of one participant, newest first, one line beyond the limit.

        Also that of one of whom all was reversed. Raises UsageError, NotFound.
        """
        with self._session.reading():
            self._require(participant_id, or_void=True)
            yield from self._lines(participant_id, query)

    def moves(self, participant_id: str, query: HistoryQuery) -> Generator[Line, None, None]:
        """The same lines of one who is there."""
        with self._session.reading():
            self._require(participant_id)
            yield from self._lines(participant_id, query)

    def standing(self, participant_id: str, query: HistoryQuery) -> Generator[Line, None, None]:
        """The same of one who is there, without what was reversed."""
        # A plain reading, which is what most are, does not wait for it.
        from gamify_cli.domain.reversing import Reversal, still_counts

        with self._session.reading():
            self._require(participant_id)
            reversal = HistoryQuery((facts.REVERSED,))
            lines = self._lines(participant_id, reversal)
            reversals = [Reversal(line.number, line.operation, line.data) for line in lines]
            counts = still_counts(reversals)
            for line in self._lines(participant_id, query):
                if counts(line.number, line.operation):
                    yield line

    def whole(self, participant_id: str, query: HistoryQuery) -> tuple[Program, list[Line]]:
        """The same lines all at once, and the program that was in force at that moment."""
        with self._session.reading():
            lines = list(self.standing(participant_id, query))
            return self._programs.current(), lines

    def _require(self, participant_id: str, *, or_void: bool = False) -> None:
        """Raise NotFound unless the participant is there."""
        one = {"participant_id": vocabulary.participant_id(participant_id)}
        row = self._session.one(self._session.sql.FIND_PARTICIPANT, one)
        if row is None or not (or_void or records.participant(row).exists):
            raise rules.unknown(participant_id, hint=self._session.notice())

    def _lines(self, participant_id: str, query: HistoryQuery) -> Iterator[Line]:
        before = UNLIMITED if query.before is None else query.before
        values = {
            "participant_id": participant_id,
            "kinds": jsontext.compact(query.kinds) if query.kinds else None,
            "since": -UNLIMITED if query.since is None else query.since,
            "until": UNLIMITED if query.until is None else query.until,
            "before": max(0, min(before, UNLIMITED)),
            "limit": UNLIMITED if query.limit is None else query.limit + 1,
        }
        return map(records.line, self._session.rows(self._session.sql.FIND_HISTORY, values))


def page(rows: Iterator[tuple[str, Body]], limit: int | None) -> Page:
    """The first of some rows, each given with the cursor that goes on after it."""
    last = None
    for cursor, body in islice(rows, limit):
        last = cursor
        yield body
    return None if next(rows, None) is None else last


def _question(sql: ModuleType, participant_id: str) -> Asked:
    return sql.FIND_PARTICIPANT, {"participant_id": participant_id}


def _valid(participant_id: str) -> str | GamifyError:
    try:
        return vocabulary.participant_id(participant_id)
    except GamifyError as error:
        return error
