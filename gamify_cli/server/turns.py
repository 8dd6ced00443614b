"""A store in a file as it is served: reads by key on the loop, in one transaction a turn of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from gamify_cli.backend import KeyRecord
from gamify_cli.backend.whole import Served
from gamify_cli.errors import GamifyError, StoreError
from gamify_cli.server.threads import Threads, Work

_RETRY_SECONDS = 1.0


class Turns:
    """The backends of a server on a file, until `close`.

    What is asked in one turn of the loop shares one look at the file and one transaction. All of
    it came in before that began, so it misses nothing that was answered before it was sent.
    Where the file is replaced by another one, that is opened by `open_`; while it is missing,
    `quick`, which every call begins with, raises StoreError.
    `patience` is how many seconds a write waits for a lock of another process; `failed` hears
    what befell nobody's answer.
    """

    def __init__(
        self,
        opened: Served,
        open_: Callable[[], Served],
        patience: float,
        failed: Callable[[GamifyError], None],
    ) -> None:
        self._threads = Threads(opened, patience)
        self._open = open_
        self._patience = patience
        self._failed = failed
        self._tried = 0.0
        self._turn: ExitStack | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self.known_keys: dict[bytes, KeyRecord] = {}

    async def quick(self, work: Work) -> Any:
        """What a read by key leads to, at once; raises StoreError, Unavailable."""
        if self._turn is None:
            self._turn = self._begin()
            asyncio.get_running_loop().call_soon(self._end)
        return work(self._threads.here)

    async def read(self, work: Work) -> Any:
        """What work that only reads leads to, beside the loop."""
        return await self._threads.read(work)

    async def write(self, work: Work) -> Any:
        """What a change leads to, once it is durable. Raises Unavailable where too many wait."""
        return await self._threads.write(work)

    async def close(self) -> None:
        """Make the writes that wait, then close the store."""
        await asyncio.gather(*self._closing)
        await self._threads.close()

    def _begin(self) -> ExitStack:
        try:
            self._threads.here.require_same_file()
        except StoreError:
            self._reopen()
        turn = ExitStack()
        turn.enter_context(self._threads.here.sharing())
        return turn

    def _end(self) -> None:
        turn, self._turn = self._turn, None
        self.known_keys.clear()
        try:
            if turn:
                turn.close()
        except GamifyError as error:
            # All was answered, and the next turn has a transaction of its own.
            self._failed(error)

    def _reopen(self) -> None:
        """Open what is there now, at most once a second; raises StoreError if nothing is."""
        if time.monotonic() - self._tried < _RETRY_SECONDS:
            raise StoreError("the store is gone")
        self._tried = time.monotonic()
        try:
            opened = self._open()
        except GamifyError as error:
            raise StoreError("the store is gone") from error
        try:
            if opened.notice():
                raise StoreError("the store is gone")
            threads = Threads(opened, self._patience)
        except GamifyError:
            opened.close()
            raise
        closing = asyncio.create_task(self._threads.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self._threads = threads
