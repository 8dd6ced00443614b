"""Statements on libpq itself, each prepared once a connection.

A cursor of psycopg works out anew at each call how its statement is spelt and of which types its
values are; that is two thirds of the work of a change. Here a statement says the types itself,
and its values are text, whole numbers and None.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from gamify_cli.store.session import Row, Values

_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)
_PLACE = re.compile(r"%(?:\((\w+)\))?s")


class _Spelling(NamedTuple):
    """A statement as libpq takes it, and which of its values stands in which place."""

    text: bytes
    order: tuple[str | int, ...]


class Prepared:
    """The statements of one connection."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._names: dict[str, bytes] = {}
        self._rows = Transformer(connection)

    def script(self, text: str) -> list[PGresult]:
        """The results of several statements without values, sent at once."""
        self._connection.pgconn.send_query(text.encode())
        return self._results()

    def run(self, statement: str, values: Values | Row) -> int:
        """How many rows it changed."""
        return self._execute(statement, values).command_tuples or 0

    def one(self, statement: str, values: Values | Row) -> Row | None:
        """The first row that it finds, or None."""
        result = self._execute(statement, values)
        if not result.ntuples:
            return None
        self._rows.set_pgresult(result)
        row: Row | None = self._rows.load_row(0, tuple)
        return row

    def _execute(self, statement: str, values: Values | Row) -> PGresult:
        spelling = _spelt(statement)
        name = self._names.get(statement) or self._prepare(statement, spelling)
        given: Any = values
        texts = [_encoded(given[place]) for place in spelling.order]
        self._connection.pgconn.send_query_prepared(name, texts)
        return self._results()[0]

    def _prepare(self, statement: str, spelling: _Spelling) -> bytes:
        name = b"gamify_%d" % len(self._names)
        self._connection.pgconn.send_prepare(name, spelling.text)
        self._results()
        self._names[statement] = name
        return name

    def _results(self) -> list[PGresult]:
        """What was answered; Ctrl-C cancels what is waited for. Raises psycopg's errors."""
        results: list[PGresult] = self._connection.wait(generators.execute(self._connection.pgconn))
        for result in results:
            if result.status in _FAILED:
                raise errors.error_from_result(result)
        return results


def _encoded(value: str | int | None) -> bytes | None:
    if value is None:
        return None
    return value.encode() if isinstance(value, str) else b"%d" % value


@cache
def _spelt(statement: str) -> _Spelling:
    """With numbers for the names of values; those without a name are numbered as they come."""
    order: dict[str | int, int] = {}

    def number(place: re.Match[str]) -> str:
        name = place[1] or len(order)
        return f"${order.setdefault(name, len(order) + 1)}"

    text = _PLACE.sub(number, statement).replace("%%", "%")
    return _Spelling(text.encode(), tuple(order))
