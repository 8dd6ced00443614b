"""What became of a participant between two times. Values alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gamify_cli.domain import instants, views, views_challenges, views_streaks
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program

Body = dict[str, Any]

Times = tuple[Instant, Instant]
Sides = tuple[Body, Body]


def standing(participant: Participant, program: Program, now: Instant) -> Body:
    """All that is known of one but its id, what there are several of by their codes."""
    profile = views.profile(participant, program, now)
    challenges = views_challenges.reading(participant, program, now)["challenges"]
    streaks = views_streaks.reading(participant, program, now)
    whole = profile | {
        "badges": {one["code"]: one["earned_at"] for one in profile["badges"]},
        "streaks": {one["code"]: _count(one) for one in streaks if one["last_recorded_at"]},
        "challenges": {one["code"]: _progress(one) for one in challenges},
        "claims": participant.claims,
    }
    del whole["participant_id"]
    return {name: value for name, value in whole.items() if value != {}}


def difference(participant_id: str, times: Times, sides: Sides, facts: Sequence[Body]) -> Body:
    """What one is told to have become, with the facts between the times."""
    return {
        "participant_id": participant_id,
        "from": instants.text(times[0]),
        "to": instants.text(times[1]),
        "changes": [*changes(*sides)],
        "facts": facts,
    }


def changes(before: Any, after: Any, field: str = "") -> Iterator[Body]:
    """Each single value that differs, in the order of the members: {field, from, to}.

    A field is a path: `points.balance`. What is missing is null.
    """
    if _is_object(before, after) or _is_object(after, before):
        before, after = before or {}, after or {}
        for name in dict.fromkeys((*after, *before)):
            path = f"{field}.{name}" if field else name
            yield from changes(before.get(name), after.get(name), path)
    elif before != after or type(before) is not type(after):
        yield {"field": field, "from": before, "to": after}


def _is_object(one: Any, other: Any) -> bool:
    """Whether there is something in an object that has an object or nothing beside it."""
    return isinstance(one, dict) and bool(one) and (other is None or isinstance(other, dict))


def _count(streak: Body) -> Body:
    return _without(streak, "code", "name", "period")


def _progress(challenge: Body) -> Body:
    objectives = {one["id"]: one["progress"] for one in challenge["objectives"]}
    return _without(challenge, "code", "name") | {"objectives": objectives}


def _without(body: Body, *names: str) -> Body:
    return {name: value for name, value in body.items() if name not in names}
