"""The statements on operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Insert, Text, bindparam, func, insert, literal_column, select

from gamify_cli.store.dialects import Upsert
from gamify_cli.store.schema import backups, journal, operations

_WHO = ("operation", "command", "actor", "recorded_at")
_SUMS = ("participants", "facts")


def _counted(*more: str) -> Callable[..., Insert]:
    """An operation with what it did so far, which is added, and what it tells beside."""

    def make(insert: Callable[..., Any]) -> Insert:
        columns = [operations.c[name] for name in (*_WHO, *_SUMS, *more)]
        values = {column: bindparam(column.name, type_=column.type) for column in columns}
        counted = insert(operations).values(values)
        sums = {name: operations.c[name] + counted.excluded[name] for name in _SUMS}
        return counted.on_conflict_do_update(  # type: ignore[no-any-return]
            index_elements=[operations.c.operation],
            set_=sums | {name: counted.excluded[name] for name in more},
        )

    return make


keep_operation = insert(operations).values(
    {name: bindparam(name, type_=operations.c[name].type) for name in (*_WHO, "program")}
)
count_operation = Upsert(_counted())
count_import = Upsert(_counted("input", "lines", "finished"))
count_done = select(operations.c.facts).where(
    operations.c.operation == bindparam("operation", type_=Text)
)
find_imports = (
    select(operations.c.operation, operations.c.recorded_at, operations.c.input, operations.c.lines)
    .where(operations.c.finished == literal_column("0"))
    .order_by(operations.c.recorded_at.desc(), operations.c.operation)
)

_BACKUP = {column: bindparam(column.name, type_=column.type) for column in backups.c}


def _keep_backup(insert: Callable[..., Any]) -> Insert:
    """What is written to the same path again takes the place of what was there."""
    made = insert(backups).values(_BACKUP)
    changed = {name: made.excluded[name] for name in ("made_at", "operation")}
    return made.on_conflict_do_update(index_elements=[backups.c.path], set_=changed)  # type: ignore[no-any-return]


keep_backup = Upsert(_keep_backup)
find_backups = select(*backups.c).order_by(backups.c.made_at.desc(), backups.c.path)
count_journal = select(func.count()).select_from(journal)
