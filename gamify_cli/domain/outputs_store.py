"""Answers about backups, and about what differs from the journal (source: ours)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gamify_cli.domain.output_values import Number, Output, Time


class Backup(Output):
    """A file with all of a store; `seconds` are those that it took, with its verification."""

    path: str
    bytes: Number
    participants: Number
    facts: Number
    made_at: Time
    seconds: float


class PutBack(Output):
    """What a store holds again; `kept` has what it held before, null where there was none.

    The seconds begin when it is confirmed.
    """

    path: str
    from_: str = Field(alias="from")
    participants: Number
    facts: Number
    kept: str | None
    seconds: float


class Drift(Output):
    """A value that is not what the journal says; whose it is, is null for what is of nobody."""

    participant_id: str | None
    field: str
    stored: Any
    replayed: Any
    repairable: bool
