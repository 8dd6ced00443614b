"""Processes that award points on one store, all at once (`awarder.py`)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import installed

from gamify_cli.backend import Change, Operation, Write
from gamify_cli.store.local import LocalStore

Processes = list["subprocess.Popen[str]"]

_AWARDER = Path(__file__).with_name("awarder.py")


class Turn(NamedTuple):
    """What came of some seconds: how long each call took, what each key was answered with."""

    seconds: list[float]
    answers: list[tuple[str, str]]
    errors: list[str]


def register(place: Path | str, people: int) -> None:
    """Everyone has points already, so that no row is the first of its kind."""
    store = LocalStore.open(place, timeout=60)
    write = Write(Operation.new("gamify points award", "bench"), None)

    def award(number: int) -> Change[object]:
        one = f"user_{number + 1}"
        return Change(lambda: store.points.award(one, {"amount": 5}, write), one)

    for _ in store.together([award(number) for number in range(people)], lambda: None):
        pass
    store.close()


@contextmanager
def running(place: Path | str, people: int, count: int, *how: str) -> Iterator[Processes]:
    """So many processes, which wait for their turn; `how` as the script takes it."""
    processes = [
        subprocess.Popen(
            [installed.PYTHON, _AWARDER, place, str(people), f"p{number}", *how],
            env=installed.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    yield processes
    for process in processes:
        process.communicate()


def turn(processes: Sequence[subprocess.Popen[str]], seconds: float) -> Turn:
    """Have these award for so long."""
    for process in processes:
        print(seconds, file=process.stdin, flush=True)
    came = Turn([], [], [])
    for process in processes:
        times, answers, errors = json.loads(process.stdout.readline())
        came.seconds.extend(times)
        came.answers.extend((key, one) for key, ids in answers.items() for one in ids)
        came.errors.extend(errors)
    return came
