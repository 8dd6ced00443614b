"""Texts of parameters that have a form of their own, as JSON Schema tells it."""

from __future__ import annotations

from gamify_cli.domain import listing, vocabulary
from gamify_cli.domain.explain import asked

_ASCII_SPACE = r"[ \t\n\r\f\v]"

TEST = {
    "type": "string",
    "pattern": "^"
    + listing.TEST.replace(r"\w+", "|".join(listing.NUMBERS))
    .replace(r"\s", _ASCII_SPACE)
    .replace(r"\d", "[0-9]")
    + "$",
}
"""What `listing.condition` takes."""

_NAME = r"(([^:]|:+[^:=])+:*|:+)"
"""Text in which `:=` is not found."""
_NUMBER = r"-?(0|[1-9][0-9]{0,200})(\.[0-9]+)?([eE](\+?[0-9]{1,2}|-[0-9]+))?"
_HEX = "[0-9a-fA-F]"
_UNICODE = (
    rf"u([0-9abcefABCEF]{_HEX}{{3}}|[dD][0-7]{_HEX}{{2}}"
    rf"|[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}})"
)
_TEXT = rf'"([^"\\\u0000-\u001f]|\\(["\\/bfnrt]|{_UNICODE}))*"'
_NESTED = r"\[[^\u0000]*\]|\{[^\u0000]*\}"
_SPACE = r"[ \t\n\r]*"

ATTRIBUTE = {
    "type": "string",
    "pattern": f"^{_NAME}:={_SPACE}(null|true|false|{_NUMBER}|{_TEXT}|{_NESTED}){_SPACE}$",
}
"""What `queries.attribute` takes; whether brackets inside brackets match, no pattern can tell."""

_PLAIN = "|".join((asked.ALL, *asked.PLAIN))
_NAMED = "|".join(asked.NAMED)

VALUE = {
    "type": "string",
    "pattern": rf"^({_PLAIN}|({_NAMED}):[^\u0000]{{1,{vocabulary.MAX_ID}}})$",
}
"""What `asked.asked_by` takes."""
