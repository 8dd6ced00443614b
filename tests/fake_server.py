"""A server on loopback that answers as a test tells it to, however badly."""

from __future__ import annotations

import json
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

BASE = "/api/v1/gamify"


@dataclass
class Received:
    """A request as it came; header names are in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Act = Callable[[socket.socket, Received], bool]
"""Answers a request on its socket; True if the connection may go on."""


def raw(content: bytes, *, goes_on: bool = False) -> Act:
    """These bytes, and unless the connection goes on nothing more."""

    def act(connection: socket.socket, _request: Received) -> bool:
        connection.sendall(content)
        return goes_on

    return act


def says(status: int, body: Any = None, *headers: str, media: str = "application/json") -> Act:
    """An answer with a body as JSON, or as it is if it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *headers]
    if media:
        lines.append(f"Content-Type: {media}")
    return raw("\r\n".join([*lines, "", ""]).encode() + content, goes_on=True)


def profile(participant_id: str, *headers: str) -> Act:
    """A body that stands for a profile."""
    return says(200, {"participant_id": participant_id}, *headers)


def resets(connection: socket.socket, _request: Received) -> bool:
    """A reset instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def cuts(connection: socket.socket, _request: Received) -> bool:
    """Half of an answer."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
    connection.sendall(b'Content-Length: 100\r\n\r\n{"participant_id":')
    return False


def hangs(connection: socket.socket, _request: Received) -> bool:
    """No answer until the client gives up."""
    connection.recv(1)
    return False


def drips(connection: socket.socket, _request: Received) -> bool:
    """An answer that never ends, byte by byte, for as long as it is listened to."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Filler: ")
    with suppress(OSError):
        while True:
            connection.settimeout(0.01)
            connection.sendall(b"x")
            with suppress(TimeoutError):
                if not connection.recv(1):
                    break
    return False


def tunnels(tls: ssl.SSLContext, inside: Act) -> Act:
    """What a proxy does at CONNECT, with a server at the other end of the tunnel."""

    def act(connection: socket.socket, _request: Received) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with tls.wrap_socket(connection, server_side=True) as secure:
            for request in _requests(secure):
                inside(secure, request)
        return False

    return act


@dataclass
class FakeServer:
    """Answers its requests by one act after the other, the last one for all that follow."""

    acts: list[Act]
    tls: ssl.SSLContext | None = None
    requests: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return self.origin + BASE

    @property
    def paths(self) -> list[str]:
        """What was asked for, below the base."""
        return [f"{one.method} {one.path.removeprefix(BASE)}" for one in self.requests]

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                for request in _requests(connection):
                    self.requests.append(request)
                    act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
                    if not act(connection, request):
                        return


def _requests(connection: socket.socket) -> Iterator[Received]:
    reader = connection.makefile("rb")
    while line := reader.readline():
        method, path, _ = line.decode().split()
        headers = {}
        while (header := reader.readline().decode().rstrip("\r\n")) != "":
            name, _, value = header.partition(": ")
            headers[name.lower()] = value
        body = reader.read(int(headers.get("content-length", 0)))
        yield Received(method, path, headers, body)


@contextmanager
def serving(*acts: Act, tls: ssl.SSLContext | None = None) -> Iterator[FakeServer]:
    """A server for as long as the block runs."""
    server = FakeServer(list(acts), tls)
    try:
        yield server
    finally:
        server.close()
