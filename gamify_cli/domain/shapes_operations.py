"""The shapes of what is shown of operations."""

from __future__ import annotations

from gamify_cli.domain.shapes import Shape

OPERATION = Shape(
    "operation",
    (
        "id",
        "command",
        "actor",
        "recorded_at",
        "program",
        "participants",
        "facts",
        "undone_by",
    ),
    ("recorded_at", "id", "command", "actor", "participants", "facts", "undone_by"),
)
