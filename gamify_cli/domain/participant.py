"""One participant as the fold of its facts."""

from __future__ import annotations

from dataclasses import dataclass

from gamify_cli.domain import facts, jsontext
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant


@dataclass(slots=True)
class Participant:
    """The state of one participant; version 0 means that it has no facts yet, so does not exist.

    Amounts are whole points; `attributes` is compact JSON text. The order of the fields is
    the order of the stored columns.
    """

    participant_id: str
    display_name: str | None = None
    avatar_url: str | None = None
    attributes: str = "{}"
    is_active: bool = True
    balance: int = 0
    total_earned: int = 0
    total_spent: int = 0
    tier: str | None = None
    rewards_claimed: int = 0
    total_events: int = 0
    first_seen_at: Instant = 0
    last_seen_at: Instant = 0
    recorded_at: Instant = 0
    version: int = 0

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded of it."""
        return self.version > 0


def evolve(participant: Participant, fact: Fact) -> None:
    """Fold one recorded fact in; knows no rule, so that old journals read as before."""
    participant.version = fact.number
    if fact.kind == facts.REGISTERED:
        participant.first_seen_at = participant.last_seen_at = fact.occurred_at
        _change_profile(participant, fact)
    elif fact.kind == facts.PROFILE_CHANGED:
        _change_profile(participant, fact)
    elif fact.kind == facts.DEACTIVATED:
        participant.is_active = False
    elif fact.kind == facts.ACTIVATED:
        participant.is_active = True
    else:
        raise ValueError(f"unknown kind of fact: {fact.kind}")


def _change_profile(participant: Participant, fact: Fact) -> None:
    data = fact.data
    participant.display_name = data.get("display_name", participant.display_name)
    participant.avatar_url = data.get("avatar_url", participant.avatar_url)
    if "attributes" in data:
        participant.attributes = jsontext.compact(data["attributes"])
    if "attributes_patch" in data:
        stored = jsontext.stored(participant.attributes)
        participant.attributes = jsontext.compact(jsontext.merge(stored, data["attributes_patch"]))
