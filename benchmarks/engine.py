"""What does one award cost beside its bare SQL, and does a long history slow a read?"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from figures import Figure, show

from gamify_cli.backend import Operation, Write
from gamify_cli.store.local import LocalStore
from gamify_cli.store.sqlite import file, sql

AWARDS = 1_500
_TURN = 50
LONG, SHORT = 10_000, 10
READS = 10_000
_MAX_ROW = 16 * 1024
_WRITE = Write(Operation("op_bench", "gamify points award", "bench"))


def figures() -> list[Figure]:
    """Awards and reads in a store of their own."""
    with tempfile.TemporaryDirectory() as folder:
        return [_award(Path(folder)), *_history(Path(folder))]


def _award(folder: Path) -> Figure:
    """Durable awards in turns with a hand-written transaction of the same rows."""
    ours, bare = folder / "ours.db", folder / "bare.db"
    backend, other = LocalStore.open(ours, timeout=10), LocalStore.open(bare, timeout=10)
    for store in (backend, other):
        store.points.award("ada", {"amount": 5}, _WRITE)
    other.close()
    connection = file.connect(bare)
    rates: tuple[list[float], list[float]] = ([], [])
    number = 2
    for _ in range(0, AWARDS, _TURN):
        start = time.perf_counter()
        for _ in range(_TURN):
            backend.points.award("ada", {"amount": 5}, _WRITE)
        rates[0].append(_TURN / (time.perf_counter() - start))
        start = time.perf_counter()
        for _ in range(_TURN):
            number += 1
            _by_hand(connection, number)
        rates[1].append(_TURN / (time.perf_counter() - start))
    backend.close()
    connection.close()
    award, hand = (statistics.median(rate) for rate in rates)
    ratio = statistics.median(a / b for a, b in zip(*rates, strict=True))
    return Figure(
        "one durable award / hand-written SQL",
        ratio,
        0.6,
        "x",
        f"{award:,.0f}/s / {hand:,.0f}/s",
        at_least=True,
    )


def _by_hand(connection: sqlite3.Connection, number: int) -> None:
    now = time.time_ns() // 1_000
    connection.execute("BEGIN IMMEDIATE")
    row = connection.execute(sql.FIND_PARTICIPANT, {"participant_id": "ada"}).fetchone()
    connection.execute(
        "UPDATE participants SET balance = ?, total_earned = ?, last_seen_at = ?,"
        " recorded_at = ?, version = ?, state = ? WHERE participant_id = ?",
        (row[5] + 5, row[6] + 5, now, now, number, row[-1], "ada"),
    )
    data = '{"id":"0123456789abcdef01234567","amount":5,"balance":10}'
    fact = ("ada", number, "points_awarded", data, now, now, None, "op", "gamify", "bench", None)
    connection.execute(f"INSERT INTO journal VALUES ({', '.join('?' * 11)})", fact)
    connection.execute("COMMIT")


def _history(folder: Path) -> list[Figure]:
    """Profiles of a participant with a long history and of one with a short one, in turns."""
    path = folder / "history.db"
    backend = LocalStore.open(path, timeout=10)
    for one, count in (("long", LONG), ("short", SHORT)):
        for _ in range(count):
            backend.points.award(one, {"amount": 5}, _WRITE)
    times: dict[str, list[int]] = {"long": [], "short": []}
    for _ in range(READS):
        for one, kept in times.items():
            start = time.perf_counter_ns()
            list(backend.participants.profiles([one]))
            kept.append(time.perf_counter_ns() - start)
    backend.close()
    long, short = (statistics.median(kept) / 1_000 for kept in times.values())
    return [
        Figure(
            f"profile read, of {LONG:,} facts / of {SHORT} facts",
            long / short,
            1.2,
            "x",
            f"{long:.1f} µs / {short:.1f} µs (p50)",
        ),
        Figure("row of a participant with that history", _row_bytes(path), _MAX_ROW, "bytes", ""),
    ]


def _row_bytes(path: Path) -> int:
    connection = sqlite3.connect(path)
    row = connection.execute("SELECT * FROM participants WHERE participant_id = 'long'").fetchone()
    connection.close()
    return sum(len(str(value).encode()) for value in row)


if __name__ == "__main__":
    show(figures)
