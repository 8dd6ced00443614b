"""What follows from a fact in the same transaction: tiers reached or lost, badges earned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gamify_cli.domain import facts
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program


def follow(decision: Decision, at: Instant, cause: int) -> None:
    """Record what the fact `cause` led to, dated `at` as it was."""
    judge_tiers(decision, at, cause)
    judge_badges(decision, at, cause)


def judge_tiers(decision: Decision, at: Instant, cause: int) -> None:
    """Climb every tier that the points reach, each in the history; or fall, if the program says so.

    A tier that was assigned holds until points earn a higher level than both it and the level
    that they had earned then.
    """
    participant, program = decision.participant, decision.program
    earned, now = earned_level(participant, program), level(participant, program)
    if earned > max(now, participant.tier_held or 0):
        for tier in program.tiers:
            if now < tier.level <= earned:
                decision.record(
                    facts.TIER_CHANGED, {"code": tier.code, "how": "reached"}, at=at, cause=cause
                )
    elif earned < now and program.tier_downgrade and participant.tier_held is None:
        reached = [tier.code for tier in program.tiers if tier.level <= earned]
        data = {"code": reached[-1] if reached else None, "how": "lost"}
        decision.record(facts.TIER_CHANGED, data, at=at, cause=cause)


def judge_badges(decision: Decision, at: Instant, cause: int) -> None:
    """Grant every badge whose criterion is met by now."""
    for badge in decision.program.badges.values():
        if badge.criterion is None or badge.code in decision.participant.badges:
            continue
        if _is_met(badge.criterion, decision.participant, decision.program):
            decision.record(facts.BADGE_EARNED, {"code": badge.code}, at=at, cause=cause)


def level(participant: Participant, program: Program) -> int:
    """The level the participant stands at; 0 without a tier."""
    return 0 if participant.tier is None else program.tier(participant.tier).level


def earned_level(participant: Participant, program: Program) -> int:
    """The highest level that the points reach; 0 below the lowest tier, or without any points."""
    if participant.points_at is None:
        return 0
    measure, reached = basis(participant, program), 0
    for tier in program.tiers:
        if tier.points_required <= measure:
            reached = tier.level
    return reached


def basis(participant: Participant, program: Program) -> int:
    """The points that tiers are measured by (source: seed; `total_earned` is the vendor's)."""
    return participant.balance if program.tier_basis == "balance" else participant.total_earned


def _is_met(criterion: Mapping[str, Any], participant: Participant, program: Program) -> bool:
    if "total_earned" in criterion:
        return bool(participant.total_earned >= criterion["total_earned"])
    if "balance" in criterion:
        return bool(participant.balance >= criterion["balance"])
    if "tier" in criterion:
        return _stands_in(criterion["tier"], participant, program)
    if "event" in criterion:
        return bool(participant.events.get(criterion["event"], 0) >= criterion["at_least"])
    if "streak" in criterion:
        kept = participant.streaks.get(criterion["streak"], {})
        return bool(kept.get("longest", 0) >= criterion["at_least"])
    return False


def _stands_in(code: str, participant: Participant, program: Program) -> bool:
    """Whether the participant stands in the tier, or above it."""
    if participant.tier is None:
        return False
    return program.tier(participant.tier).level >= program.tier(code).level
