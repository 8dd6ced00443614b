"""Where the key of a connection profile comes from, and where it is put."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gamify_cli.errors import Unauthorized

VARIABLE = "GAMIFY_API_KEY"


def key_of(profile: str, _source: Mapping[str, Any], _url: str, environ: Mapping[str, str]) -> str:
    """The key to the server of a profile; raises Unauthorized if there is none."""
    key = environ.get(VARIABLE)
    if not key:
        raise Unauthorized(f"profile {profile} has no API key", hint=f"set {VARIABLE}")
    return key
