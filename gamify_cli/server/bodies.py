"""Bodies of requests: all of one, whole and in time, and the members in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from gamify_cli.backend import Body
from gamify_cli.domain import inputs, vocabulary
from gamify_cli.errors import NotJson, TooLarge, UsageError
from gamify_cli.server.access import Headers

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

BODY_SECONDS = 10.0
"""How long a client may take to send a body."""

LINGER_SECONDS = 1.0
"""How long what nobody needs of a body is taken after the answer."""

_MOST_DRAINED = 8 * vocabulary.MAX_BODY

_PLAIN = ((b"content-encoding", b"identity"), (b"transfer-encoding", b"chunked"))
"""What these headers may say, if they are there."""


async def read(headers: Headers, receive: Receive) -> bytes:
    """All of a body; raises TooLarge, and UsageError for a client that is too slow or gone."""
    if int(headers.get(b"content-length", b"0")) > vocabulary.MAX_BODY:
        raise _too_large()
    chunks, size, more = [], 0, True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise UsageError("the body did not come whole")
                chunks.append(message.get("body", b""))
                size += len(chunks[-1])
                more = message.get("more_body", False)
                if size > vocabulary.MAX_BODY:
                    raise _too_large()
    except TimeoutError:
        raise UsageError("the body did not come in time") from None
    return b"".join(chunks)


async def drain(receive: Receive) -> None:
    """Take the rest of a body after the answer, within limits.

    A connection that is closed on a client which is still sending takes the answer with it.
    """
    size, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while more and size < _MOST_DRAINED:
                message = await receive()
                size += len(message.get("body", b""))
                more = message.get("more_body", False)


def checked(model: str, raw: bytes, headers: Headers) -> Body:
    """The members of a body; raises NotJson, UsageError."""
    if model == "Nothing" and not raw:
        return {}
    _require_json(headers)
    if model == "Program":
        return {}
    return inputs.read(getattr(inputs, model), raw)


def _require_json(headers: Headers) -> None:
    """Raise NotJson for another kind of body, and for one that is compressed."""
    media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media != b"application/json":
        raise NotJson(
            f'the body must be JSON, not "{media.decode("latin-1")}"',
            hint="send the header Content-Type: application/json",
        )
    for name, plain in _PLAIN:
        given = headers.get(name, plain).strip().lower()
        if given != plain:
            raise NotJson(
                f'the body must be sent as it is, not encoded by "{given.decode("latin-1")}"',
                hint=f"leave the header {name.decode().title()} out",
            )


def _too_large() -> TooLarge:
    return TooLarge(f"a body has at most {vocabulary.MAX_BODY:,} bytes")
