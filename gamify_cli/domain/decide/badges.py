"""Rules of badges that an operator awards; those with a criterion follow by themselves."""

from __future__ import annotations

from typing import Any

from gamify_cli.domain import facts, vocabulary
from gamify_cli.domain.decide import Decision, interaction
from gamify_cli.domain.decide.consequences import judge_badges
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.program import Badge, Program
from gamify_cli.errors import NotFound, nearest


def award(decision: Decision, code: str, *, metadata: dict[str, Any] | None = None) -> None:
    """Give a badge by hand; one that was earned before stays as it is.

    Raises NotFound for an unknown or inactive code, UsageError, Conflict.
    """
    if metadata is not None:
        vocabulary.metadata(metadata)
    badge = find(decision.program, code)
    data = {"code": badge.code} | ({"metadata": metadata} if metadata is not None else {})
    keep(decision, data)


def keep(decision: Decision, data: dict[str, Any]) -> None:
    """A badge that was given by hand, with the data of its fact. Raises Conflict."""
    interaction.require_active(decision)
    interaction.begin(decision, decision.now)
    if data["code"] not in decision.participant.badges:
        fact = decision.record(facts.BADGE_EARNED, data)
        judge_badges(decision, decision.now, fact.number)


def earn(decision: Decision, code: str, source: dict[str, str], at: Instant, *, cause: int) -> bool:
    """A badge that a rule or a challenge, `source`, gives for the fact `cause`, which was at `at`.

    Answers whether it is a new one.
    """
    if code in decision.participant.badges:
        return False
    data = {"code": code, **source}
    fact = decision.record(facts.BADGE_EARNED, data, at=at, cause=cause)
    judge_badges(decision, at, fact.number)
    return True


def find(program: Program, code: str) -> Badge:
    """An active badge by its code; raises NotFound."""
    if code not in program.badges:
        raise NotFound(f'badge "{code}" not found', hint=nearest(code, program.badges))
    return program.badges[code]
