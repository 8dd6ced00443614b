"""Statements on libpq itself, each prepared once a connection, and several in one round trip.

A cursor of psycopg works out anew at each call how its statement is spelt and of which types its
values are; that is two thirds of the work of a change. Here a statement says the types itself,
and its values are text, whole numbers and None.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from gamify_cli.store.postgres import sql
from gamify_cli.store.session import Asked, Row, Values

_FAILED = {ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE, ExecStatus.PIPELINE_ABORTED}
_Sent = tuple[str, Values | Row]
_PLACE = re.compile(r"%(?:\((\w+)\))?s")

_HELD = 100
"""So many changes wait to be sent together."""

_MANY = 50
"""From so many rows on, copying them costs less than inserting them."""


class _Known(NamedTuple):
    """A statement by its name on the connection, and which of its values stands in which place."""

    name: bytes
    order: tuple[str | int, ...]


class Prepared:
    """The statements of one connection.

    `changed` counts the rows that were changed by what was sent. `was_skipped` tells whether the
    last statement that was sent did not run, since one before it failed.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self.changed = 0
        self.was_skipped = False
        self._connection = connection
        self._statements: dict[str, _Known] = {}
        self._count = 0
        self._rows = Transformer(connection)
        self._held: list[_Sent] = []
        self._found: deque[tuple[Asked, Row | None]] = deque()

    def hold(self, statement: str, values: Values | Row) -> None:
        """Have a change run before whatever is sent next."""
        self._found.clear()
        self._held.append((statement, values))
        if len(self._held) >= _HELD:
            self.send()

    def hold_all(self, statement: str, rows: Sequence[Values] | Sequence[Row]) -> None:
        """The same of one for each of many values; where they can be copied, they are at once."""
        if len(rows) < _MANY or statement not in sql.COPIES:
            for row in rows:
                self.hold(statement, row)
            return
        self.send()
        self.changed += len(rows)
        text, types = sql.COPIES[statement]
        with self._connection.cursor() as cursor, cursor.copy(text) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)  # type: ignore[arg-type]

    def drop(self) -> None:
        """Forget what was not sent, and what was asked ahead."""
        self._held.clear()
        self._found.clear()

    def one(self, statement: str, values: Values) -> Row | None:
        """The first row that it finds, or None."""
        asked = (statement, values)
        if self._found and self._found[0][0] == asked:
            return self._found.popleft()[1]
        (found,) = self.send(asked)
        return self._first(found)

    def know(self, asked: Sequence[Asked], found: Sequence[PGresult]) -> None:
        """Keep what was found for those who ask the same, in that order, before anything else."""
        self._found.extend(zip(asked, map(self._first, found), strict=True))

    def send(self, *asked: _Sent) -> list[PGresult]:
        """What these find, after all that was held; in one round trip.

        Raises the error of the first that failed; none after that one has run.
        """
        held, self._held = self._held, []
        self._found.clear()
        results = self._sent([*held, *asked]) if held or asked else []
        for result in results:
            if result.status in _FAILED:
                self.was_skipped = results[-1].status == ExecStatus.PIPELINE_ABORTED
                raise errors.error_from_result(result)
        self.changed += sum(result.command_tuples or 0 for result in results[: len(held)])
        return results[len(held) :]

    def _sent(self, asked: Sequence[_Sent]) -> list[PGresult]:
        """What was answered; Ctrl-C cancels what is waited for. Raises psycopg's errors."""
        pgconn = self._connection.pgconn
        new: dict[int, str] = {}
        results: list[PGresult] = []
        pgconn.enter_pipeline_mode()
        try:
            for number, (statement, values) in enumerate(asked):
                if statement not in self._statements:
                    new[number + len(new)] = statement
                    self._prepare(statement)
                self._put(self._statements[statement], values)
            pgconn.pipeline_sync()
            results = self._connection.wait(_received(pgconn, len(asked) + len(new)))
        finally:
            self._leave(pgconn)
            for place, statement in new.items():
                if place >= len(results) or results[place].status in _FAILED:
                    del self._statements[statement]
        return [
            result
            for place, result in enumerate(results)
            if place not in new or result.status in _FAILED
        ]

    def _prepare(self, statement: str) -> None:
        """Those without a name are numbered as they come."""
        order: dict[str | int, int] = {}

        def number(place: re.Match[str]) -> str:
            name = place[1] or len(order)
            return f"${order.setdefault(name, len(order) + 1)}"

        text = _PLACE.sub(number, statement).replace("%%", "%")
        self._count += 1
        known = self._statements[statement] = _Known(b"gamify_%d" % self._count, tuple(order))
        self._connection.pgconn.send_prepare(known.name, text.encode())

    def _put(self, known: _Known, values: Values | Row) -> None:
        given: Any = values
        # Not by a function of its own, which would take longer to call than to run.
        texts = [
            None if value is None else value.encode() if isinstance(value, str) else b"%d" % value
            for value in map(given.__getitem__, known.order)
        ]
        self._connection.pgconn.send_query_prepared(known.name, texts)

    def _leave(self, pgconn: PGconn) -> None:
        """What was cut short leaves results that nobody waits for."""
        try:
            pgconn.exit_pipeline_mode()
        except psycopg.OperationalError:
            self._connection.close()

    def _first(self, result: PGresult) -> Row | None:
        if not result.ntuples:
            return None
        self._rows.set_pgresult(result)
        row: Row | None = self._rows.load_row(0, tuple)
        return row


def _received(pgconn: PGconn, count: int) -> Generator[Any, Any, list[PGresult]]:
    """Send what is in the buffer, and take so many results; fewer where the connection ends."""
    results: list[PGresult] = []
    yield from generators.send(pgconn)
    try:
        for _ in range(count):
            results += yield from generators.fetch_many(pgconn)
        yield from generators.fetch_many(pgconn)
    except psycopg.DatabaseError:
        # The last words of the database say more than that it is gone.
        if not any(result.status in _FAILED for result in results):
            raise
    return results
