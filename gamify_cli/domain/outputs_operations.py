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


class HandedOut(Output):
    """A code of a claim that was undone; it stays handed out."""

    participant_id: str
    reward_id: str
    code: str


class Shortfall(Output):
    """A debit by which points were spent that undo takes back; `fact` is its number."""

    participant_id: str
    fact: Place
    points: Place
    missing: Place


class NotAllowed(Output):
    """What the rules do not allow any more without what is undone; `fact` is its number."""

    participant_id: str
    fact: Place
    kind: str
    reason: str


class Undone(Output):
    """What undo took back, or would; `points` is the change of all balances.

    `undo` is its own operation, null for a rehearsal, `void` counts those who read as unknown
    now. Where it is not `complete`, another call goes on.
    """

    operation: str
    command: str
    undo: str | None
    participants: Number
    facts: Number
    points: int
    void: Number
    codes: list[HandedOut]
    shortfalls: list[Shortfall]
    refused: list[NotAllowed]
    complete: bool
