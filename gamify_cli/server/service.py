"""What all endpoints share: the backends, the quotas, the observer; and their recovery."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack

from gamify_cli.backend import KeyRecord, Served
from gamify_cli.errors import GamifyError, StoreError
from gamify_cli.server import access
from gamify_cli.server.access import Headers, Quotas
from gamify_cli.server.observe import Observer
from gamify_cli.server.threads import Threads

Open = Callable[[], Served]

PATIENCE = 5.0

_RETRY_SECONDS = 1.0


class Service:
    """A store that is served, from `start` to `stop`.

    `patience` is how many seconds a write waits for a lock of another process; `is_proxied`
    if clients come through a proxy.
    Where its file is replaced by another one, the new one is opened; while it is missing,
    `backend` raises StoreError.
    """

    def __init__(
        self,
        open_: Open,
        *,
        patience: float = PATIENCE,
        is_proxied: bool = False,
        log: bool = True,
    ) -> None:
        self._open = open_
        self._patience = patience
        self._tried = 0.0
        self._turn: ExitStack | None = None
        self._keys: dict[bytes, KeyRecord] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self.is_proxied = is_proxied
        self.quotas = Quotas()
        self.observer = Observer(log=log)

    def start(self) -> None:
        """Open the store; called on the loop. Raises StoreError, Unavailable."""
        self.threads = Threads(self._open(), self._patience)

    async def stop(self) -> None:
        """Make the writes that wait, then close the store."""
        await asyncio.gather(*self._closing)
        await self.threads.close()
        self.observer.close()

    def backend(self) -> Served:
        """The backend of the loop, for this turn of it alone.

        What is asked in one turn shares one look at the file and one transaction. All of it came
        in before that began, so it misses nothing that was answered before it was sent.

        Raises StoreError while the file is not there, Unavailable.
        """
        if self._turn is None:
            self._turn = self._begin()
            asyncio.get_running_loop().call_soon(self._end)
        return self.threads.here

    def caller(self, headers: Headers) -> KeyRecord:
        """The key that a request came with, looked up once a turn; raises Unauthorized."""
        return access.caller(self.backend(), headers, self._keys)

    def _begin(self) -> ExitStack:
        try:
            self.threads.here.require_same_file()
        except StoreError:
            self._reopen()
        turn = ExitStack()
        turn.enter_context(self.threads.here.sharing())
        return turn

    def _end(self) -> None:
        turn, self._turn = self._turn, None
        self._keys.clear()
        try:
            if turn:
                turn.close()
        except GamifyError as error:
            # All was answered, and the next turn has a transaction of its own.
            self.observer.failed("", error)

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
        closing = asyncio.create_task(self.threads.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self.threads = threads
