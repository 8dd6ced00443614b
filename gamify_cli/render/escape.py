"""Data on its way to a terminal or a line-based tool: what could act is shown instead."""

from __future__ import annotations

import re

# C0, DEL and C1 controls; bidi marks, embeddings, overrides and isolates; line and paragraph
# separators; lone surrogates (bytes of an argument that are not UTF-8).
_ACTIVE = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    """Text with every active character spelt out: `\\n`, `\\x1b`, `\\u202e`."""
    return text if text.isprintable() else re.sub(_ACTIVE, lambda match: _spell(match[0]), text)


def escape_lines(text: str) -> str:
    """The same with line breaks and tabs as they are."""
    return "\n".join("\t".join(map(escape, line.split("\t"))) for line in text.split("\n"))


def escape_json(text: str) -> str:
    """The same for JSON text, in JSON's own spelling, so that it reads back as it was."""
    if text.isprintable():
        return text
    return re.sub(_ACTIVE, lambda match: f"\\u{ord(match[0]):04x}", text)


def _spell(character: str) -> str:
    number = ord(character)
    return _SHORT.get(character) or (f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}")
