"""Secrets in a text that others will read, such as a command line that is kept."""

from __future__ import annotations

import re

from gamify_cli.domain.keys import LIVE, TEST

STARS = "***"
_NAMES = ("password", "token", "secret", "api-key", "api_key", "apikey")
_NAMED = rf"(?i)\b((?:\w*(?:{'|'.join(_NAMES)})['\"]?\s?[=:]\s?))[^\s&]+"
_SECRETS = (
    ((LIVE, TEST), rf"({LIVE}|{TEST})\w+"),
    # The password of a URL; one with an @ or a slash in it is starred as well.
    (("://",), r"(://[^\s/:@]*:)\S+(?=@)"),
    (_NAMES, _NAMED),
)
"""Patterns, each with marks of which a text with a match has one: most texts have none."""


def starred(text: str) -> str:
    """The text without API keys, the passwords of URLs, and what is named as a secret."""
    lower = text.lower()
    for marks, pattern in _SECRETS:
        if any(mark in lower for mark in marks):
            text = re.sub(pattern, rf"\1{STARS}", text)
    return text
