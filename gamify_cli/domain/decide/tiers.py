"""Rules of tiers that an operator assigns; what points reach follows by itself."""

from __future__ import annotations

from gamify_cli.domain import facts, vocabulary
from gamify_cli.domain.decide import Decision, interaction
from gamify_cli.domain.decide.consequences import earned_level, judge_badges
from gamify_cli.domain.program import Program, Tier
from gamify_cli.errors import NotFound, nearest


def assign(decision: Decision, code: str, *, reason: str | None = None) -> None:
    """Put a participant in a tier by hand. Raises NotFound for an unknown or inactive code."""
    if reason is not None:
        vocabulary.reason(reason)
    tier = find(decision.program, code)
    interaction.require_active(decision)
    interaction.begin(decision, decision.now)
    held = earned_level(decision.participant, decision.program)
    data = {"code": tier.code, "how": "assigned", "held": held}
    fact = decision.record(facts.TIER_CHANGED, data | ({"reason": reason} if reason else {}))
    judge_badges(decision, decision.now, fact.number)


def find(program: Program, code: str) -> Tier:
    """An active tier by its code; raises NotFound."""
    for tier in program.tiers:
        if tier.code == code:
            return tier
    raise NotFound(
        f'tier "{code}" not found', hint=nearest(code, [tier.code for tier in program.tiers])
    )
