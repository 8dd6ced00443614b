"""Participants in the shapes that the API documents: same members, same order (source: seed).

Every view returns plain JSON values. Points, events and the like are counted by the row;
what a program declares (tiers, badges, streaks) is empty as long as none is in force.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gamify_cli.domain import instants, jsontext
from gamify_cli.domain.participant import Participant

Body = dict[str, Any]


def created(participant: Participant) -> Body:
    """The answer to a registration."""
    return {
        **_own_data(participant),
        "points": points(participant),
        "tier": None,
        "badges": [],
        "streaks": None,
        "rewards_claimed": participant.rewards_claimed,
        "total_events": participant.total_events,
        "is_active": participant.is_active,
        "created_at": instants.text(participant.first_seen_at),
    }


def profile(participant: Participant) -> Body:
    """The rich profile."""
    return {
        **_own_data(participant),
        "points": points(participant),
        "tier": None,
        "badges": [],
        "streaks": None,
        "rewards_claimed": participant.rewards_claimed,
        "total_events": participant.total_events,
        "first_seen_at": instants.text(participant.first_seen_at),
        "last_seen_at": instants.text(participant.last_seen_at),
        "is_active": participant.is_active,
    }


def state(participant: Participant, include: Collection[str]) -> Body:
    """The chosen sections in their documented order."""
    whole: Body = {
        "points": points(participant),
        "tier": None,
        "badges": [],
        "streaks": None,
        "challenges": {"active": 0, "completed": 0},
        "rewards": {"total_claimed": participant.rewards_claimed},
    }
    chosen = {name: section for name, section in whole.items() if name in include}
    return {"participant_id": participant.participant_id, **chosen}


def row(participant: Participant) -> Body:
    """One line of a list: what operators sort and filter by (source: ours)."""
    return {
        "participant_id": participant.participant_id,
        "display_name": participant.display_name,
        "balance": participant.balance,
        "total_earned": participant.total_earned,
        "total_spent": participant.total_spent,
        "tier": participant.tier,
        "rewards_claimed": participant.rewards_claimed,
        "total_events": participant.total_events,
        "first_seen_at": instants.text(participant.first_seen_at),
        "last_seen_at": instants.text(participant.last_seen_at),
        "is_active": participant.is_active,
        "version": participant.version,
        "attributes": jsontext.stored(participant.attributes),
    }


def points(participant: Participant) -> Body:
    """The points section: the balance is what was earned, less spent and expired."""
    return {
        "balance": participant.balance,
        "total_earned": participant.total_earned,
        "total_spent": participant.total_spent,
    }


def _own_data(participant: Participant) -> Body:
    return {
        "participant_id": participant.participant_id,
        "display_name": participant.display_name,
        "avatar_url": participant.avatar_url,
        "attributes": jsontext.stored(participant.attributes),
    }
