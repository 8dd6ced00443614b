"""Who runs what: reads by key on the loop, longer reads beside it, all writes in one place.

Each of the three has a backend of its own, since one is for one thread. Writes that wait are
made together, each of them whole or not at all; they are answered when all are durable.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

from gamify_cli.backend import Change
from gamify_cli.backend.whole import Served
from gamify_cli.errors import GamifyError, Unavailable

Work = Callable[[Served], Any]

MOST_WAITING = 1_000
"""Writes that wait; more are refused, since they would only time out."""

_LARGEST_GROUP = 100


class _Job(NamedTuple):
    work: Work
    answer: asyncio.Future[Any]


class Threads:
    """The backends of a server and the threads that they belong to.

    `opened` is the backend of the loop; the others wait for locks of other processes, for
    `patience` seconds. `close` waits for the writes that were taken. Raises StoreError and
    Unavailable where the store does not open for all three.
    """

    def __init__(self, opened: Served, patience: float) -> None:
        self._loop = asyncio.get_running_loop()
        self.here = opened
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._reader, self._there = _apart("reader", opened, patience)
        try:
            self._writer, backend = _apart("writer", opened, patience)
        except GamifyError:
            self._reader.submit(self._there.close)
            self._reader.shutdown()
            raise
        self._writing = self._writer.submit(self._write, backend)

    async def read(self, work: Work) -> Any:
        """What work that only reads leads to, beside the loop."""
        return await self._loop.run_in_executor(self._reader, work, self._there)

    async def write(self, work: Work) -> Any:
        """What a change leads to, once it is durable. Raises Unavailable where too many wait."""
        if self._jobs.qsize() >= MOST_WAITING:
            raise Unavailable("too many changes are waiting; try again")
        job = _Job(work, self._loop.create_future())
        self._jobs.put(job)
        # A client that goes away takes nothing back: the change may be made already.
        return await asyncio.shield(job.answer)

    async def close(self) -> None:
        """Make the writes that wait, then close all backends."""
        self._jobs.put(None)
        await asyncio.wrap_future(self._writing)
        await self._loop.run_in_executor(self._reader, self._there.close)
        self._writer.shutdown()
        self._reader.shutdown()
        self.here.close()

    def _write(self, backend: Served) -> None:
        while (job := self._jobs.get()) is not None:
            jobs = [job]
            while len(jobs) < _LARGEST_GROUP and not self._jobs.empty():
                # The last one, None, stays for the next turn.
                following = self._jobs.get()
                if following is None:
                    self._jobs.put(None)
                    break
                jobs.append(following)
            self._answer(jobs, _made(backend, [one.work for one in jobs]))
        backend.close()

    def _answer(self, jobs: list[_Job], results: list[Any]) -> None:
        self._loop.call_soon_threadsafe(_tell, jobs, results)


def _apart(name: str, opened: Served, patience: float) -> tuple[ThreadPoolExecutor, Served]:
    """A thread, and a backend of the same store that belongs to it."""
    thread = ThreadPoolExecutor(1, name)
    try:
        return thread, thread.submit(opened.twin, patience).result()
    except GamifyError:
        thread.shutdown()
        raise


def _made(backend: Served, works: list[Work]) -> list[Any]:
    """What each leads to, an error among them too."""
    guarded = [Change(partial(_guarded, work, backend)) for work in works]
    return [*backend.together(guarded, lambda: None)]


def _guarded(work: Work, backend: Served) -> Any:
    """What it leads to; a bug is of the one that meets it."""
    try:
        return work(backend)
    except GamifyError:
        raise
    except Exception as error:
        return error


def _tell(jobs: list[_Job], results: list[Any]) -> None:
    for job, result in zip(jobs, results, strict=True):
        if job.answer.cancelled():
            continue
        if isinstance(result, Exception):
            job.answer.set_exception(result)
        else:
            job.answer.set_result(result)
