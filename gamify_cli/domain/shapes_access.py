"""The shapes of what is shown of API keys."""

from __future__ import annotations

from gamify_cli.domain.shapes import Shape

_KEY = ("name", "scope", "rate_limit", "status", "created_at", "expires_at", "revoked_at")
KEY = Shape(
    "key",
    ("key_id", *_KEY),
    ("key_id", "name", "scope", "rate_limit", "status", "created_at", "expires_at"),
)
NEW_KEY = Shape("new_key", ("key_id", "key", *_KEY), ("key_id", "key", "name", "scope"))
