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
    ("recorded_at", "id", "command", "participants", "facts", "undone_by"),
)
UNDONE = Shape(
    "undone",
    (
        "operation",
        "command",
        "undo",
        "participants",
        "facts",
        "points",
        "void",
        "codes",
        "shortfalls",
        "refused",
        "complete",
    ),
    ("operation", "undo", "participants", "facts", "points", "void"),
    lists={
        "codes": ("participant_id", "reward_id", "code"),
        "shortfalls": ("participant_id", "fact", "points", "missing"),
        "refused": ("participant_id", "fact", "kind", "reason"),
    },
)
