"""API keys: how one is spelt, what is kept of it, when it no longer counts (source: vendor)."""

from __future__ import annotations

from gamify_cli.domain import vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import UsageError, nearest

SCOPES = ("participant", "admin")
"""What a key opens: all outside /admin, or everything."""

DEFAULT_RATE_LIMIT = 1_000
MAX_RATE_LIMIT = 1_000_000
"""Requests in 60 seconds."""

LIVE, TEST = "bq_live_", "bq_test_"
RANDOM_BYTES = 16

_NO_LIMIT = "none"


def spell(random: bytes, *, test: bool) -> str:
    """A key out of RANDOM_BYTES; `test` marks it for a reader, it opens the same."""
    return (TEST if test else LIVE) + random.hex()


def fingerprint(key: str) -> str:
    """The SHA-256 of a key in hexadecimal: all that a store keeps of it."""
    from hashlib import sha256

    return sha256(key.encode(errors="surrogateescape")).hexdigest()


def name(value: str) -> str:
    """What a key is called: 1 to 255 code points."""
    if not value:
        raise UsageError("the name of a key must not be empty")
    return vocabulary.plain_text(value, "the name of a key", vocabulary.MAX_NAME)


def key_id(value: str) -> str:
    """The id of a key; a key in its place is refused, and not repeated."""
    if value.startswith((LIVE, TEST)):
        raise UsageError("this is a key, not the id of one", hint="see: gamify keys list")
    return value


def scope(value: str) -> str:
    """One of SCOPES."""
    if value not in SCOPES:
        raise UsageError(
            f'scope "{value}" is none of {", ".join(SCOPES)}', hint=nearest(value, SCOPES)
        )
    return value


def rate_limit(text: str) -> int | None:
    """Requests in 60 seconds; None for `none`."""
    if text == _NO_LIMIT:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_RATE_LIMIT):
        raise UsageError(
            f'rate limit "{text}" is neither a number from 1 to {MAX_RATE_LIMIT:,} nor {_NO_LIMIT}'
        )
    return int(text)


def expires_at(instant: Instant, now: Instant) -> Instant:
    """The end of a key that is yet to be made; it lies ahead."""
    if instant <= now:
        raise UsageError(
            "a key cannot expire in the past",
            hint="give a date or RFC 3339; an age such as 90d lies behind",
        )
    return instant


def status(now: Instant, expires_at: Instant | None, revoked_at: Instant | None) -> str:
    """Whether a key counts: active, expired from its end on, or revoked."""
    if revoked_at is not None:
        return "revoked"
    return "active" if expires_at is None or now < expires_at else "expired"
