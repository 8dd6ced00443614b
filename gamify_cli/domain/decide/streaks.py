"""Rules of streaks: ticks on time and late, grace, freezes, and what an operator brings back.

Grace bridges the first missed periods of a gap, freezes the rest of it, all or none. What
bridged a gap is marked in the periods themselves, so that a later program, zone or late tick
never takes it back. A changed program acts from the next fact of a streak on, a participant's
new zone at once.
"""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from typing import Any, NamedTuple

from gamify_cli.domain import facts, jsontext, streaks, vocabulary
from gamify_cli.domain.decide import Decision, interaction, profile
from gamify_cli.domain.decide.consequences import judge_badges
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import DAY, Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program, Streak
from gamify_cli.domain.streaks import Calendar, Marks, StreakState
from gamify_cli.errors import NotFound, UsageError, nearest

PARTICIPANT = "participant"
"""As a streak's zone: that of the participant."""


class Place(NamedTuple):
    """Where a tick goes: the period with `number` of a streak, by the calendar that counts."""

    streak: Streak
    calendar: Calendar
    number: int


def record(decision: Decision, code: str, *, timestamp: Instant | None = None) -> None:
    """Tick a streak in the period of `timestamp`, or of now; once a period.

    Raises NotFound for an unknown or inactive code, UsageError for a time in the future or too
    long before the latest tick, Conflict for an inactive participant.
    """
    streak = find(decision.program, code)
    at = interaction.time_of(decision, timestamp, "timestamp")
    interaction.require_active(decision)
    place = place_of(decision, streak, at)
    interaction.begin(decision, at)
    tick(decision, place, at)


def place_of(decision: Decision, streak: Streak, at: Instant) -> Place:
    """Where a tick at `at` goes; raises UsageError for a time too long before the latest one."""
    kept = decision.participant.streaks.get(streak.code)
    if kept is not None and at < kept["last_recorded_at"] - streaks.LATE_DAYS * DAY:
        raise UsageError(
            f'the time lies over {streaks.LATE_DAYS} days before the latest tick of "{streak.code}"'
        )
    calendar = _calendar(decision, streak)
    return Place(streak, calendar, calendar.number_at(at))


def tick(decision: Decision, place: Place, at: Instant, *, cause: int | None = None) -> Fact | None:
    """The tick of a participant that was taken to `at`; None if its period has one already."""
    streak, calendar, number = place
    old = _state(decision.participant, streak) or StreakState(last_recorded_at=at)
    marks = _marks(old, calendar) if old.marks else Marks("", number - 1)
    covered = marks.at(number)
    if covered == streaks.TICKED:
        return None
    gap = _bridged(calendar.between(marks.last, number), streak, old.spent)
    if number > marks.last:
        marks = marks.appended(gap + streaks.TICKED)
    else:
        marks = marks.filled(number, streak.grace, calendar)
    new = _counted(old, streak, at, gap.count(streaks.FROZEN) - (covered == streaks.FROZEN))
    data = {
        "code": streak.code,
        "period": calendar.first_day(number).isoformat(),
        **_paid(gap, number, calendar),
        "state": _standing(new, marks, streak, calendar)._asdict(),
    }
    fact = decision.record(facts.STREAK_RECORDED, data, at=at, cause=cause)
    judge_badges(decision, at, fact.number)
    return fact


def restore(decision: Decision, code: str, *, reason: str) -> None:
    """Bring back a streak that lapsed, with a full stock of freezes; the count goes on.

    All periods between its last tick and the present one are covered, and no freeze is spent.
    A streak that did not lapse has its stock filled alone. Raises NotFound for an unknown
    code, participant or streak, UsageError, Conflict for an inactive participant.
    """
    vocabulary.reason(reason)
    streak = find(decision.program, code)
    profile.require(decision)
    interaction.require_active(decision)
    participant = decision.participant
    old = _state(participant, streak)
    if old is None:
        raise NotFound(f'participant "{participant.participant_id}" has no streak "{code}" yet')
    has_lapsed = old.lapses_at <= decision.now
    if not has_lapsed and not old.spent:
        return
    interaction.settle(decision, decision.now)
    calendar = _calendar(decision, streak)
    marks = _marks(old, calendar)
    gap = calendar.between(marks.last, calendar.number_at(decision.now)) if has_lapsed else ""
    marks = marks.appended(gap.replace(streaks.MISSED, streaks.RESTORED))
    state = _standing(old._replace(spent=0), marks, streak, calendar)
    data = {"code": code, "reason": reason, "covered": len(gap), "state": state._asdict()}
    decision.record(facts.STREAK_RESTORED, data)


def follow_zone(decision: Decision, profile_changed: Fact) -> None:
    """Let each streak in the participant's zone lapse as the new one says; ticks stay as they are.

    One that had lapsed may go on: where the participant is now, the period to tick in may last.
    """
    for code, kept in decision.participant.streaks.items():
        streak, old = decision.program.streak(code), StreakState(**kept)
        if streak.timezone != PARTICIPANT:
            continue
        calendar = _calendar(decision, streak)
        new = _standing(old, _marks(old, calendar), streak, calendar)
        if new != old:
            data = {"code": code, "state": new._asdict()}
            decision.record(facts.STREAK_MOVED, data, cause=profile_changed.number)


def find(program: Program, code: str) -> Streak:
    """An active streak by its code; raises NotFound."""
    if code not in program.streaks:
        raise NotFound(f'streak "{code}" not found', hint=nearest(code, program.streaks))
    return program.streaks[code]


def _calendar(decision: Decision, streak: Streak) -> Calendar:
    name = streak.timezone
    if name == PARTICIPANT:
        name = jsontext.stored(decision.participant.attributes).get("timezone")
    zone: tzinfo = streaks.zone(name) or streaks.zone(decision.program.timezone) or UTC
    return Calendar(streak.period, streak.week_starts, zone)


def _state(participant: Participant, streak: Streak) -> StreakState | None:
    kept = participant.streaks.get(streak.code)
    return None if kept is None else StreakState(**kept)


def _marks(state: StreakState, calendar: Calendar) -> Marks:
    last = calendar.number_of(date.fromisoformat(state.until))
    if state.period != calendar.period:
        # The program made weeks out of days, say: the run goes on as one that was counted.
        return Marks(streaks.RESTORED, last, state.current)
    return Marks(streaks.unpack(state.marks), last, state.older)


def _bridged(gap: str, streak: Streak, spent: int) -> str:
    """A gap as it was, or all of it covered: by grace first, by freezes then."""
    graced = gap.replace(streaks.MISSED, streaks.GRACED, streak.grace)
    if graced.count(streaks.MISSED) > max(0, streak.stock - spent):
        return gap
    return graced.replace(streaks.MISSED, streaks.FROZEN)


def _paid(gap: str, number: int, calendar: Calendar) -> dict[str, Any]:
    """The member of the fact that names the periods before `number` that freezes paid for."""
    if streaks.FROZEN not in gap:
        return {}
    periods = enumerate(gap, number - len(gap))
    paid = [calendar.first_day(period) for period, mark in periods if mark == streaks.FROZEN]
    return {"paid": [day.isoformat() for day in paid]}


def _counted(state: StreakState, streak: Streak, at: Instant, paid: int) -> StreakState:
    """One more tick, and what it does to the stock; a freeze beyond a full stock is lost.

    `paid` freezes went, or one came back if it is -1.
    """
    ticks = state.ticks + 1
    earned = streak.earn_every is not None and ticks % streak.earn_every == 0
    spent = max(0, max(0, state.spent + paid) - earned)
    latest = max(at, state.last_recorded_at)
    return state._replace(ticks=ticks, spent=spent, last_recorded_at=latest)


def _standing(state: StreakState, marks: Marks, streak: Streak, calendar: Calendar) -> StreakState:
    """The state with its marks, and what follows from them: counts, and when it lapses."""
    bearable = streak.grace + max(0, streak.stock - state.spent)
    found = streaks.standing(marks, calendar, streak.grace, bearable)
    return StreakState(
        last_recorded_at=state.last_recorded_at,
        current=found.current,
        longest=max(state.longest, found.longest),
        at_risk_at=found.at_risk_at,
        lapses_at=found.lapses_at,
        period=calendar.period,
        until=found.until,
        marks=found.marks,
        older=found.older,
        ticks=state.ticks,
        spent=state.spent,
    )
