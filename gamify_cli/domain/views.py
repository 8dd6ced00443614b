"""Participants in the shapes that the API documents: same members, same order (source: seed).

Every view returns plain JSON values. A participant is shown as it was settled: `as_at` takes
it to the moment of reading.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from gamify_cli.domain import instants, jsontext, views_challenges, views_streaks
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide.consequences import basis, level
from gamify_cli.domain.decide.interaction import settle
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program, Tier

Body = dict[str, Any]
Read = Callable[[str], Any]
"""Attributes from their text: `jsontext.stored`, or `jsontext.Kept` where nobody looks inside."""


def as_at(participant: Participant, program: Program, now: Instant) -> Participant:
    """The participant with all that is due by `now`, whether or not it was recorded yet."""
    if not participant.lots or min(participant.lots) > now:
        return participant
    decision = Decision(participant, program, now, str)
    settle(decision, now)
    return decision.participant


def created(participant: Participant, program: Program, now: Instant) -> Body:
    """The answer to a registration."""
    return {
        **_own_data(participant),
        **_earnings(participant, program, now),
        "is_active": participant.is_active,
        "created_at": instants.text(participant.first_seen_at),
    }


def profile(
    participant: Participant, program: Program, now: Instant, read: Read = jsontext.stored
) -> Body:
    """The rich profile."""
    return {
        **_own_data(participant, read),
        **_earnings(participant, program, now),
        "first_seen_at": instants.text(participant.first_seen_at),
        "last_seen_at": instants.text(participant.last_seen_at),
        "is_active": participant.is_active,
    }


def card(participant: Participant, program: Program, now: Instant) -> Body:
    """What a person sees at a glance: the profile, and how the challenges stand (source: ours)."""
    return {
        **profile(participant, program, now),
        "challenges": views_challenges.counts(participant, program, now),
    }


def state(
    participant: Participant, program: Program, now: Instant, include: Collection[str]
) -> Body:
    """The chosen sections in their documented order."""
    whole: Body = {
        "points": points(participant),
        "tier": _plain_tier(participant, program),
        "badges": _all_badges(participant, program),
        "streaks": views_streaks.plain(participant, now),
        "challenges": views_challenges.counts(participant, program, now),
        "rewards": {"total_claimed": participant.rewards_claimed},
    }
    chosen = {name: section for name, section in whole.items() if name in include}
    return {"participant_id": participant.participant_id, **chosen}


def row(participant: Participant, read: Read = jsontext.stored) -> Body:
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
        "attributes": read(participant.attributes),
    }


def points(participant: Participant) -> Body:
    """The points section: the balance is what was earned, less spent and expired."""
    return {
        "balance": participant.balance,
        "total_earned": participant.total_earned,
        "total_spent": participant.total_spent,
    }


def next_tier(participant: Participant, program: Program) -> Body | None:
    """The tier above and what is missing to it; None at the top."""
    now = level(participant, program)
    above = next((one for one in program.tiers if one.level > now), None)
    if above is None:
        return None
    return {
        "code": above.code,
        "name": above.name,
        "points_required": above.points_required,
        "points_remaining": max(0, above.points_required - basis(participant, program)),
    }


def _current_tier(participant: Participant, program: Program) -> Tier | None:
    return None if participant.tier is None else program.tier(participant.tier)


def _plain_tier(participant: Participant, program: Program) -> Body | None:
    current = _current_tier(participant, program)
    return current and {"code": current.code, "name": current.name, "level": current.level}


def tier(participant: Participant, program: Program) -> Body | None:
    """The tier with progress to the next one; None before the first."""
    current = _current_tier(participant, program)
    if current is None or participant.tier_since is None:
        return None
    return {
        "code": current.code,
        "name": current.name,
        "level": current.level,
        "color": current.color,
        "achieved_at": instants.text(participant.tier_since),
        "next_tier": next_tier(participant, program),
    }


def _earned_badges(participant: Participant, program: Program) -> list[Body]:
    """Earned ones alone, oldest first."""
    if not participant.badges:
        return []
    earned = sorted(participant.badges.items(), key=lambda item: item[1])
    shown = ((program.badge(code), earned_at) for code, earned_at in earned)
    return [
        {
            "code": badge.code,
            "name": badge.name,
            "rarity": badge.rarity,
            "earned": True,
            "earned_at": instants.text(earned_at),
        }
        for badge, earned_at in shown
    ]


def badge_codes(participant: Participant, program: Program) -> list[str]:
    """The active ones in the program's order, then earned ones that are no longer active."""
    return list(dict.fromkeys([*program.badges, *participant.badges]))


def _all_badges(participant: Participant, program: Program) -> list[Body]:
    return [
        {
            "code": code,
            "earned": code in participant.badges,
            "earned_at": instants.text_or_none(participant.badges.get(code)),
        }
        for code in badge_codes(participant, program)
    ]


def _earnings(participant: Participant, program: Program, now: Instant) -> Body:
    """What a registration's answer and a profile both tell of what was earned."""
    return {
        "points": points(participant),
        "tier": tier(participant, program),
        "badges": _earned_badges(participant, program),
        "streaks": views_streaks.best(participant, now),
        "rewards_claimed": participant.rewards_claimed,
        "total_events": participant.total_events,
    }


def _own_data(participant: Participant, read: Read = jsontext.stored) -> Body:
    return {
        "participant_id": participant.participant_id,
        "display_name": participant.display_name,
        "avatar_url": participant.avatar_url,
        "attributes": read(participant.attributes),
    }
