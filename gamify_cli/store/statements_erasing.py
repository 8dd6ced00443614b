"""The statements of an erasure."""

from __future__ import annotations

from sqlalchemy import (
    BindParameter,
    Integer,
    Table,
    Text,
    Update,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    update,
)

from gamify_cli.store.schema import (
    journal,
    operations,
    participants,
    requests,
    reward_stock,
)

_ONE: BindParameter[str] = bindparam("participant_id", type_=Text)
_NEW_ID: BindParameter[str] = bindparam("new_id", type_=Text)
_COMMAND: BindParameter[str] = bindparam("command", type_=Text)

redact_fact = (
    update(journal)
    .where(
        journal.c.participant_id == _ONE,
        journal.c.number == bindparam("number", type_=journal.c.number.type),
    )
    .values(data=bindparam("data", type_=Text))
)
redact_commands = (
    update(journal)
    .where(journal.c.participant_id == _ONE, journal.c.command.is_not(None))
    .values(command=_COMMAND)
)
find_commanded = (
    select(journal.c.operation)
    .where(journal.c.participant_id == _ONE, journal.c.command.is_not(None))
    .distinct()
)
find_shared = (
    select(operations.c.operation, operations.c.command, operations.c.input)
    .where(
        operations.c.operation.in_(
            select(journal.c.operation).where(journal.c.participant_id == _ONE)
        )
    )
    .order_by(operations.c.operation)
)
redact_operation = (
    update(operations)
    .where(operations.c.operation == bindparam("operation", type_=Text))
    .values(command=_COMMAND)
)
find_kept = (
    select(
        requests.c.operation_name,
        requests.c.idempotency_key,
        requests.c.status,
        requests.c.recorded_at,
        requests.c.answer,
    )
    .where(requests.c.participant_id == _ONE)
    .order_by(requests.c.recorded_at, requests.c.operation_name, requests.c.idempotency_key)
)
find_undo_answers = select(requests.c.idempotency_key, requests.c.answer).where(
    requests.c.participant_id == literal_column("''"),
    requests.c.operation_name == bindparam("operation_name", type_=Text),
)
redact_undo_answer = (
    update(requests)
    .where(
        requests.c.participant_id == literal_column("''"),
        requests.c.operation_name == bindparam("of_name", type_=Text),
        requests.c.idempotency_key == bindparam("of_key", type_=Text),
    )
    .values(answer=literal_column("''"), status=literal_column("410", Integer))
)
redact_requests = (
    update(requests)
    .where(requests.c.participant_id == _ONE)
    .values(answer=literal_column("''"), status=literal_column("410", Integer))
)
find_tombstone = (
    select(requests.c.participant_id)
    .where(
        requests.c.participant_id.between(
            bindparam("first", type_=Text), bindparam("last", type_=Text)
        )
    )
    .limit(literal_column("1"))
    .offset(literal_column("0"))
)


def _renamed(table: Table) -> Update:
    return update(table).where(table.c.participant_id == _ONE).values(participant_id=_NEW_ID)


_NAMED = ("participant_id", "search")
_others = [column for column in participants.c if column.name not in _NAMED]
copy_participant = insert(participants).from_select(
    [*_NAMED, *(column.name for column in _others)],
    select(_NEW_ID, bindparam("search", type_=Text), *_others).where(
        participants.c.participant_id == _ONE
    ),
)
rename_facts = _renamed(journal)
rename_requests = _renamed(requests)
rename_stock = _renamed(reward_stock)
drop_participant = delete(participants).where(participants.c.participant_id == _ONE)
