"""Uvicorn's protocol with limits of its own, and errors in the form of all others."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gamify_cli import wire
from gamify_cli.domain import jsontext
from gamify_cli.errors import UsageError

HEAD_SECONDS = 10.0
"""How long a client may take to send the head of a request, from its first byte or from the
connection on."""

MAX_HEAD = 64 * 1024


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose request line and headers take too long or too much room."""

    _deadline: asyncio.TimerHandle | None = None
    _size = 0
    _is_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        super().data_received(data)
        # A head that came whole, as nearly all do, needs no timer.
        if self._is_head:
            self._wait()
            if self._size > MAX_HEAD:
                self.send_400_response("the head of the request is too large")

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request at all, and close; requests before it are answered first."""
        if self.cycle and not self.cycle.response_complete and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return
        body = jsontext.compact(wire.error_body(UsageError(msg))).encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_head, self._size = True, 0

    def on_headers_complete(self) -> None:
        self._is_head = False
        self._stop_waiting()
        super().on_headers_complete()
        if self.parser.should_upgrade():
            # The parser takes whatever follows for another protocol.
            self.cycle.keep_alive = False
        # What comes after the body, as trailers, is none of the request's headers.
        self.headers = []

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
