"""The statements on ranges of participants, by their ids from `first` to before `end`."""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, literal_column, or_, select

from gamify_cli.domain import facts
from gamify_cli.store import records
from gamify_cli.store.schema import journal, participants

_FIRST, _END = bindparam("first", type_=Text), bindparam("end", type_=Text)


def within(column: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    """Whether an id is in the range."""
    return column >= _FIRST, column < _END


find_range_end = (
    select(participants.c.participant_id)
    .where(participants.c.participant_id >= _FIRST)
    .order_by(participants.c.participant_id)
    .limit(literal_column("1"))
    .offset(bindparam("skipped", type_=BigInteger))
)
range_participants = (
    select(*(participants.c[name] for name in records.COLUMNS), participants.c.state)
    .where(*within(participants.c.participant_id), participants.c.is_void == literal_column("0"))
    .order_by(participants.c.participant_id)
)
range_roots = (
    select(
        journal.c.participant_id,
        journal.c.number,
        journal.c.kind,
        journal.c.data,
        journal.c.occurred_at,
        journal.c.recorded_at,
        journal.c.operation,
        journal.c.program,
    )
    .where(
        *within(journal.c.participant_id),
        or_(journal.c.cause.is_(None), journal.c.kind == literal_column(f"'{facts.REVERSED}'")),
    )
    .order_by(journal.c.participant_id, journal.c.number)
)
