"""The least that a server of the same store can do: the same statements, written out by hand.

    python bare.py STORE

A profile is the key's row, the program's and the participant's, read in one transaction; an
award reads the key and the row, writes the row, appends the fact and commits, as durably as
gamify does. Nothing of the request is checked but the key, no rule is judged, nothing is logged
or counted, and all that was never earned is answered as it is in such a store.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from hashlib import sha256
from typing import Any

from asgi import serve

from gamify_cli.store.sqlite import sql

_UPDATE = """UPDATE participants SET balance = ?, total_earned = ?, last_seen_at = ?,
    recorded_at = ?, version = ?, state = ?, search = ?, due_at = ? WHERE participant_id = ?"""
_PROFILES = b"/api/v1/gamify/participants/"


class Bare:
    """An ASGI app on one connection."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA mmap_size=268435456")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        key = dict(scope["headers"]).get(b"x-api-key", b"")
        if scope["method"] == "GET":
            status, answer = self._profile(key, scope["raw_path"])
        else:
            status, answer = self._award(key, (await receive())["body"])
        body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _profile(self, key: bytes, path: bytes) -> tuple[int, Any]:
        one = path.removeprefix(_PROFILES).decode()
        execute = self._connection.execute
        execute("BEGIN")
        known = self._is_known(key)
        execute(sql.FIND_PROGRAM).fetchone()
        row = execute(sql.FIND_PARTICIPANT, {"participant_id": one}).fetchone()
        execute("COMMIT")
        if not known:
            return 401, {"detail": "the API key is unknown"}
        if row is None:
            return 404, {"detail": f'participant "{one}" not found'}
        return 200, _shown(row)

    def _award(self, key: bytes, raw: bytes) -> tuple[int, Any]:
        body = json.loads(raw)
        one, amount = body["participant_id"], body["amount"]
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        if not self._is_known(key):
            execute("ROLLBACK")
            return 401, {"detail": "the API key is unknown"}
        execute(sql.FIND_PROGRAM).fetchone()
        row = execute(sql.FIND_PARTICIPANT, {"participant_id": one}).fetchone()
        now, identity = time.time_ns() // 1_000, os.urandom(12).hex()
        balance, earned = row["balance"] + amount, row["total_earned"] + amount
        number, search = row["version"] + 1, f"{one}\n{row['display_name']}".casefold()
        state = json.dumps({"points_at": now}, separators=(",", ":"))
        execute(_UPDATE, (balance, earned, now, now, number, state, search, None, one))
        data = json.dumps({"id": identity, "amount": amount, "balance": balance})
        operation, told = os.urandom(12).hex(), "POST /points/award"
        execute(
            sql.APPEND_FACT,
            (one, number, "points_awarded", data, now, now, None, operation, told, "key", None),
        )
        execute("COMMIT")
        answer = {"transaction_id": identity, "participant_id": one, "amount": amount}
        return 200, {**answer, "new_balance": balance, "tier_upgrade": None, "badges_unlocked": []}

    def _is_known(self, key: bytes) -> bool:
        values = {"hash": sha256(key).hexdigest()}
        row = self._connection.execute(sql.FIND_KEY, values).fetchone()
        now = time.time_ns() // 1_000
        if row is None or row["revoked_at"] is not None:
            return False
        return row["expires_at"] is None or row["expires_at"] > now


def _shown(row: sqlite3.Row) -> Any:
    return {
        "participant_id": row["participant_id"],
        "display_name": row["display_name"],
        "avatar_url": row["avatar_url"],
        "attributes": json.loads(row["attributes"]),
        "points": {name: row[name] for name in ("balance", "total_earned", "total_spent")},
        "tier": None,
        "badges": [],
        "streaks": None,
        "rewards_claimed": row["rewards_claimed"],
        "total_events": row["total_events"],
        "first_seen_at": _time(row["first_seen_at"]),
        "last_seen_at": _time(row["last_seen_at"]),
        "is_active": bool(row["is_active"]),
    }


def _time(instant: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant // 1_000_000))


if __name__ == "__main__":
    serve(Bare(sys.argv[1]))
