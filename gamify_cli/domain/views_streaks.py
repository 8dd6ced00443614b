"""Streaks in the shapes that the API documents, judged at the moment of reading.

The row holds when each streak lapses, so that no reading needs a zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gamify_cli.domain import instants
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program

Body = dict[str, Any]


def best(participant: Participant, now: Instant) -> Body | None:
    """The highest current count, then the longest, then the latest (source: seed)."""
    if not participant.streaks:
        return None
    current, longest, latest = max(
        (current_at(kept, now), kept["longest"], kept["last_recorded_at"])
        for kept in participant.streaks.values()
    )
    return {"current": current, "longest": longest, "last_activity_at": instants.text(latest)}


def plain(participant: Participant, now: Instant) -> Body | None:
    """The same without its time."""
    shown = best(participant, now)
    return shown and {"current": shown["current"], "longest": shown["longest"]}


def reading(participant: Participant, program: Program, now: Instant) -> list[Body]:
    """The active streaks in the program's order, ticked or not; then ticked ones not active now."""
    codes = dict.fromkeys([*program.streaks, *participant.streaks])
    return [standing(participant, program, code, now) for code in codes]


def listed(participant: Participant, program: Program, now: Instant) -> Body:
    """The answer to a list of streaks."""
    streaks = reading(participant, program, now)
    return {"participant_id": participant.participant_id, "streaks": streaks}


def ticked(decision: Decision, code: str) -> Body:
    """The answer to a tick (source: vendor); the count is that of now, 0 if it lapsed long ago."""
    before = decision.before.streaks.get(code, {})
    after = decision.participant.streaks[code]
    return {
        "streak_code": code,
        "new_count": current_at(after, decision.now),
        "longest_count": after["longest"],
        "is_new_record": after["longest"] > before.get("longest", 0),
        "already_recorded": after == before,
    }


def standing(participant: Participant, program: Program, code: str, now: Instant) -> Body:
    """One streak, ticked or not."""
    streak, kept = program.streak(code), participant.streaks.get(code)
    return {
        "code": code,
        "name": streak.name,
        "current_count": 0 if kept is None else current_at(kept, now),
        "longest_count": 0 if kept is None else kept["longest"],
        "last_recorded_at": None if kept is None else instants.text(kept["last_recorded_at"]),
        "is_at_risk": kept is not None and kept["at_risk_at"] <= now < kept["lapses_at"],
        "period": streak.period,
    }


def current_at(kept: Mapping[str, Any], now: Instant) -> int:
    """The count of a streak, which is 0 once it lapsed."""
    return int(kept["current"]) if now < kept["lapses_at"] else 0
