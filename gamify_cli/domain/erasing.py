"""What is personal in a journal, and what stays of it once it is erased (source: ours).

Texts become null and objects empty, so that a fact is folded as before; sums, codes, times and
what rules decided stay.
"""

from __future__ import annotations

from typing import Any

TEXTS = ("display_name", "avatar_url", "reason")
OBJECTS = ("attributes", "attributes_patch", "metadata", "properties")

REDACTED = "redacted"
"""The member that marks the data of a fact that lost something."""

COMMAND = "(erased)"
"""What is left of a command line that may name a person."""


def redacted(data: dict[str, Any]) -> dict[str, Any] | None:
    """The data of a fact without what is personal in it; None where nothing is.

    Data of a reversal hold the same members inside its change.
    """
    kept = {name: _erased(name, value) for name, value in data.items()}
    if isinstance(change := data.get("change"), dict) and "set" in change:
        values = {name: _erased(name, value) for name, value in change["set"].items()}
        kept["change"] = {**change, "set": values}
    return None if kept == data else {**kept, REDACTED: True}


def _erased(name: str, value: Any) -> Any:
    if name in TEXTS:
        return None
    return {} if name in OBJECTS else value


def texts(data: dict[str, Any]) -> frozenset[str]:
    """Every personal text in the data of a fact, for finding it elsewhere."""
    found: set[str] = set()
    members = [value for name, value in data.items() if name in (*TEXTS, *OBJECTS)]
    while members:
        value = members.pop()
        if isinstance(value, str) and value:
            found.add(value)
        elif isinstance(value, dict):
            members += value.values()
        elif isinstance(value, list):
            members += value
    return frozenset(found)
