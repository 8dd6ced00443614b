"""Documents that gamify itself wrote, read by the thousand."""

from __future__ import annotations

import re
from typing import Any

import orjson

from gamify_cli.domain import jsontext

_LARGE = re.compile(r"\d{19}")
"""A number that orjson may round."""


def read(document: str) -> Any:
    """The value, with every number as it stands there; raises ValueError, StoreError."""
    return jsontext.stored(document) if _LARGE.search(document) else orjson.loads(document)
