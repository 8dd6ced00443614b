"""Who runs what where every question waits for a network: threads, each with its own backend.

Nothing runs on the loop. What reads by key, what reads more and what writes have threads of their
own, so that none waits for locks or long lists of the others. Each write is a transaction of its
own.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gamify_cli.backend import KeyRecord
from gamify_cli.backend.whole import Served
from gamify_cli.errors import Unavailable
from gamify_cli.server.threads import MOST_WAITING, Work

QUICK, READERS, WRITERS = 4, 4, 8
"""Threads, and so connections."""

LONGEST_WAIT = 10.0
"""Seconds until a call that no thread took is refused, for its caller has given it up."""

_QUICK_SECONDS, _READ_SECONDS = 1.0, 30.0


class Pool:
    """The backends of a server on a database, until `close`, which waits for what was taken.

    `opened` is the backend that the others are twins of, and stays with the caller's thread.
    Writes wait for locks and for a database that is away, for `patience` seconds.
    """

    def __init__(self, opened: Served, patience: float) -> None:
        self._opened = opened
        self._quick = _Crew("quick", QUICK, opened, _QUICK_SECONDS)
        self._readers = _Crew("reader", READERS, opened, _READ_SECONDS)
        self._writers = _Crew("writer", WRITERS, opened, patience)

    @property
    def known_keys(self) -> dict[bytes, KeyRecord]:
        """None is remembered: another process may revoke one at any time."""
        return {}

    async def quick(self, work: Work) -> Any:
        """What a read by key leads to; all of it is of one moment."""

        def together(backend: Served) -> Any:
            with backend.sharing():
                return work(backend)

        return await self._quick.run(together)

    async def read(self, work: Work) -> Any:
        """What work that only reads leads to."""
        return await self._readers.run(work)

    async def write(self, work: Work) -> Any:
        """What a change leads to, once it is durable."""
        return await self._writers.run(work)

    async def close(self) -> None:
        """Do what was taken, then close all backends."""
        for crew in (self._quick, self._readers, self._writers):
            await crew.close()
        self._opened.close()


class _Crew:
    """Threads that do the same kind of work; each opens its backend when it is first needed.

    `patience` is how many seconds their backends wait.
    """

    def __init__(self, name: str, size: int, opened: Served, patience: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(size, name)
        self._own = threading.local()
        self._opened = opened
        self._patience = patience
        self._backends: list[Served] = []
        self._taken = 0
        self._most = size + MOST_WAITING

    async def run(self, work: Work) -> Any:
        """What it leads to. Raises Unavailable where too many wait."""
        if self._taken >= self._most:
            raise _overrun()
        self._taken += 1
        job = self._loop.run_in_executor(self._threads, self._do, work, time.monotonic())
        job.add_done_callback(self._done)
        # A client that goes away takes nothing back: a change may be made already.
        return await asyncio.shield(job)

    async def close(self) -> None:
        """Do what was taken; a backend is closed once its thread has ended."""
        await asyncio.to_thread(self._threads.shutdown)
        for backend in self._backends:
            backend.close()

    def _do(self, work: Work, asked: float) -> Any:
        if time.monotonic() - asked > LONGEST_WAIT:
            raise _overrun()
        if not hasattr(self._own, "backend"):
            self._own.backend = self._opened.twin(self._patience)
            self._backends.append(self._own.backend)
        return work(self._own.backend)

    def _done(self, job: asyncio.Future[Any]) -> None:
        self._taken -= 1
        if not job.cancelled():
            # Asked for, so that asyncio does not complain where nobody waits any more.
            job.exception()


def _overrun() -> Unavailable:
    return Unavailable("too many requests are waiting; try again")
