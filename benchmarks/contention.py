"""Do eight processes on one SQLite store get on as well as one, and does none wait for long?"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import crowd
import installed
from figures import Figure, ratio, show
from sizes import size

PROCESSES = 8
PEOPLE = size(5_000, 500)
ROUNDS = size(8, 2)
SECONDS = size(2.5, 1)

_WAIT_MS, _THROUGHPUT = 1_000, 0.7


def figures() -> list[Figure]:
    """Turns of some seconds, of one process and of all of them."""
    installed.install()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "gamify.db"
        crowd.register(store, PEOPLE)
        with crowd.running(store, PEOPLE, PROCESSES, "repeat") as every:
            pairs = [
                (crowd.turn(every[:1], SECONDS), crowd.turn(every, SECONDS)) for _ in range(ROUNDS)
            ]
        turns = [turn for pair in pairs for turn in pair]
        wrong = _wrong(store, turns)
    alone, together = zip(*pairs, strict=True)
    waits = sorted(1_000 * one for turn in together for one in turn.seconds)
    p99 = waits[len(waits) * 99 // 100]
    return [
        ratio(
            f"SQLite: {PROCESSES} processes awarding / one",
            [len(one.seconds) / SECONDS for one in together],
            [len(one.seconds) / SECONDS for one in alone],
            _THROUGHPUT,
            "{:,.0f}/s",
            at_least=True,
            of_size=True,
        ),
        Figure(
            "the same: slowest hundredth of the awards",
            p99,
            _WAIT_MS,
            "ms",
            f"median {statistics.median(waits):.2f} ms, slowest {waits[-1]:,.0f} ms",
            of_size=True,
        ),
        Figure(
            "the same: errors, awards lost or made twice",
            wrong,
            0,
            "awards",
            f"{sum(len(turn.answers) for turn in turns):,} answered, repeats among them",
        ),
    ]


def _wrong(store: Path, turns: Sequence[crowd.Turn]) -> int:
    """How many awards the journal has otherwise than they were answered, and all errors."""
    answered = {pair for turn in turns for pair in turn.answers}
    with closing(sqlite3.connect(store)) as connection:
        made = connection.execute(
            "SELECT r.idempotency_key, f.data ->> 'id' FROM journal f LEFT JOIN requests r"
            " ON r.participant_id = f.participant_id AND r.answer ->> 'transaction_id'"
            " = f.data ->> 'id' WHERE f.kind = 'points_awarded' AND f.number > 2"
        ).fetchall()
        ((balance,),) = connection.execute("SELECT sum(balance) FROM participants").fetchall()
    errors = sum(len(turn.errors) for turn in turns)
    twice = len(made) - len(dict(made))
    uncounted = abs(balance - 5 * (PEOPLE + len(made)))
    return len(answered ^ set(made)) + twice + uncounted + errors


if __name__ == "__main__":
    show(figures)
