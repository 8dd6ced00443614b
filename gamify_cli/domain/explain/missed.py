"""Why an event did not count for a challenge that is about such events."""

from __future__ import annotations

from collections.abc import Iterator

from gamify_cli.domain import challenges
from gamify_cli.domain.explain.nodes import Node, node
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Challenge, Objective, Program


def missed(event: Fact, before: Participant, program: Program) -> Iterator[Node]:
    """A node for each objective that an event could have counted for; `before` is how it stood."""
    counted = event.data.get("progress", {})
    for challenge in program.challenges.values():
        for objective in challenge.objectives:
            is_about = objective.event == event.data["event"]
            if is_about and objective.id not in counted.get(challenge.code, ()):
                reason = _reason(challenge, objective, before, event.occurred_at)
                text = f"does not count for challenge {challenge.code}: {reason}"
                data = {"challenge": challenge.code, "objective": objective.id, "reason": reason}
                yield node("missed", text, data=data)


def _reason(challenge: Challenge, objective: Objective, before: Participant, at: Instant) -> str:
    enrolment = before.challenges.get(challenge.code)
    if enrolment is None:
        return "not enrolled by then"
    if enrolment["completed_at"] is not None:
        return "completed before"
    if not challenges.counts_at(challenge, enrolment["enrolled_at"], at):
        return "outside its time"
    if challenges.is_reached(enrolment, objective):
        return f"{objective.id} was reached before"
    return f"{objective.id} waits for {', '.join(objective.after)}"
