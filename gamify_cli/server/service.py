"""What all endpoints share: the store that is served, the quotas, the observer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gamify_cli.backend import KeyRecord
from gamify_cli.backend.whole import Served
from gamify_cli.server import access
from gamify_cli.server.access import Headers, Quotas
from gamify_cli.server.observe import Observer
from gamify_cli.server.pool import Pool
from gamify_cli.server.threads import Work
from gamify_cli.server.turns import Turns

Open = Callable[[], Served]

PATIENCE = 5.0


class Service:
    """A store that is served, from `start` to `stop`.

    `patience` is how many seconds a write waits for others; `is_proxied` if clients come
    through a proxy. A store that answers at once is read on the loop, any other by threads.
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
        self.is_proxied = is_proxied
        self.quotas = Quotas()
        self.observer = Observer(log=log)

    def start(self) -> None:
        """Open the store; called on the loop. Raises StoreError, Unavailable."""
        opened, failed = self._open(), partial(self.observer.failed, "")
        self._store: Turns | Pool = (
            Turns(opened, self._open, self._patience, failed)
            if opened.answers_at_once
            else Pool(opened, self._patience)
        )

    async def stop(self) -> None:
        """Do what was taken, then close the store."""
        await self._store.close()
        self.observer.close()

    async def quick(self, work: Work) -> Any:
        """What a read by key leads to; raises StoreError while the store is gone, Unavailable."""
        return await self._store.quick(work)

    async def read(self, work: Work) -> Any:
        """What a longer read leads to; it keeps no other waiting."""
        return await self._store.read(work)

    async def write(self, work: Work) -> Any:
        """What a change leads to, once it is durable; raises Unavailable where too many wait."""
        return await self._store.write(work)

    @property
    def needs_keys(self) -> bool:
        """Whether a change is made again where its outcome is not known, and so needs a key."""
        return isinstance(self._store, Pool)

    def caller(self, backend: Served, headers: Headers) -> KeyRecord:
        """The key that a request came with; raises Unauthorized."""
        return access.caller(backend, headers, self._store.known_keys)
