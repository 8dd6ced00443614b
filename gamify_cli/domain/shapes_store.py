"""The shapes of what is shown of backups, and of what differs from the journal."""

from __future__ import annotations

from gamify_cli.domain.shapes import Shape

BACKUP = Shape(
    "backup",
    ("path", "bytes", "participants", "facts", "made_at", "seconds"),
    ("path", "bytes", "participants", "facts", "made_at"),
)
PUT_BACK = Shape(
    "put_back",
    ("path", "from", "participants", "facts", "kept", "seconds"),
    ("path", "from", "participants", "facts", "kept"),
)
DRIFT = Shape(
    "drift",
    ("participant_id", "field", "stored", "replayed", "repairable"),
    ("participant_id", "field", "stored", "replayed"),
    free=("stored", "replayed"),
)
