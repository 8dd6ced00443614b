"""Answers about events, in the shapes that the API documents (source: vendor)."""

from __future__ import annotations

from typing import Any

from gamify_cli.domain import instants
from gamify_cli.domain.decide.events import Recorded
from gamify_cli.domain.instants import Instant

Body = dict[str, Any]


def recorded(event: Recorded) -> Body:
    """The answer to an event; `fact_id` is its place in the participant's history."""
    return {
        "event_id": event.fact.data["id"],
        "fact_id": event.fact.number,
        "status": "processed",
        "effects": event.effects,
        "refused": [{"rule": one.rule, "reason": one.reason} for one in event.refused],
    }


def row(data: Body, occurred_at: Instant) -> Body:
    """One event of a list, out of the data of its fact."""
    return {
        "id": data["id"],
        "event_name": data["event"],
        "properties": data.get("properties", {}),
        "occurred_at": instants.text(occurred_at),
    }
