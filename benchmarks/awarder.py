"""One of many processes that award points on one store, each award durable before the next.

    python awarder.py PLACE PEOPLE NAME [repeat]

For each number of seconds on stdin it awards to random participants for so long, and prints a
line of JSON: the seconds that each call took, the transactions that each key was answered with,
and the errors there were. Keys begin with NAME; with `repeat`, of every ten awards one goes under
a key that all processes come to use, and one is a repeat of this process's last one. PLACE is a
store as `--store` takes it, with participants user_1 to user_PEOPLE.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from gamify_cli.backend import Operation, Write
from gamify_cli.errors import GamifyError
from gamify_cli.store.local import LocalStore


def main() -> None:
    """What is answered under a key must always be the same."""
    place, people, name, *repeat = sys.argv[1:]
    store = LocalStore.open(place if "://" in place else Path(place), timeout=30)
    keys = _some_twice(name, int(people)) if repeat else _once(name, int(people))
    for line in sys.stdin:
        seconds: list[float] = []
        answers: dict[str, list[str]] = {}
        errors: list[str] = []
        end = time.perf_counter() + float(line)
        while (start := time.perf_counter()) < end:
            key, one = next(keys)
            write = Write(Operation.new("gamify points award", "bench"), key)
            try:
                answer = store.points.award(one, {"amount": 5}, write)
            except GamifyError as error:
                errors.append(error.message)
            else:
                answers.setdefault(key, []).append(answer.body["transaction_id"])
            seconds.append(time.perf_counter() - start)
        print(json.dumps([seconds, answers, errors]), flush=True)
    store.close()


def _once(name: str, people: int) -> Iterator[tuple[str, str]]:
    """Keys, and who is awarded points under each."""
    for number in count():
        yield f"{name}.{number}", f"user_{random.randint(1, people)}"


def _some_twice(name: str, people: int) -> Iterator[tuple[str, str]]:
    """The same, of which this process or all of them use some again."""
    for number, mine in enumerate(_once(name, people)):
        if number % 10 == 0:
            yield f"all.{number}", f"user_{1 + number % people}"
            continue
        yield mine
        if number % 10 == 1:
            yield mine


if __name__ == "__main__":
    main()
