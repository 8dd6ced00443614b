"""What another program makes of a participant beside what it is.

A change is a `simulated` body (`domain.outputs_simulation`): amounts and tier `from` and `to`,
codes gained and lost, and what of the journal the program would not have allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gamify_cli.domain.again import Again
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.simulation_sums import AMOUNTS, SETS, moved
from gamify_cli.domain.views_streaks import current_at

Body = dict[str, Any]


def amounts(participant: Participant) -> dict[str, int]:
    """The amounts that are compared; `expiring` is what of the balance has an end."""
    return {
        "balance": participant.balance,
        "total_earned": participant.total_earned,
        "total_spent": participant.total_spent,
        "expiring": sum(participant.lots.values()),
    }


def change(stored: Participant, again: Again, then: Participant, now: Instant) -> Body | None:
    """How one who is `stored` changes; None if nothing does that is compared.

    Both are as they read `now`; `then` is what was decided `again`.
    """
    told: Body = {
        "participant_id": stored.participant_id,
        **_moves(amounts(stored), amounts(then)),
        "tier": {"from": stored.tier, "to": then.tier},
        "badges": _set(stored.badges, then.badges),
        "challenges": _set(_completed(stored), _completed(then)),
        "streaks": _streaks(stored, then, now),
        "clamped": [
            {**_root(one.root), "asked": one.asked, "taken": one.taken} for one in again.clamped
        ],
        "refused": [{**_root(one.root), "reason": one.reason} for one in again.refused],
    }
    is_same = (
        all(told[name]["from"] == told[name]["to"] for name in (*AMOUNTS, "tier"))
        and not any(told[name]["gained"] or told[name]["lost"] for name in SETS)
        and not (told["streaks"] or told["clamped"] or told["refused"])
    )
    return None if is_same else told


def forget(result: Again, before: Again) -> None:
    """Leave out of what was clamped or refused what is so in the journal already."""
    clamped = {(one.root.fact.number, one.taken) for one in before.clamped}
    refused = {one.root.fact.number for one in before.refused}
    result.clamped = [
        one for one in result.clamped if (one.root.fact.number, one.taken) not in clamped
    ]
    result.refused = [one for one in result.refused if one.root.fact.number not in refused]


def _moves(stored: Mapping[str, int], then: Mapping[str, int]) -> dict[str, Body]:
    return {name: moved(stored[name], then[name]) for name in AMOUNTS}


def _set(stored: Mapping[str, Any], then: Mapping[str, Any]) -> Body:
    gained = sorted(code for code in then if code not in stored)
    return {"gained": gained, "lost": sorted(code for code in stored if code not in then)}


def _completed(participant: Participant) -> dict[str, Instant]:
    found = participant.challenges.items()
    return {code: one["completed_at"] for code, one in found if one["completed_at"] is not None}


def _streaks(stored: Participant, then: Participant, now: Instant) -> list[Body]:
    found = []
    for code in sorted({**stored.streaks, **then.streaks}):
        (old, best), (new, better) = _counts(stored, code, now), _counts(then, code, now)
        if (old, best) != (new, better):
            found.append({"code": code, "current": moved(old, new), "longest": moved(best, better)})
    return found


def _counts(participant: Participant, code: str, now: Instant) -> tuple[int, int]:
    kept = participant.streaks.get(code)
    return (0, 0) if kept is None else (current_at(kept, now), kept["longest"])


def _root(root: Any) -> Body:
    return {"number": root.fact.number, "kind": root.fact.kind}
