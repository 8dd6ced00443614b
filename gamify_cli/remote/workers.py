"""The same question for each of several items, some at a time, answered in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from queue import SimpleQueue
from threading import Thread
from typing import Generic, NamedTuple, TypeVar

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")

_LARGEST_SHARE = 8


class _Failure(NamedTuple):
    """What a question raised; an error that it returns is an answer."""

    error: BaseException


def in_order(
    ask: Callable[[_Item], _Answer], items: Sequence[_Item], jobs: int
) -> Iterator[_Answer]:
    """What `ask` answers for each item, as it comes; what it raises is raised in its place."""
    if len(items) < 2 or jobs < 2:
        yield from map(ask, items)
        return
    # Each hand-over from thread to thread costs a switch, so many items go in shares.
    share = max(1, min(_LARGEST_SHARE, len(items) // (jobs * 4)))
    shares = [items[start : start + share] for start in range(0, len(items), share)]
    work = _Work(ask, shares)
    # A daemon does not hold up the end of the program when nobody waits for its answer.
    for _ in range(min(jobs, len(shares))):
        Thread(target=work.run, daemon=True).start()
    try:
        yield from work.answers()
    finally:
        work.stop()


class _Work(Generic[_Item, _Answer]):
    """Shares of items that threads take one after the other."""

    def __init__(self, ask: Callable[[_Item], _Answer], shares: Sequence[Sequence[_Item]]) -> None:
        self._ask = ask
        self._shares = shares
        self._places = count()
        self._stopped = False
        self._done: SimpleQueue[tuple[int, list[_Answer | _Failure]]] = SimpleQueue()

    def run(self) -> None:
        """Do what is left to do, as one of several threads."""
        # One step of a count is whole, whatever the number of threads.
        for place in self._places:
            if self._stopped or place >= len(self._shares):
                return
            answers = [self._answer(item) for item in self._shares[place]]
            self._done.put((place, answers))

    def answers(self) -> Iterator[_Answer]:
        """All answers in order; raises what a question raised, in its place."""
        early: dict[int, list[_Answer | _Failure]] = {}
        for place in range(len(self._shares)):
            while place not in early:
                number, answers = self._done.get()
                early[number] = answers
            for answer in early.pop(place):
                if isinstance(answer, _Failure):
                    raise answer.error
                yield answer

    def stop(self) -> None:
        """Let the threads end after the share that each is at."""
        self._stopped = True

    def _answer(self, item: _Item) -> _Answer | _Failure:
        try:
            return self._ask(item)
        except BaseException as error:
            return _Failure(error)
