"""The store of a test behind a real server on loopback, for command lines over a URL.

The servers run on one event loop in a thread of the test process. Stopping is not waited for.
"""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import threading
from collections.abc import Coroutine
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import psycopg
import uvicorn

from gamify_cli import wire
from gamify_cli.backend import Operation, Write
from gamify_cli.domain import instants
from gamify_cli.domain.instants import Instant
from gamify_cli.remote.backend import RemoteBackend
from gamify_cli.remote.client import Server
from gamify_cli.server.app import Application
from gamify_cli.server.protocol import PatientProtocol
from gamify_cli.server.service import Service
from gamify_cli.store.local import LocalStore

KEY_NAME = "tests"


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="servers")
        self._stopping: list[Any] = []
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run to the end."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run without waiting for the end; `close` does."""
        self._stopping.append(asyncio.run_coroutine_threadsafe(work, self._loop))

    def close(self) -> None:
        """Wait for all that was begun, then stop."""
        for work in self._stopping:
            work.result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class Loopback:
    """Servers over one store, one for each time that its test sets the clock to."""

    def __init__(self, store: Path | str, loop: Loop) -> None:
        self._store = store
        self._loop = loop
        self._servers: dict[Instant, tuple[uvicorn.Server, socket.socket]] = {}
        self._key = ""

    def environment(self, now: str, config: Path) -> dict[str, str]:
        """What leads a command to the server whose clock stands at `now`."""
        url = self._url(instants.parse(now, 0))
        config.write_text(f'[profiles.local]\nurl = "{url}"\nkey.source = "env"\n')
        return {"GAMIFY_CONFIG": str(config), "GAMIFY_API_KEY": self._key}

    def backend(self, at: Instant) -> RemoteBackend:
        """The server whose clock stands at a time, as a backend."""
        url = self._url(at)
        server = Server(
            url=url,
            key=lambda: self._key,
            timeout=30.0,
            jobs=8,
            is_local=True,
            environ={},
            finishing=lambda: "again",
        )
        return RemoteBackend(server, test_now=at)

    def close(self) -> None:
        """Let the servers stop."""
        for server, listener in self._servers.values():
            self._loop.begin(server.shutdown([listener]))

    def _url(self, at: Instant) -> str:
        if not self._key:
            self._key = make_key(self._store, at)
        if at not in self._servers:
            self._servers[at] = self._start(at)
        port = self._servers[at][1].getsockname()[1]
        return f"http://127.0.0.1:{port}{wire.BASE}"

    def _start(self, at: Instant) -> tuple[uvicorn.Server, socket.socket]:
        def opened() -> LocalStore:
            return LocalStore.open(self._store, timeout=5, test_now=at)

        config = uvicorn.Config(
            Application(Service(opened, log=False)),
            http=PatientProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="critical",
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        listener = socket.create_server(("127.0.0.1", 0))
        self._loop.run(server.startup([listener]))
        return server, listener


def make_key(store: Path | str, at: Instant) -> str:
    """A key for administration, without a limit; it makes the store, with nothing else in it."""
    body = {
        "name": KEY_NAME,
        "scope": "admin",
        "rate_limit": None,
        "expires_at": None,
        "test": True,
    }
    opened = LocalStore.open(store, timeout=5, test_now=at)
    try:
        made = opened.keys.create(body, Write(Operation("op_key", "keys create", KEY_NAME)))
    finally:
        opened.close()
    with _connected(store) as connection, connection:
        connection.execute("DELETE FROM operations")
    return str(made.body["key"])


def _connected(store: Path | str) -> AbstractContextManager[Any]:
    if isinstance(store, Path):
        return closing(sqlite3.connect(store))
    return closing(psycopg.connect(store))
