"""All participants in ranges of their ids, worked on by all cores, each with its own session.

All of them see the store as of one moment.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

from gamify_cli.errors import Unavailable
from gamify_cli.store.session import Session

_Result = TypeVar("_Result")

SIZE = 500
"""Participants in a range."""

AHEAD = 8
"""So many ranges a process may be ahead of the one whose result is awaited."""

WORTH_IT = 50_000
"""Facts from which on more than one process is started, which takes as long as some thousands."""

LAST = "\U0010ffff" * 256
"""What no id reaches."""


class Range(NamedTuple):
    """The participants with ids from `first` to before `end`."""

    first: str
    end: str


Work = Callable[[Range], _Result]
Start = Callable[[Session], Work[_Result]]
"""What is called once in each process, within a reading; it and the results are pickled."""


def after(participant_id: str) -> str:
    """Where the range begins that follows on a participant; no id has a control character."""
    return f"{participant_id}\1"


def ranges(session: Session, first: str = "") -> Iterator[Range]:
    """All there are from an id on; together they cover ids that have no row, too."""
    while True:
        asked = {"first": first, "skipped": SIZE}
        (end,) = session.one(session.sql.FIND_RANGE_END, asked) or (LAST,)
        yield Range(first, end)
        if end == LAST:
            return
        first = end


def cores() -> int:
    """How many processes can run at a time."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def each(session: Session, start: Start[_Result], processes: int) -> Generator[_Result, None, None]:
    """What the work comes to for each range, in their order; to be closed if it is not read.

    One process is this one. Raises what the work raises, and Unavailable where a process dies.
    """
    with spread(session, start, processes) as results:
        yield from results


@contextmanager
def spread(session: Session, start: Start[_Result], processes: int) -> Iterator[Iterator[_Result]]:
    """The same, and until it ends the session, too, reads as of the moment that all see."""
    with ExitStack() as readings:
        if processes > 1:
            pipes = readings.enter_context(_workers(session, start, processes))
            with session.standstill():
                readings.enter_context(session.reading())
                _all(pipes, session.snapshot())
            yield _in_order(ranges(session), pipes)
        else:
            readings.enter_context(session.reading())
            yield map(start(session), ranges(session))


@contextmanager
def _workers(session: Session, start: Start[Any], processes: int) -> Iterator[list[Any]]:
    """Processes with a session each, as what they are talked to by."""
    # Not by a fork: what SQLite and libpq hold open must not be shared.
    spawn, opener = get_context("spawn"), session.opener()
    pairs = [spawn.Pipe() for _ in range(processes)]
    workers = [
        spawn.Process(target=_serve, args=(theirs, opener, start), daemon=True)
        for _, theirs in pairs
    ]
    pipes = [ours for ours, _ in pairs]
    try:
        for worker, (_, theirs) in zip(workers, pairs, strict=True):
            worker.start()
            theirs.close()
        # Nothing has to stand still until they are all there.
        _all(pipes, None)
        yield pipes
    finally:
        for worker in workers:
            worker.kill()


def _all(pipes: list[Any], what: str | None) -> None:
    """Tell all, and wait until each has done it."""
    for pipe in pipes:
        _send(pipe, what)
    for pipe in pipes:
        _received(pipe)


def _in_order(left: Iterator[Range], idle: list[Any]) -> Iterator[Any]:
    """Hand out ranges as processes ask for them, and yield their results in order."""
    most = AHEAD * len(idle)
    busy: dict[Any, int] = {}
    done: dict[int, Any] = {}
    given = awaited = 0
    while True:
        while idle and given - awaited < most and (one := next(left, None)):
            busy[idle[-1]] = given
            _send(idle.pop(), one)
            given += 1
        if not busy and not done:
            return
        while awaited in done:
            yield done.pop(awaited)
            awaited += 1
        for pipe in connection.wait([*busy]) if busy else ():
            done[busy.pop(pipe)] = _received(pipe)
            idle.append(pipe)


def _send(pipe: Any, what: Any) -> None:
    # Of one that is gone, what is received next tells.
    with suppress(OSError):
        pipe.send(what)


def _received(pipe: Any) -> Any:
    try:
        result = pipe.recv()
    except (EOFError, OSError):
        raise Unavailable("a process that read the store was ended") from None
    if isinstance(result, Exception):
        raise result
    return result


def _serve(pipe: Connection, opener: Callable[[], Session], start: Start[Any]) -> None:
    """Work on ranges until nobody asks any more, also because whoever asked is gone."""
    # Ctrl-C reaches everyone at the terminal; the one who asked ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        try:
            session = opener()
            pipe.send(pipe.recv())
            with session.joining(pipe.recv()):
                pipe.send(None)
                work = start(session)
                # What work leaves behind has no cycles.
                gc.disable()
                while True:
                    pipe.send(work(pipe.recv()))
        except (EOFError, OSError):
            raise
        except Exception as error:
            pipe.send(error)
