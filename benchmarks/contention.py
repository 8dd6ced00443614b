"""Do eight processes on one SQLite store get on as well as one, and does none wait for long?"""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import installed
from figures import Figure, ratio, show
from sizes import size

from gamify_cli.backend import Change, Operation, Write
from gamify_cli.store.local import LocalStore

PROCESSES = 8
PEOPLE = size(5_000, 500)
ROUNDS = size(8, 2)
SECONDS = size(2.5, 1)

_CONTENDER = Path(__file__).with_name("contender.py")
_WAIT_MS, _THROUGHPUT = 1_000, 0.7


class Turn(NamedTuple):
    """What came of some seconds: how long each call took, what each key was answered with."""

    seconds: list[float]
    answers: list[tuple[str, str]]
    errors: list[str]

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.seconds) / SECONDS


def figures() -> list[Figure]:
    """Turns of some seconds, of one process and of all of them."""
    installed.install()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "gamify.db"
        _register(store)
        with _processes(store) as running:
            pairs = [(_turn(running[:1]), _turn(running)) for _ in range(ROUNDS)]
        turns = [turn for pair in pairs for turn in pair]
        wrong = _wrong(store, turns)
    alone, together = zip(*pairs, strict=True)
    waits = sorted(1_000 * one for turn in together for one in turn.seconds)
    p99 = waits[len(waits) * 99 // 100]
    return [
        ratio(
            f"SQLite: {PROCESSES} processes awarding / one",
            [one.rate for one in together],
            [one.rate for one in alone],
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


def _register(path: Path) -> None:
    """Everyone has points already, so that no row is the first of its kind."""
    store = LocalStore.open(path, timeout=10)
    write = Write(Operation.new("gamify points award", "bench"), None)

    def award(number: int) -> Change[object]:
        one = f"user_{number + 1}"
        return Change(lambda: store.points.award(one, {"amount": 5}, write), one)

    for _ in store.together([award(number) for number in range(PEOPLE)], lambda: None):
        pass
    store.close()


@contextmanager
def _processes(store: Path) -> Iterator[list[subprocess.Popen[str]]]:
    running = [
        subprocess.Popen(
            [installed.PYTHON, _CONTENDER, store, str(PEOPLE), f"p{number}"],
            env=installed.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    yield running
    for process in running:
        process.communicate()


def _turn(running: Sequence[subprocess.Popen[str]]) -> Turn:
    """Have these award for a while, all at once."""
    for process in running:
        print(SECONDS, file=process.stdin, flush=True)
    turn = Turn([], [], [])
    for process in running:
        seconds, answers, errors = json.loads(process.stdout.readline())
        turn.seconds.extend(seconds)
        turn.answers.extend((key, one) for key, ids in answers.items() for one in ids)
        turn.errors.extend(errors)
    return turn


def _wrong(store: Path, turns: Sequence[Turn]) -> int:
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
