"""The operations of a local store: those that have a row, and those that stand in facts alone."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from operator import itemgetter

from gamify_cli.backend import Answer, Body, OperationQuery, Page, Write
from gamify_cli.domain import instants, vocabulary
from gamify_cli.domain.decide import profile as profiles
from gamify_cli.errors import NotFound
from gamify_cli.store.programs import Programs
from gamify_cli.store.readings import page
from gamify_cli.store.session import UNLIMITED, Row, Session

_MEMBERS = (
    *("id", "command", "actor", "recorded_at"),
    *("program", "participants", "facts", "undone_by"),
)
_LAST = "~"
"""It comes after every id."""


class OperationStore:
    """Implements `backend.Operations` on one session."""

    def __init__(self, session: Session, programs: Programs) -> None:
        self._session = session
        self._programs = programs

    def list(self, query: OperationQuery) -> Page:
        with self._session.reading():
            bodies = ((str(row[0]), _body(row)) for row in self._rows(query))
            return (yield from page(bodies, query.limit))

    def show(self, operation: str) -> Body:
        with self._session.reading():
            return _body(self._row(operation))

    def undo(self, operation: str, on_short: str, write: Write) -> Answer:
        from gamify_cli.store.undoing import Undo, kept_undo
        from gamify_cli.store.undone import Target

        refuses = on_short == "refuse"
        with self._session.reading():
            if replay := kept_undo(self._session, operation, write, refuses=refuses).answer():
                return replay
            target = Target.of(self._session, self._row(operation))
        return Undo(self._session, self._programs, target, write, refuses=refuses).make()

    def _row(self, operation: str) -> Row:
        sql, asked = self._session.sql, {"operation": operation}
        row = self._session.one(sql.FIND_OPERATION, asked)
        row = row or self._session.one(sql.FIND_ALONE, asked)
        if row is None:
            raise NotFound(
                f'operation "{operation}" not found',
                hint=self._session.notice() or "look for it: gamify operations list",
            )
        return row

    def _rows(self, query: OperationQuery) -> Iterator[Row]:
        session, sql = self._session, self._session.sql
        asked = {
            "before": _LAST if query.after is None else query.after,
            "limit": UNLIMITED if query.limit is None else query.limit + 1,
        }
        if query.participant_id is None:
            both = (session.rows(sql.LIST_OPERATIONS, asked), session.rows(sql.LIST_ALONE, asked))
            return heapq.merge(*both, key=itemgetter(0), reverse=True)
        one = {"participant_id": vocabulary.participant_id(query.participant_id)}
        if session.one(sql.FIND_PARTICIPANT, one) is None:
            raise profiles.unknown(query.participant_id, hint=session.notice())
        return session.rows(sql.LIST_OF_ONE, asked | one)


def _body(row: Row) -> Body:
    body = dict(zip(_MEMBERS, row, strict=True))
    return body | {"recorded_at": instants.text(body["recorded_at"])}
