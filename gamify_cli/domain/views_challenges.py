"""Challenges in the shapes that the API documents, judged at the moment of reading."""

from __future__ import annotations

from typing import Any

from gamify_cli.domain import challenges, instants
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program

Body = dict[str, Any]


def counts(participant: Participant, program: Program, now: Instant) -> Body:
    """How many are active and completed (source: seed)."""
    every = [
        _status(program, code, enrolment, now) for code, enrolment in participant.challenges.items()
    ]
    return {"active": every.count("active"), "completed": every.count("completed")}


def reading(participant: Participant, program: Program, now: Instant) -> Body:
    """Those that the participant enrolled in, the earliest first (source: vendor)."""
    return {
        "participant_id": participant.participant_id,
        "challenges": [
            _standing(program, code, enrolment, now)
            for code, enrolment in participant.challenges.items()
        ],
    }


def _status(program: Program, code: str, enrolment: challenges.Enrolment, now: Instant) -> str:
    """A challenge that the program dropped can be completed as little as one that is over."""
    status = challenges.status(program.challenge(code), enrolment, now)
    return "expired" if status == "active" and code not in program.challenges else status


def _standing(program: Program, code: str, enrolment: challenges.Enrolment, now: Instant) -> Body:
    challenge = program.challenge(code)
    return {
        "code": code,
        "name": challenge.name,
        "status": _status(program, code, enrolment, now),
        "objectives": [
            {
                "id": objective.id,
                "progress": challenges.count(enrolment, objective),
                "target": objective.target,
                "completed": challenges.is_reached(enrolment, objective),
            }
            for objective in challenge.objectives
        ],
        "enrolled_at": instants.text(enrolment["enrolled_at"]),
        "completed_at": instants.text_or_none(enrolment["completed_at"]),
    }
