"""The statements that `store verify` reads by, most of them a range of participants."""

from __future__ import annotations

from sqlalchemy import select

from gamify_cli.store import records
from gamify_cli.store.schema import journal, operations, participants, requests
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
