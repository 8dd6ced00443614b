"""The shapes of what is shown of API keys, connection profiles, settings, checks, completions."""

from __future__ import annotations

from gamify_cli.domain.shapes import Shape

_KEY = ("name", "scope", "rate_limit", "status", "created_at", "expires_at", "revoked_at")
KEY = Shape(
    "key",
    ("key_id", *_KEY),
    ("key_id", "name", "scope", "rate_limit", "status", "created_at", "expires_at"),
)
NEW_KEY = Shape("new_key", ("key_id", "key", *_KEY), ("key_id", "key", "name", "scope"))

_CONNECTION = ("name", "is_default", "store", "url", "protected")
CONNECTION = Shape(
    "connection",
    (*_CONNECTION, "key_source"),
    ("name", "is_default", "store", "url", "protected", "key_source"),
)
CONNECTION_DETAILS = Shape(
    "connection_details",
    (*_CONNECTION, "key.source", "key.place", "key.is_there", "key.problem"),
    _CONNECTION,
)
CURRENT = Shape(
    "current",
    ("name", "chosen_by", "store", "url", "protected"),
    ("name", "chosen_by", "store", "url", "protected"),
)
TESTED = Shape(
    "tested",
    ("name", "store", "url", "key", "latency_ms"),
    ("name", "store", "url", "key", "latency_ms"),
)

SETTING = Shape(
    "setting",
    ("key", "value", "origin", "place"),
    ("key", "value", "origin", "place"),
    free=("value",),
)
CONFIG_FILE = Shape("config_file", ("path", "exists"), ("path", "exists"))
FINDING = Shape(
    "finding",
    ("check", "profile", "status", "detail", "hint"),
    ("status", "check", "detail", "hint"),
)
COMPLETION = Shape("completion", ("shell", "path", "outcome"), ("shell", "path", "outcome"))
