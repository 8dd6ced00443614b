"""Answers about points, badges and tiers, in the shapes that the API documents (source: vendor)."""

from __future__ import annotations

from typing import Any

from gamify_cli.domain import facts, instants, views
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program

Body = dict[str, Any]

_SOON = 30 * instants.DAY

TRANSACTIONS = {
    facts.POINTS_AWARDED: "award",
    facts.POINTS_DEDUCTED: "deduct",
    facts.POINTS_EXPIRED: "expire",
    facts.REWARD_CLAIMED: "claim",
    facts.REVERSED: "reversal",
}
"""The kinds of facts that are transactions if they have an amount, by the types shown."""


def award(decision: Decision, fact: Fact) -> Body:
    """The answer to an award, with the tier and the badges that followed."""
    return {
        **deduction(decision, fact),
        "tier_upgrade": _tier_upgrade(decision),
        "badges_unlocked": [
            one.data["code"] for one in decision.facts if one.kind == facts.BADGE_EARNED
        ],
    }


def deduction(decision: Decision, fact: Fact) -> Body:
    """The answer to a deduction."""
    return {
        "transaction_id": fact.data["id"],
        "participant_id": decision.participant.participant_id,
        "amount": fact.data["amount"],
        "new_balance": fact.data["balance"],
    }


def _tier_upgrade(decision: Decision) -> Body | None:
    """From where to where the points took the participant; None if they did not.

    A tier that went just before, with points that ran out, is not where it came from.
    """
    changes = [one.data for one in decision.facts if one.kind == facts.TIER_CHANGED]
    reached = [change for change in changes if change["how"] == "reached"]
    lost = [change["code"] for change in changes if change["how"] == "lost"]
    before, after = lost[-1] if lost else decision.before.tier, decision.participant.tier
    if not reached or after is None:
        return None
    tier, previous = decision.program.tier(after), before and decision.program.tier(before)
    return {
        "code": tier.code,
        "name": tier.name,
        "level": tier.level,
        "previous_code": previous.code if previous else None,
        "previous_level": previous.level if previous else None,
    }


def points(participant: Participant, _program: Program, _now: Instant) -> Body:
    """A balance with its totals."""
    return {"participant_id": participant.participant_id, **views.points(participant)}


def expiring(participant: Participant, _program: Program, now: Instant, by: Instant | None) -> Body:
    """What runs out by a time, 30 days ahead by default: every lot, soonest first, never last."""
    by = min(now + _SOON, instants.LAST) if by is None else by
    lots = sorted(participant.lots.items())
    rest = participant.balance - sum(participant.lots.values())
    return {
        "participant_id": participant.participant_id,
        "by": instants.text(by),
        "expiring": sum(remaining for expires_at, remaining in lots if expires_at <= by),
        "lots": [
            *(
                {"remaining": remaining, "expires_at": instants.text(expires_at)}
                for expires_at, remaining in lots
            ),
            *([{"remaining": rest, "expires_at": None}] if rest else []),
        ],
    }


def transaction(kind: str, data: Body, occurred_at: Instant) -> Body:
    """One line of a points history; `amount` is negative where points went."""
    # Of a reversal the amount has its sign.
    sign = 1 if kind in (facts.POINTS_AWARDED, facts.REVERSED) else -1
    return {
        "id": data["id"],
        "type": TRANSACTIONS[kind],
        "amount": sign * data["amount"],
        "balance_after": data["balance"],
        "reason": data.get("reason"),
        "metadata": data.get("metadata"),
        "expires_at": instants.text_or_none(data.get("expires_at")),
        "created_at": instants.text(occurred_at),
    }


def badge_award(decision: Decision, code: str) -> Body:
    """The answer to a badge given by hand; a repeat shows when it was first earned."""
    badge = decision.program.badge(code)
    return {
        "participant_id": decision.participant.participant_id,
        "badge_code": badge.code,
        "badge_name": badge.name,
        "icon": badge.icon,
        "rarity": badge.rarity,
        "earned_at": instants.text(decision.participant.badges[code]),
        "already_earned": code in decision.before.badges,
    }


def badges(participant: Participant, program: Program, _now: Instant, *, earned_only: bool) -> Body:
    """All active badges in the program's order, then earned ones that are no longer active."""
    shown = [program.badge(code) for code in views.badge_codes(participant, program)]
    every = [
        {
            "code": badge.code,
            "name": badge.name,
            "description": badge.description,
            "icon": badge.icon,
            "rarity": badge.rarity,
            "earned": badge.code in participant.badges,
            "earned_at": instants.text_or_none(participant.badges.get(badge.code)),
        }
        for badge in shown
    ]
    return {
        "participant_id": participant.participant_id,
        "badges": [badge for badge in every if badge["earned"] or not earned_only],
        "total": len(every),
        "earned_count": len(participant.badges),
    }


def tier(participant: Participant, program: Program, _now: Instant) -> Body:
    """The tier, the next one, and the newest changes, oldest of them first."""
    current = views.tier(participant, program)
    if current is not None:
        del current["next_tier"]
    return {
        "participant_id": participant.participant_id,
        "current_tier": current,
        "next_tier": views.next_tier(participant, program),
        "tier_history": [
            {
                "code": code,
                "name": program.tier(code).name,
                "achieved_at": instants.text(achieved_at),
            }
            for code, achieved_at in participant.tiers
            if code is not None
        ],
    }
