"""Lists of participants: filters, order and cursors.

Everyone in the order of ids runs a compiled statement; anything else is composed here by
SQLAlchemy. Attributes are compared in Python, where types are strict in every store.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gamify_cli.backend import Body, ListQuery
from gamify_cli.domain import jsontext, views
from gamify_cli.domain.participant import Participant
from gamify_cli.errors import UsageError
from gamify_cli.store import records
from gamify_cli.store.session import UNLIMITED, Row, Session

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def pages(session: Session, query: ListQuery) -> Iterator[tuple[str, Body]]:
    """Rows in the query's order, each with the cursor that continues after it.

    Raises UsageError for a cursor that is not of this list.
    """
    for participant in participants(session, query):
        yield _cursor(query, participant), views.row(participant)


def participants(
    session: Session, query: ListQuery, read: Callable[[str], Any] = jsontext.stored
) -> Iterator[Participant]:
    """Those of the query in its order, and more where it has a limit; `read` as for a record.

    Raises UsageError for a cursor that is not of this list.
    """
    rows = _plain(session, query) if query.is_plain else _composed(session, query)
    found = (records.participant(row, read) for row in rows)
    if not query.attributes:
        return found
    return (one for one in found if _has(one, query.attributes))


def _has(participant: Participant, wanted: Mapping[str, Any]) -> bool:
    attributes = jsontext.stored(participant.attributes)
    return all(
        name in attributes and jsontext.compact(attributes[name]) == jsontext.compact(value)
        for name, value in wanted.items()
    )


def _cursor(query: ListQuery, participant: Participant) -> str:
    position = [_order(query), _sort_value(query, participant), participant.participant_id]
    return base64.urlsafe_b64encode(jsontext.compact(position).encode()).decode().rstrip("=")


def _sort_value(query: ListQuery, participant: Participant) -> str | int:
    value: str | int | None = getattr(participant, query.sort)
    return "" if value is None else value


def _position(query: ListQuery) -> tuple[Any, str] | None:
    """Where the page before ended, from its cursor."""
    if query.after is None:
        return None
    try:
        padded = query.after + "=" * (-len(query.after) % 4)
        order, value, participant_id = json.loads(base64.urlsafe_b64decode(padded))
        if order == _order(query) and _is_position(query, value, participant_id):
            return value, participant_id
    except (ValueError, TypeError, RecursionError):
        pass
    raise UsageError(
        f'"{query.after}" is not a cursor of this list',
        hint="give --after as the page before printed it, with the same --sort",
    )


def _order(query: ListQuery) -> str:
    return "-" * query.descending + query.sort


def _is_position(query: ListQuery, value: Any, participant_id: Any) -> bool:
    """Whether the values are such as the order has and a store takes; ValueError if not UTF-8."""
    if type(value) is not type(_sort_value(query, Participant(""))):
        return False
    if not isinstance(participant_id, str) or (isinstance(value, int) and abs(value) >= 2**63):
        return False
    f"{value}{participant_id}".encode()
    return True


def _plain(session: Session, query: ListQuery) -> Iterator[Row]:
    position = _position(query)
    limit = UNLIMITED if query.limit is None else query.limit + 1
    after = position[1] if position else ""
    return session.stream(session.sql.PAGE_PARTICIPANTS, {"after": after, "limit": limit})


def _composed(session: Session, query: ListQuery) -> Iterator[Row]:
    from sqlalchemy import func, select

    from gamify_cli.store.schema import participants
    from gamify_cli.store.statements import COLUMNS

    column: ColumnElement[Any] = participants.c[query.sort]
    if column.nullable:
        column = func.coalesce(column, "")
    order = (column, participants.c.participant_id)
    statement = select(*COLUMNS).where(*_conditions(query, order))
    statement = statement.order_by(*(c.desc() if query.descending else c for c in order))
    return session.composed(statement)


def _conditions(
    query: ListQuery, order: tuple[ColumnElement[Any], ...]
) -> Iterator[ColumnElement[bool]]:
    import operator

    from sqlalchemy import tuple_

    from gamify_cli.store.schema import participants

    compare = {
        "=": operator.eq, "!=": operator.ne, "<": operator.lt,
        "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    }  # fmt: skip
    columns = participants.c
    yield columns.is_void == 0
    if query.text is not None:
        yield columns.search.contains(records.search_text(query.text), autoescape=True)
    if query.tier is not None:
        yield columns.tier == query.tier
    if query.active is not None:
        yield columns.is_active == int(query.active)
    if query.seen_before is not None:
        yield columns.last_seen_at < query.seen_before
    for name, sign, value in query.where:
        yield compare[sign](columns[name], value)
    if position := _position(query):
        here, there = tuple_(*order), tuple_(*position)
        yield here < there if query.descending else here > there
