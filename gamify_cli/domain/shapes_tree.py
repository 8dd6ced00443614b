"""The shapes of what is a tree: the commands, and the facts behind a value."""

from __future__ import annotations

from gamify_cli.domain.shapes import Shape

COMMANDS = Shape(
    "commands",
    ("name", "summary", "options", "arguments", "examples", "exit_codes", "commands"),
    ("name", "summary"),
    free=("options", "arguments", "commands"),
)

_NODE = (
    "kind",
    "text",
    "amount",
    "number",
    "cause",
    "occurred_at",
    "operation",
    "command",
    "actor",
    "undone_by",
    "data",
    "nodes",
)
EXPLANATION = Shape(
    "explanation",
    ("participant_id", "of", "code", *_NODE),
    ("participant_id", "of", "code", "amount", "text"),
    lists={"nodes": _NODE},
    free=("data",),
)
