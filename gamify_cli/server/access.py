"""Who may call: keys, their scopes, and how many requests each has left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, MutableMapping
from hmac import compare_digest
from threading import Lock
from typing import NamedTuple

from gamify_cli import wire
from gamify_cli.backend import KeyRecord
from gamify_cli.backend.whole import StoreBackend
from gamify_cli.domain import keys
from gamify_cli.errors import Forbidden, RateLimited, Unauthorized

WINDOW = 60
"""Seconds of a window of requests."""

_HEADER = wire.API_KEY.lower().encode()


Headers = Mapping[bytes, bytes]


def caller(
    backend: StoreBackend, headers: Headers, known: MutableMapping[bytes, KeyRecord]
) -> KeyRecord:
    """The key that a request came with; raises Unauthorized unless it counts.

    `known` has those that were found already, and gets this one.
    """
    given = headers.get(_HEADER)
    if not given:
        raise Unauthorized(f"the header {wire.API_KEY} is missing")
    record = known.get(given)
    if record is None:
        record = known[given] = _found(backend, keys.fingerprint(given.decode("latin-1")))
    if record.revoked_at is not None:
        raise Unauthorized("the API key was revoked")
    if record.expires_at is not None and record.expires_at <= backend.now():
        raise Unauthorized("the API key has expired")
    return record


def _found(backend: StoreBackend, fingerprint: str) -> KeyRecord:
    record = backend.keys.find(fingerprint)
    if record is None or not compare_digest(record.hash, fingerprint):
        raise Unauthorized("the API key is unknown")
    return record


def require_scope(key: KeyRecord, scope: str) -> None:
    """Raise Forbidden unless the key may do this."""
    if scope == "admin" and key.scope != "admin":
        raise Forbidden(
            "the API key is not for administration: it needs the scope admin",
            hint="where the store is, run: gamify keys create --scope admin",
        )


class Quota(NamedTuple):
    """What a key has left in its window, which ends at `reset`, `wait` seconds from now."""

    limit: int
    left: int
    reset: int
    wait: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """How an answer tells it."""
        return [
            (b"x-ratelimit-limit", b"%d" % self.limit),
            (b"x-ratelimit-remaining", b"%d" % max(0, self.left)),
            (b"x-ratelimit-reset", b"%d" % self.reset),
        ]

    def require(self) -> None:
        """Raise RateLimited once there is nothing left."""
        if self.left < 0:
            raise RateLimited("too many requests with this API key", retry_after=self.wait)


class Quotas:
    """Counts the requests of each key, in windows of a minute by the clock; for any thread."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._window = 0
        self._used: dict[str, int] = {}
        self._lock = Lock()

    def take(self, key: KeyRecord) -> Quota | None:
        """Count one request; None for a key without a limit."""
        if key.rate_limit is None:
            return None
        now = int(self._clock())
        window = now // WINDOW
        with self._lock:
            if window != self._window:
                self._window, self._used = window, {}
            used = self._used[key.key_id] = self._used.get(key.key_id, 0) + 1
        reset = (window + 1) * WINDOW
        return Quota(key.rate_limit, key.rate_limit - used, reset, reset - now)
