"""Challenges as values: between which instants events count, and how one stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gamify_cli.domain import instants
from gamify_cli.domain.instants import DAY, Instant
from gamify_cli.domain.program import Challenge, Objective

Enrolment = Mapping[str, Any]
"""enrolled_at; progress, [count, time of the latest one] by objective; completed_at or None."""


def ends_at(challenge: Challenge, enrolled_at: Instant) -> Instant | None:
    """The first instant at which no event counts any more; None for never.

    The last second of a fixed window belongs to it.
    """
    window = challenge.window
    if window is None:
        return None
    if "days" in window:
        return enrolled_at + int(window["days"]) * DAY
    return instants.parse_bound(window["to"], 0) + 1


def counts_at(challenge: Challenge, enrolled_at: Instant, at: Instant) -> bool:
    """Whether an event at that time lies inside enrolment and window."""
    window, end = challenge.window, ends_at(challenge, enrolled_at)
    begins = instants.parse(window["from"], 0) if window and "from" in window else enrolled_at
    return max(enrolled_at, begins) <= at and (end is None or at < end)


def status(challenge: Challenge, enrolment: Enrolment, now: Instant) -> str:
    """`completed`, `expired` or `active`, judged at `now`."""
    if enrolment["completed_at"] is not None:
        return "completed"
    end = ends_at(challenge, enrolment["enrolled_at"])
    return "active" if end is None or now < end else "expired"


def count(enrolment: Enrolment, objective: Objective) -> int:
    """How many events counted for an objective so far."""
    return int(enrolment["progress"].get(objective.id, (0,))[0])


def is_reached(enrolment: Enrolment, objective: Objective) -> bool:
    """Whether enough events counted for it."""
    return count(enrolment, objective) >= objective.target


def is_open(challenge: Challenge, enrolment: Enrolment, objective: Objective, at: Instant) -> bool:
    """Whether an event at `at` counts for it: it is not reached, but what it waits for was."""
    if is_reached(enrolment, objective):
        return False
    waits = (one for one in challenge.objectives if one.id in objective.after)
    return all(is_reached(enrolment, one) and _latest(enrolment, one) <= at for one in waits)


def _latest(enrolment: Enrolment, objective: Objective) -> Instant:
    return int(enrolment["progress"][objective.id][1])
