"""Rules of challenges: enrolment, progress by events, and the reward of completing one.

An event counts for an objective if it occurred inside enrolment and window, and not before
the objectives that it waits for were reached.
"""

from __future__ import annotations

from typing import Any

from gamify_cli.domain import challenges, facts
from gamify_cli.domain.decide import Decision, badges, interaction, points
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.program import Challenge, Program
from gamify_cli.errors import Conflict, NotFound, nearest

Effect = dict[str, Any]


def enroll(decision: Decision, code: str) -> None:
    """Enrol a participant now; one that is enrolled already stays as it is.

    Raises NotFound for an unknown or inactive code, Conflict for an inactive participant or
    a fixed window that is over.
    """
    challenge = find(decision.program, code)
    interaction.require_active(decision)
    if code in decision.participant.challenges:
        return
    end = challenges.ends_at(challenge, decision.now)
    if end is not None and end <= decision.now:
        raise Conflict(f'challenge "{code}" is over')
    interaction.begin(decision, decision.now)
    decision.record(facts.CHALLENGE_ENROLLED, {"code": code})


def find(program: Program, code: str) -> Challenge:
    """An active challenge by its code; raises NotFound."""
    if code not in program.challenges:
        raise NotFound(f'challenge "{code}" not found', hint=nearest(code, program.challenges))
    return program.challenges[code]


def progress(decision: Decision, event_name: str, at: Instant) -> dict[str, list[str]]:
    """The objectives for which an event at `at` counts, by the code of their challenge."""
    found = {}
    for code, enrolment in decision.participant.challenges.items():
        challenge = decision.program.challenges.get(code)
        if challenge is None or enrolment["completed_at"] is not None:
            continue
        if challenges.counts_at(challenge, enrolment["enrolled_at"], at):
            found[code] = [
                objective.id
                for objective in challenge.objectives
                if objective.event == event_name
                and challenges.is_open(challenge, enrolment, objective, at)
            ]
    return {code: objectives for code, objectives in found.items() if objectives}


def follow(decision: Decision, advanced: dict[str, list[str]], event: Fact) -> list[Effect]:
    """What comes of the progress that `event` recorded: each challenge completed is paid once."""
    effects: list[Effect] = []
    for code in advanced:
        effects.append({"rule": None, "type": "challenge", "code": code})
        challenge, enrolment = decision.program.challenges[code], decision.participant.challenges
        if all(challenges.is_reached(enrolment[code], one) for one in challenge.objectives):
            effects += _complete(decision, challenge, event)
    return effects


def _complete(decision: Decision, challenge: Challenge, event: Fact) -> list[Effect]:
    at, effects = event.occurred_at, []
    data = {"code": challenge.code}
    fact = decision.record(facts.CHALLENGE_COMPLETED, data, at=at, cause=event.number)
    reward, source = challenge.reward or {}, {"challenge": challenge.code}
    amount, badge = reward.get("points"), reward.get("badge")
    if amount is not None:
        points.earn(decision, amount, source, at, cause=fact.number)
        effects.append({"rule": None, "type": "points", "amount": amount})
    if badge is not None and badges.earn(decision, badge, source, at, cause=fact.number):
        effects.append({"rule": None, "type": "badge", "code": badge})
    return effects
