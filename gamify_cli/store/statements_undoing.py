"""The statements that tell operations, and undo them; part of `statements`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Select,
    Text,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    select,
    update,
)

from gamify_cli.domain.facts import Fact
from gamify_cli.store.dialects import elements
from gamify_cli.store.schema import journal, operations, participants, programs

_SHOWN = [
    operations.c[name]
    for name in (
        *("operation", "command", "actor", "recorded_at"),
        *("program", "participants", "facts", "undone_by"),
    )
]
# One on one participant alone has no row, unless it was undone.
_ALONE = [
    journal.c.operation,
    func.min(journal.c.command),
    func.min(journal.c.actor),
    func.min(journal.c.recorded_at),
    func.min(journal.c.program),
    literal_column("1"),
    func.count(),
    literal_column("NULL"),
]


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=Text)


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


def _newest(statement: Select[Any], column: Any) -> Select[Any]:
    """Those before a cursor: ids are in the order of time."""
    newest = statement.where(column < _text("before")).order_by(column.desc())
    return newest.limit(_number("limit")).offset(literal_column("0"))


find_operation = select(*_SHOWN).where(operations.c.operation == _text("operation"))
find_alone = (
    select(*_ALONE)
    .where(journal.c.command.is_not(None), journal.c.operation == _text("operation"))
    .group_by(journal.c.operation)
)
list_operations = _newest(select(*_SHOWN), operations.c.operation)
list_alone = _newest(
    select(*_ALONE)
    .where(
        journal.c.command.is_not(None),
        journal.c.operation.not_in(select(operations.c.operation)),
    )
    .group_by(journal.c.operation),
    journal.c.operation,
)
list_of_one = _newest(
    select(
        journal.c.operation,
        *(
            func.coalesce(func.min(operations.c[name]), func.min(journal.c[name]))
            for name in ("command", "actor", "recorded_at", "program")
        ),
        func.coalesce(func.min(operations.c.participants), literal_column("1")),
        func.coalesce(func.min(operations.c.facts), func.count()),
        func.min(operations.c.undone_by),
    )
    .select_from(journal.outerjoin(operations, journal.c.operation == operations.c.operation))
    .where(journal.c.participant_id == _text("participant_id"))
    .group_by(journal.c.operation),
    journal.c.operation,
)

lock_operation = (
    select(operations.c.undone_by)
    .where(operations.c.operation == _text("operation"))
    .with_for_update()
)
find_progress = select(operations.c.input, operations.c.finished).where(
    operations.c.operation == _text("operation")
)
keep_undone = insert(operations).values(
    {column: bindparam(column.name, type_=column.type) for column in _SHOWN}
)
# What was cut short is never gone on with, once it is undone.
mark_undone = (
    update(operations)
    .where(operations.c.operation == _text("operation"))
    .values(
        undone_by=_text("undone_by"),
        finished=case(
            (operations.c.finished == literal_column("0"), literal_column("1")),
            else_=operations.c.finished,
        ),
    )
)
find_applied = select(programs.c.version).where(programs.c.operation == _text("operation"))
find_only = (
    select(journal.c.participant_id)
    .where(journal.c.command.is_not(None), journal.c.operation == _text("operation"))
    .limit(literal_column("1"))
    .offset(literal_column("0"))
)
find_concerned = (
    select(participants.c.participant_id, participants.c.version)
    .where(
        participants.c.participant_id > _text("after"),
        participants.c.recorded_at >= _number("since"),
        participants.c.total_spent >= _number("spent"),
        select(journal.c.number)
        .where(
            journal.c.participant_id == participants.c.participant_id,
            journal.c.operation == _text("operation"),
        )
        .exists(),
    )
    .order_by(participants.c.participant_id)
    .limit(_number("limit"))
    .offset(literal_column("0"))
)
_asked = elements(_text("ids"))
find_journals = (
    select(
        journal.c.participant_id,
        *(journal.c[name] for name in Fact._fields),
        journal.c.recorded_at,
        journal.c.operation,
        journal.c.program,
    )
    .where(journal.c.participant_id.in_(select(_asked.c.value)))
    .order_by(journal.c.participant_id, journal.c.number)
)
