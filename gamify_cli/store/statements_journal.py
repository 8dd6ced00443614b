"""The statements that read all there is, and that look whether there is anything."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Select,
    Table,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from gamify_cli.domain import journal_file
from gamify_cli.store.schema import (
    api_keys,
    journal,
    operations,
    participants,
    programs,
    requests,
    reward_stock,
)


def _dumped(kind: str, table: Table) -> Select[Any]:
    """Every row of a kind as a journal file has it, in the order of its keys."""
    columns, key, _ = journal_file.ROWS[kind]
    shown = [table.c[name] for name in columns]
    return select(*shown).order_by(*shown[:key])


dump_operations = _dumped("operation", operations)
dump_programs = _dumped("program", programs)
dump_stock = _dumped("stock", reward_stock)
dump_requests = _dumped("request", requests)
dump_facts = _dumped("fact", journal)

_TABLES = (participants, operations, programs, requests, reward_stock, api_keys)
_any_row: CompoundSelect[Any] = union_all(
    *(select(literal_column("1")).select_from(one) for one in _TABLES)
)
find_anything = _any_row.limit(literal_column("1")).offset(literal_column("0"))

find_steps = (
    select(
        journal.c.number,
        journal.c.kind,
        journal.c.data,
        journal.c.occurred_at,
        journal.c.cause,
        journal.c.operation,
        func.coalesce(journal.c.command, operations.c.command),
        func.coalesce(journal.c.actor, operations.c.actor),
        journal.c.program,
    )
    .select_from(journal.outerjoin(operations, journal.c.operation == operations.c.operation))
    .where(
        journal.c.participant_id == bindparam("participant_id", type_=journal.c.participant_id.type)
    )
    .order_by(journal.c.number)
)
