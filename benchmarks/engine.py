"""What does one award cost beside its bare SQL, and does a long history slow a read?"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

import bare_award
from bare_award import AMOUNT
from figures import Figure, ratio, show
from sizes import size

from gamify_cli.backend import Operation, Write
from gamify_cli.store.local import LocalStore
from gamify_cli.store.sqlite import file, sql

AWARDS = size(1_500, 500)
_TURN = 50
LONG, SHORT = size(10_000, 1_000), 10
READS = size(10_000, 2_000)
_MAX_ROW = 16 * 1024
_WRITE = Write(Operation("op_bench", "gamify points award", "bench"))


def figures() -> list[Figure]:
    """Awards and reads in a store of their own."""
    with tempfile.TemporaryDirectory() as folder:
        return [_award(Path(folder)), *_history(Path(folder))]


def _award(folder: Path) -> Figure:
    """Durable awards in turns with a hand-written transaction of the same rows."""
    paths = folder / "ours.db", folder / "bare.db"
    store, other = (LocalStore.open(path, timeout=10) for path in paths)
    for one in (store, other):
        one.points.award("ada", {"amount": AMOUNT}, _WRITE)
    other.close()
    connection = file.connect(paths[1])
    by_hand = bare_award.award(connection, sql, "BEGIN IMMEDIATE")
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(0, AWARDS, _TURN):
        start = time.perf_counter()
        for _ in range(_TURN):
            store.points.award("ada", {"amount": AMOUNT}, _WRITE)
        rates[0].append(_TURN / (time.perf_counter() - start))
        start = time.perf_counter()
        for _ in range(_TURN):
            by_hand("ada")
        rates[1].append(_TURN / (time.perf_counter() - start))
    store.close()
    connection.close()
    question = "one durable award / hand-written SQL"
    return ratio(question, *rates, 0.6, "{:,.0f}/s", at_least=True)


def _history(folder: Path) -> list[Figure]:
    """Profiles of a participant with a long history and of one with a short one, in turns."""
    path = folder / "history.db"
    backend = LocalStore.open(path, timeout=10)
    for one, count in (("long", LONG), ("short", SHORT)):
        for _ in range(count):
            backend.points.award(one, {"amount": AMOUNT}, _WRITE)
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
