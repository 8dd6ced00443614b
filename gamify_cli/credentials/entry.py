"""A key with the origin that it is for, as one text; and what both may look like.

The origin stands beside the key wherever gamify keeps it, so that another URL in config.toml
never takes the key of the one before along.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from gamify_cli.errors import UsageError

MAX_BYTES = 4_096
"""Of what is read for a key, so much is looked at."""

_KEY = r"[\x21-\x7e]{1,200}"
_PORTS = {"http": 80, "https": 443}


class Entry(NamedTuple):
    """What is kept of a profile; `origin` is None where a person kept the key alone.

    It never shows the key by itself.
    """

    origin: str | None
    key: str

    def __repr__(self) -> str:
        return f"Entry({self.origin!r}, ***)"

    @property
    def text(self) -> str:
        """Two lines: the origin, the key."""
        return f"{self.origin}\n{self.key}\n"

    @classmethod
    def read(cls, text: str) -> Entry | None:
        """Out of such a text, or of a key alone; None for one that holds neither."""
        lines = text.split("\n")
        while lines and not lines[-1].strip():
            lines.pop()
        lines = [line.removesuffix("\r") for line in lines]
        if len(lines) == 2 and lines[0].startswith(("http://", "https://")):
            return cls(lines[0], lines[1])
        return cls(None, lines[0]) if len(lines) == 1 else None


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, the port only where it is not the usual one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = parts.port in (None, _PORTS.get(parts.scheme))
    return f"{parts.scheme}://{host}" if usual else f"{parts.scheme}://{host}:{parts.port}"


def is_key(text: str) -> bool:
    """Whether a header can carry it, as one line of visible ASCII."""
    return re.fullmatch(_KEY, text) is not None


def checked(key: str) -> str:
    """A key as a person gave it; raises UsageError without repeating it."""
    if not key:
        raise UsageError("the key is empty")
    if not is_key(key):
        raise UsageError("a key has 1 to 200 visible ASCII characters in one line; this has not")
    return key
