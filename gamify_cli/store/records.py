"""Rows as participants and facts, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from gamify_cli.domain import instants, jsontext
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.participant import Participant

_FIELDS = tuple(field.name for field in fields(Participant))


def participant(row: tuple[Any, ...]) -> Participant:
    """A participant from the columns that every statement on participants selects."""
    state = Participant(*row)
    state.is_active = bool(state.is_active)
    return state


def participant_values(state: Participant) -> dict[str, Any]:
    """The columns to save, with the text that `list --q` searches."""
    values = {name: getattr(state, name) for name in _FIELDS}
    return values | {"search": search_text(f"{state.participant_id}\n{state.display_name or ''}")}


def search_text(text: str) -> str:
    """Text folded for a search without regard to case, alike in every store."""
    return text.casefold()


def fact_values(fact: Fact) -> dict[str, Any]:
    """The columns of a fact that do not depend on its operation."""
    return {
        "number": fact.number,
        "kind": fact.kind,
        "data": jsontext.compact(fact.data),
        "occurred_at": fact.occurred_at,
        "cause": fact.cause,
    }


def history_body(row: tuple[Any, ...]) -> dict[str, Any]:
    """One line of a participant's history, as it is shown."""
    number, kind, data, occurred_at, recorded_at, cause, operation, command, actor = row
    return {
        "number": number,
        "kind": kind,
        "data": jsontext.stored(data),
        "occurred_at": instants.text(occurred_at),
        "recorded_at": instants.text(recorded_at),
        "cause": cause,
        "operation": operation,
        "command": command,
        "actor": actor,
    }
