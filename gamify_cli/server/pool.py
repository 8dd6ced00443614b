"""Who runs what where every question waits for a network: threads, each with its own backend.

Nothing runs on the loop. What reads by key has threads of its own, so that it is answered while
all the others wait for locks or long lists. Each write is a transaction of its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gamify_cli.backend import KeyRecord, Served
from gamify_cli.errors import Unavailable

Work = Callable[[Served], Any]

MOST_WAITING = 1_000
"""Calls that wait for a thread; more are refused, since they would only time out."""

QUICK, OTHER = 4, 12
"""Threads, and so connections, for what reads by key and for the rest."""


class Pool:
    """The backends of a server on a database, until `close`, which waits for what was taken.

    `opened` is the backend that the others are twins of, and stays with the caller's thread.
    They wait for locks and for a database that is away, for `patience` seconds.
    """

    def __init__(self, opened: Served, patience: float) -> None:
        self._opened = opened
        self._quick = _Crew("quick", QUICK, opened, patience)
        self._other = _Crew("other", OTHER, opened, patience)

    @property
    def known_keys(self) -> dict[bytes, KeyRecord]:
        """None is remembered: another process may revoke one at any time."""
        return {}

    async def quick(self, work: Work) -> Any:
        """What a read by key leads to."""
        return await self._quick.run(work)

    async def read(self, work: Work) -> Any:
        """What work that only reads leads to."""
        return await self._other.run(work)

    async def write(self, work: Work) -> Any:
        """What a change leads to, once it is durable."""
        return await self._other.run(work)

    async def close(self) -> None:
        """Do what was taken, then close all backends."""
        await self._quick.close()
        await self._other.close()
        self._opened.close()


class _Crew:
    """Threads that do the same kind of work; each opens its backend when it is first needed."""

    def __init__(self, name: str, size: int, opened: Served, patience: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(size, name)
        self._own = threading.local()
        self._open: Callable[[], Served] = lambda: opened.twin(patience)
        self._backends: list[Served] = []
        self._taken = 0
        self._most = size + MOST_WAITING

    async def run(self, work: Work) -> Any:
        """What it leads to. Raises Unavailable where too many wait."""
        if self._taken >= self._most:
            raise Unavailable("too many requests are waiting; try again")
        self._taken += 1
        job = self._loop.run_in_executor(self._threads, self._do, work)
        job.add_done_callback(self._done)
        # A client that goes away takes nothing back: a change may be made already.
        return await asyncio.shield(job)

    async def close(self) -> None:
        """Do what was taken; a backend is closed once its thread has ended."""
        await asyncio.to_thread(self._threads.shutdown)
        for backend in self._backends:
            backend.close()

    def _do(self, work: Work) -> Any:
        if not hasattr(self._own, "backend"):
            self._own.backend = self._open()
            self._backends.append(self._own.backend)
        return work(self._own.backend)

    def _done(self, job: asyncio.Future[Any]) -> None:
        self._taken -= 1
        if not job.cancelled():
            # Asked for, so that asyncio does not complain where nobody waits any more.
            job.exception()
