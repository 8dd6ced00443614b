"""Running the server: where it listens, how it is told to stop."""

from __future__ import annotations

import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn

from gamify_cli import wire
from gamify_cli.errors import Unavailable, UsageError
from gamify_cli.server.app import Application
from gamify_cli.server.protocol import PatientProtocol
from gamify_cli.server.service import Service

_KEEP_ALIVE = 30
_GRACE = 30


class Address(NamedTuple):
    """Where to listen, and with which certificate; port 0 takes any that is free."""

    host: str
    port: int
    certificate: Path | None = None
    private_key: Path | None = None

    def url(self, port: int) -> str:
        """The base of the API."""
        scheme = "https" if self.certificate else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{port}{wire.BASE}"


class _Server(uvicorn.Server):
    """Uvicorn, for which a signal to stop is no failure; `ready` is called once it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self.force_exit:
            # A second Ctrl-C waits for no client, but for the writes that were taken.
            await self.lifespan.shutdown()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {stop: signal.signal(stop, self.handle_exit) for stop in stops}
        try:
            yield
        finally:
            for stop, handler in before.items():
                signal.signal(stop, handler)


def serve(service: Service, address: Address, tell: Callable[[str], None]) -> None:
    """Serve until a signal comes, then finish what was begun.

    `tell` gets the URL once requests are taken. Raises Unavailable where nobody can listen
    there or the store does not open, UsageError for a host or certificate that is no good.
    """
    with _listening(address) as listener:
        config = uvicorn.Config(
            Application(service),
            http=PatientProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=_GRACE,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.private_key,
        )
        _load(config, address)
        url = address.url(listener.getsockname()[1])
        server = _Server(config, lambda: tell(url))
        server.run(sockets=[listener])
    if not server.started:
        raise Unavailable("the server did not start: its store could not be opened")


def _load(config: uvicorn.Config, address: Address) -> None:
    try:
        config.load()
    except OSError as error:
        is_format = isinstance(error, ssl.SSLError)
        reason = "it or its private key is no PEM file, or they do not match"
        raise UsageError(
            f"cannot use the certificate {address.certificate}: "
            f"{reason if is_format else error.strerror}"
        ) from error


@contextmanager
def _listening(address: Address) -> Iterator[socket.socket]:
    try:
        address.host.encode("idna")
    except UnicodeError as error:
        raise UsageError(f'"{address.host}" is no address and no name of a host') from error
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.create_server(
            (address.host, address.port), family=family, backlog=1_024
        ) as one:
            yield one
    except OSError as error:
        # Python adds what it tried to what the system says.
        reason = str(error.strerror).partition(" (while")[0]
        raise Unavailable(
            f"cannot listen on {address.host}:{address.port}: {reason}",
            hint="choose another address with --host, another port with --port",
        ) from error
