"""The statements on operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Insert, bindparam, insert, literal_column, select

from gamify_cli.store.dialects import Upsert
from gamify_cli.store.schema import operations

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
find_imports = (
    select(operations.c.operation, operations.c.recorded_at, operations.c.input, operations.c.lines)
    .where(operations.c.finished == literal_column("0"))
    .order_by(operations.c.recorded_at.desc(), operations.c.operation)
)
