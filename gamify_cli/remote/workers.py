"""The same question for each of several items, some at a time, answered in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from queue import SimpleQueue
from threading import Thread
from typing import NamedTuple, TypeVar

_Answer = TypeVar("_Answer")


class _Failure(NamedTuple):
    """What a question raised; an error that it returns is an answer."""

    error: BaseException


def in_order(ask: Callable[[str], _Answer], items: Sequence[str], jobs: int) -> Iterator[_Answer]:
    """What `ask` answers for each item, as it comes; what it raises is raised in its place."""
    if len(items) < 2 or jobs < 2:
        yield from map(ask, items)
        return
    done: SimpleQueue[tuple[int, _Answer | _Failure]] = SimpleQueue()
    places = count()
    stopped = False

    def work() -> None:
        # One step of a count is whole, whatever the number of threads.
        for place in places:
            if stopped or place >= len(items):
                return
            try:
                done.put((place, ask(items[place])))
            except BaseException as error:
                done.put((place, _Failure(error)))

    # A daemon does not hold up the end of the program when nobody waits for its answer.
    for _ in range(min(jobs, len(items))):
        Thread(target=work, daemon=True).start()
    try:
        yield from _sorted(done, len(items))
    finally:
        stopped = True


def _sorted(done: SimpleQueue[tuple[int, _Answer | _Failure]], total: int) -> Iterator[_Answer]:
    early: dict[int, _Answer | _Failure] = {}
    for place in range(total):
        while place not in early:
            number, answer = done.get()
            early[number] = answer
        answer = early.pop(place)
        if isinstance(answer, _Failure):
            raise answer.error
        yield answer
