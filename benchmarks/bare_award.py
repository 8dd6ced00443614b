"""An award as one writes it by hand: read the row, write it, append the fact, commit."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from gamify_cli.store import records

AMOUNT = 5

_COLUMNS = (*records.COLUMNS, "state")
_UPDATE = """UPDATE participants SET balance = ?, total_earned = ?, last_seen_at = ?,
    recorded_at = ?, version = ?, state = ? WHERE participant_id = ?"""
_APPEND = f"INSERT INTO journal VALUES ({', '.join('?' * 11)})"


def award(connection: Any, sql: ModuleType, begin: str, mark: str = "?") -> Callable[[str], None]:
    """What awards points to a participant on a connection of DB-API, in autocommit.

    `mark` is what stands for a value in its statements; the state of the row stays as it was.
    """
    execute = connection.execute
    update, append = _UPDATE.replace("?", mark), _APPEND.replace("?", mark)

    def run(one: str) -> None:
        now = time.time_ns() // 1_000
        execute(begin)
        row = execute(sql.LOCK_PARTICIPANT, {"participant_id": one}).fetchone()
        known = dict(zip(_COLUMNS, row, strict=True))
        balance, number = known["balance"] + AMOUNT, known["version"] + 1
        earned = known["total_earned"] + AMOUNT
        execute(update, (balance, earned, now, now, number, known["state"], one))
        data = f'{{"id":"0123456789abcdef01234567","amount":{AMOUNT},"balance":{balance}}}'
        origin = ("op_0123456789abcdef01234567", "gamify points award", "bench", None)
        execute(append, (one, number, "points_awarded", data, now, now, None, *origin))
        execute("COMMIT")

    return run
