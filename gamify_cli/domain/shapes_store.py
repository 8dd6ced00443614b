"""The shapes of what is shown of a whole store."""

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
    ("participant_id", "field", "stored", "replayed", "repairable"),
    free=("stored", "replayed"),
)
STORE = Shape(
    "store",
    (
        "path",
        "exists",
        "identity",
        "created_at",
        "schema",
        "test_clock",
        "participants",
        "facts",
        "bytes",
        "last_backup.path",
        "last_backup.made_at",
    ),
    ("path", "participants", "facts", "bytes", "last_backup.made_at"),
)
UPGRADE = Shape("upgrade", ("path", "from", "to", "backup"), ("path", "from", "to", "backup"))
SWEEP = Shape("sweep", ("participants", "facts"), ("participants", "facts"))
RESTORED = Shape(
    "restored",
    (
        "store",
        "exported_at",
        "participants",
        "facts",
        "operations",
        "programs",
        "codes",
        "requests",
    ),
    ("participants", "facts", "operations", "programs", "codes", "requests"),
)
