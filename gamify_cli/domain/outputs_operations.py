"""Answers about operations (source: ours)."""

from __future__ import annotations

from gamify_cli.domain.output_values import Number, Output, Place, Time


class Operation(Output):
    """What one command did; `program` is the version it was under, null for none or several."""

    id: str
    command: str
    actor: str
    recorded_at: Time
    program: Place | None
    participants: Number
    facts: Number
    undone_by: str | None


class Operations(Output):
    """Operations, newest first; `next` is the cursor that goes on."""

    operations: list[Operation]
    next: str | None
