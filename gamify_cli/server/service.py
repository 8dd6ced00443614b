"""What all endpoints share: the backends, the quotas, the observer; and their recovery."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from gamify_cli.backend import Served
from gamify_cli.errors import GamifyError, StoreError
from gamify_cli.server.access import Quotas
from gamify_cli.server.observe import Observer
from gamify_cli.server.threads import Threads

Open = Callable[[], Served]

PATIENCE = 5.0

_RETRY_SECONDS = 1.0


class Service:
    """A store that is served, from `start` to `stop`.

    `patience` is how many seconds a write waits for a lock of another process.
    Where its file is replaced by another one, the new one is opened; while it is missing,
    `backend` raises StoreError.
    """

    def __init__(self, open_: Open, *, patience: float = PATIENCE, log: bool = True) -> None:
        self._open = open_
        self._patience = patience
        self._tried = 0.0
        self._closing: set[asyncio.Task[None]] = set()
        self.quotas = Quotas()
        self.observer = Observer(log=log)

    def start(self) -> None:
        """Open the store; called on the loop. Raises StoreError, Unavailable."""
        self.threads = Threads(self._open(), self._patience)

    async def stop(self) -> None:
        """Make the writes that wait, then close the store."""
        await asyncio.gather(*self._closing)
        await self.threads.close()

    def backend(self) -> Served:
        """The backend of the loop; raises StoreError while the file is not there."""
        try:
            self.threads.here.require_same_file()
        except StoreError:
            self._reopen()
        return self.threads.here

    def _reopen(self) -> None:
        """Open what is there now, at most once a second; raises StoreError if nothing is."""
        if time.monotonic() - self._tried < _RETRY_SECONDS:
            raise StoreError("the store is gone")
        self._tried = time.monotonic()
        try:
            opened = self._open()
        except GamifyError as error:
            raise StoreError("the store is gone") from error
        if opened.notice():
            opened.close()
            raise StoreError("the store is gone")
        closing = asyncio.create_task(self.threads.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self.threads = Threads(opened, self._patience)
