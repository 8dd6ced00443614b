"""The statements by which `store verify` reads, most of them a range, and repairs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, and_, bindparam, select, update

from gamify_cli.store import records
from gamify_cli.store.schema import journal, operations, participants, requests, reward_stock
from gamify_cli.store.statements_ranges import within

_ROW = (*records.COLUMNS, "state", "search", "due_at")
verify_participants = (
    select(*(participants.c[name] for name in _ROW))
    .where(*within(participants.c.participant_id))
    .order_by(participants.c.participant_id)
)
verify_facts = (
    select(
        journal.c.participant_id,
        journal.c.number,
        journal.c.kind,
        journal.c.data,
        journal.c.occurred_at,
        journal.c.cause,
        journal.c.recorded_at,
        journal.c.operation,
        journal.c.command.is_(None),
        journal.c.program,
    )
    .where(*within(journal.c.participant_id))
    .order_by(journal.c.participant_id, journal.c.number)
)
verify_requests = (
    select(
        requests.c.participant_id,
        requests.c.operation_name,
        requests.c.idempotency_key,
        requests.c.answer,
        participants.c.participant_id.is_(None),
    )
    .select_from(
        requests.outerjoin(participants, requests.c.participant_id == participants.c.participant_id)
    )
    .where(*within(requests.c.participant_id))
    .order_by(requests.c.participant_id)
)
verify_operations = select(
    operations.c.operation,
    operations.c.participants,
    operations.c.facts,
    operations.c.input.is_not(None),
    operations.c.undone_by,
).order_by(operations.c.operation)
correct_operation = (
    update(operations)
    .where(operations.c.operation == bindparam("operation", type_=Text))
    .values(
        {
            name: operations.c[name] + bindparam(f"more_{name}", type_=BigInteger)
            for name in ("participants", "facts")
        }
    )
)
_CODE = and_(
    reward_stock.c.reward_id == bindparam("of_reward", type_=Text),
    reward_stock.c.code == bindparam("of_code", type_=Text),
)
_TAKEN = [reward_stock.c[name] for name in ("remaining", "claim_id", "participant_id", "operation")]
lock_taken = select(*_TAKEN).where(_CODE).with_for_update()
correct_code = (
    update(reward_stock)
    .where(_CODE)
    .values({column: bindparam(column.name, type_=column.type) for column in _TAKEN})
)
