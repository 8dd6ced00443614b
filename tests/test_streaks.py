"""Streaks: calendars, grace, freezes, late ticks, what an operator brings back."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamify_cli.domain import facts, instants, views, views_streaks
from gamify_cli.domain.decide import Decision, profile, streaks
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import DAY, SECOND, Instant
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.domain.program import Program
from gamify_cli.errors import Conflict, NotFound, UsageError
from gamify_cli.store import records

LONG_AFTER = instants.parse("2030-01-01", 0)
DAILY = {"period": "daily"}


def program(*definitions: dict[str, Any], **members: Any) -> Program:
    """A program of streaks, each a change of a plain one called `run`."""
    plain = {
        "code": "run",
        "name": "Run",
        "timezone": None,
        "week_starts": "monday",
        "grace": 0,
        "freezes": None,
    }
    return Program(1, {"streaks": [plain | definition for definition in definitions], **members})


class Person:
    """One participant with all its facts."""

    def __init__(self, in_force: Program, **attributes: Any) -> None:
        self.program = in_force
        self.participant = Participant("ada")
        self.facts: list[Fact] = []
        if attributes:
            start = Decision(self.participant, in_force, instants.parse("1990-01-01", 0), str)
            profile.register(start, {"attributes": attributes})
            self._take(start)

    def tick(self, at: str | Instant, code: str = "run", now: Instant = LONG_AFTER) -> Decision:
        instant = instants.parse(at, 0) if isinstance(at, str) else at
        decision = Decision(self.participant, self.program, now, str)
        streaks.record(decision, code, timestamp=instant)
        return self._take(decision)

    def ticks(self, *times: str) -> Person:
        for at in times:
            self.tick(at)
        return self

    def restore(self, now: str, code: str = "run") -> Decision:
        decision = Decision(self.participant, self.program, instants.parse(now, 0), str)
        streaks.restore(decision, code, reason="our outage")
        return self._take(decision)

    def move(self, timezone: str | None, now: str | Instant = LONG_AFTER) -> Decision:
        at = instants.parse(now, 0) if isinstance(now, str) else now
        decision = Decision(self.participant, self.program, at, str)
        profile.update(decision, {"attributes": {"timezone": timezone}})
        return self._take(decision)

    def read(self, now: str | Instant) -> tuple[int, int, bool]:
        """The current and the longest count, and whether the first streak is at risk."""
        at = instants.parse(now, 0) if isinstance(now, str) else now
        shown = views_streaks.reading(self.participant, self.program, at)[0]
        return shown["current_count"], shown["longest_count"], shown["is_at_risk"]

    @property
    def kept(self) -> dict[str, Any]:
        return self.participant.streaks["run"]

    def _take(self, decision: Decision) -> Decision:
        self.participant = decision.participant
        self.facts += decision.facts
        return decision


BERLIN = {**DAILY, "timezone": "Europe/Berlin"}
NEW_YORK = {**DAILY, "timezone": "America/New_York"}
APIA = {**DAILY, "timezone": "Pacific/Apia"}
KATHMANDU = {**DAILY, "timezone": "Asia/Kathmandu"}
WEEKLY = {"period": "weekly"}
SUNDAYS = {**WEEKLY, "week_starts": "sunday"}
MONTHLY = {"period": "monthly"}
SAME, NEXT, BROKEN = (1, True), (2, False), (1, False)


@pytest.mark.parametrize(
    ("definition", "first", "second", "expected"),
    [
        # The day of 23 hours, from 23:00Z to 22:00Z.
        (BERLIN, "2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z", NEXT),
        (BERLIN, "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", SAME),
        (BERLIN, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", NEXT),
        (BERLIN, "2026-03-28T22:59:59Z", "2026-03-29T22:00:00Z", BROKEN),
        # The day of 25 hours, from 04:00Z to 05:00Z.
        (NEW_YORK, "2025-11-02T04:00:00Z", "2025-11-03T04:59:59Z", SAME),
        (NEW_YORK, "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z", NEXT),
        (NEW_YORK, "2025-11-02T03:59:59Z", "2025-11-03T05:00:00Z", BROKEN),
        # 30 December 2011 did not exist.
        (APIA, "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z", NEXT),
        (APIA, "2011-12-29T10:00:00Z", "2011-12-31T09:59:59Z", NEXT),
        (APIA, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", BROKEN),
        (APIA | {"grace": 1}, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", NEXT),
        (KATHMANDU, "2026-02-14T18:14:59Z", "2026-02-14T18:15:00Z", NEXT),
        (KATHMANDU, "2026-02-14T18:15:00Z", "2026-02-15T18:14:59.999999Z", SAME),
        (DAILY, "2024-02-28", "2024-02-29", NEXT),
        (DAILY, "2024-02-28", "2024-03-01", BROKEN),
        (DAILY, "2023-02-28", "2023-03-01", NEXT),
        (DAILY, "1969-12-31T23:59:59.5Z", "1970-01-01", NEXT),
        (WEEKLY, "2026-02-15T23:59:59Z", "2026-02-16", NEXT),
        (WEEKLY, "2025-12-31", "2026-01-01", SAME),
        (WEEKLY, "2026-02-09", "2026-02-23", BROKEN),
        (SUNDAYS, "2026-02-14T23:59:59Z", "2026-02-15", NEXT),
        (SUNDAYS, "2026-02-15", "2026-02-16", SAME),
        (MONTHLY, "2024-01-31T23:59:59Z", "2024-02-01", NEXT),
        (MONTHLY, "2024-01-31", "2024-02-29T23:59:59Z", NEXT),
        (MONTHLY, "2024-02-01", "2024-02-29T23:59:59Z", SAME),
        (MONTHLY, "2025-12-31", "2026-01-01", NEXT),
        (MONTHLY, "2025-12-31", "2026-02-01", BROKEN),
        (MONTHLY | {"grace": 1}, "2025-12-31", "2026-02-28", NEXT),
    ],
)
def test_periods_are_cut_by_the_calendar(
    definition: dict[str, Any], first: str, second: str, expected: tuple[int, bool]
) -> None:
    person = Person(program(definition)).ticks(first)

    decision = person.tick(second)

    answer = views_streaks.ticked(decision, "run")
    assert (person.kept["current"], answer["already_recorded"]) == expected
    assert bool(decision.facts) is not answer["already_recorded"]


@pytest.mark.parametrize(
    ("definition", "tick", "at_risk_at", "lapses_at"),
    [
        (DAILY, "2026-02-14T10:00:00Z", "2026-02-15T00:00:00Z", "2026-02-16T00:00:00Z"),
        (BERLIN, "2026-03-28T10:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        (NEW_YORK, "2025-11-01T12:00:00Z", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
        (APIA, "2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
        (
            APIA | {"grace": 1},
            "2011-12-29T09:00:00Z",
            "2011-12-30T10:00:00Z",
            "2011-12-31T10:00:00Z",
        ),
        (KATHMANDU, "2026-02-14T10:00:00Z", "2026-02-14T18:15:00Z", "2026-02-15T18:15:00Z"),
        (SUNDAYS, "2026-02-14T10:00:00Z", "2026-02-15T00:00:00Z", "2026-02-22T00:00:00Z"),
        (MONTHLY, "2024-01-31T10:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        (
            DAILY | {"grace": 1, "freezes": {"stock": 2, "earn_every": None}},
            "2026-02-14T10:00:00Z",
            "2026-02-18T00:00:00Z",
            "2026-02-19T00:00:00Z",
        ),
    ],
)
def test_a_count_shows_until_it_can_no_longer_be_saved(
    definition: dict[str, Any], tick: str, at_risk_at: str, lapses_at: str
) -> None:
    person = Person(program(definition)).ticks(tick)
    risk, lapse = (instants.parse(text, 0) for text in (at_risk_at, lapses_at))

    assert person.participant.due_after(person.participant.recorded_at) == lapse
    assert person.read(risk - 1) == (1, 1, False)
    assert person.read(risk) == (1, 1, True)
    assert person.read(lapse - 1) == (1, 1, True)
    assert person.read(lapse) == (0, 1, False)


@pytest.mark.parametrize(
    "name",
    ["Mars/Base", "", "Europe", "../etc/passwd", "localtime", "right/UTC", "z" * 5000, 5, None],
)
def test_a_zone_that_is_none_falls_back_on_that_of_the_program(name: Any) -> None:
    in_force = program({**DAILY, "timezone": "participant"}, timezone="Asia/Kathmandu")

    person = Person(in_force, timezone=name).ticks("2026-02-14T18:15:00Z")

    assert person.kept["until"] == "2026-02-15"


def test_a_tick_keeps_its_period_when_the_zone_changes() -> None:
    person = Person(program({**DAILY, "timezone": "participant"}), timezone="Europe/Berlin")
    person.ticks("2026-02-14T22:00:00Z")
    person.move("America/Los_Angeles")

    assert person.tick("2026-02-15T07:00:00Z").facts == []
    person.ticks("2026-02-15T08:00:00Z", "2026-02-16T09:00:00Z")
    assert person.kept["current"] == 3
    assert [fact.data["period"] for fact in person.facts if "period" in fact.data] == [
        "2026-02-14",
        "2026-02-15",
        "2026-02-16",
    ]


LIVING = {**DAILY, "timezone": "participant"}


@pytest.mark.parametrize(
    ("definition", "zone", "at_risk", "lapse"),
    [
        (LIVING, "America/Los_Angeles", "2026-02-15T08:00:00Z", "2026-02-16T08:00:00Z"),
        (LIVING, "Asia/Tokyo", "2026-02-14T15:00:00Z", "2026-02-15T15:00:00Z"),
        (LIVING, None, "2026-02-15T00:00:00Z", "2026-02-16T00:00:00Z"),
        (LIVING, "Mars/Base", "2026-02-15T00:00:00Z", "2026-02-16T00:00:00Z"),
        ({**LIVING, "grace": 1}, "Asia/Tokyo", "2026-02-15T15:00:00Z", "2026-02-16T15:00:00Z"),
        ({**LIVING, **WEEKLY}, "Asia/Tokyo", "2026-02-15T15:00:00Z", "2026-02-22T15:00:00Z"),
        (BERLIN, "Asia/Tokyo", "2026-02-14T23:00:00Z", "2026-02-15T23:00:00Z"),
    ],
)
def test_a_streak_lapses_in_the_new_zone_at_once(
    definition: dict[str, Any], zone: str | None, at_risk: str, lapse: str
) -> None:
    person = Person(program(definition), timezone="Europe/Berlin").ticks("2026-02-14T12:00:00Z")
    seen = person.participant.last_seen_at

    decision = person.move(zone, "2026-02-14T13:00:00Z")

    starts, ends = instants.parse(at_risk, 0), instants.parse(lapse, 0)
    assert [person.read(at) for at in (starts - 1, starts, ends - 1, ends)] == [
        (1, 1, False),
        (1, 1, True),
        (1, 1, True),
        (0, 1, False),
    ]
    assert person.participant.due_after(decision.now) == ends
    assert person.participant.last_seen_at == seen
    assert replayed(person) == person.participant


def test_a_move_shows_what_the_next_tick_goes_on_from() -> None:
    """The day after the last tick is over in Berlin, and not in Los Angeles."""
    person = Person(program(LIVING), timezone="Europe/Berlin").ticks("2026-02-14T12:00:00Z")
    now = "2026-02-16T00:00:00Z"
    assert person.read(now) == (0, 1, False)

    moved = person.move("America/Los_Angeles", now)

    assert [(fact.kind, fact.cause) for fact in moved.facts] == [
        ("profile_changed", None),
        ("streak_moved", moved.facts[0].number),
    ]
    assert person.read(now) == (1, 1, True)
    assert person.ticks(now).kept["current"] == 2
    person.move("Asia/Tokyo", now)
    assert person.read("2026-02-16T15:00:00Z") == (0, 2, False)


@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/Berlin"])
def test_a_move_to_a_zone_of_the_same_time_is_no_fact_of_the_streak(zone: str) -> None:
    person = Person(program(LIVING), timezone="Europe/Berlin").ticks("2026-02-14T12:00:00Z")

    assert "streak_moved" not in [fact.kind for fact in person.move(zone).facts]


FROZEN = {**DAILY, "freezes": {"stock": 2, "earn_every": None}}


def test_a_gap_is_saved_whole_or_not_at_all() -> None:
    person = Person(program(FROZEN)).ticks("2026-01-01")

    assert person.tick("2026-01-03").facts[-1].data["paid"] == ["2026-01-02"]
    assert person.kept["current"] == 2
    assert "paid" not in person.tick("2026-01-06").facts[-1].data
    assert (person.kept["current"], person.kept["longest"], person.kept["spent"]) == (1, 2, 1)
    assert person.tick("2026-01-08").facts[-1].data["paid"] == ["2026-01-07"]
    assert (person.kept["current"], person.kept["spent"]) == (2, 2)


def test_freezes_come_after_grace() -> None:
    person = Person(program(FROZEN | {"grace": 1})).ticks("2026-01-01", "2026-01-03")
    assert person.kept["spent"] == 0

    fact = person.tick("2026-01-07").facts[-1]

    assert fact.data["paid"] == ["2026-01-05", "2026-01-06"]
    assert person.kept["current"] == 3


def test_a_late_tick_returns_the_freeze_that_covered_its_period() -> None:
    person = Person(program(FROZEN | {"grace": 1})).ticks("2026-01-01", "2026-01-05")
    assert (person.kept["spent"], person.kept["marks"]) == (2, "tg2ft")

    person.ticks("2026-01-02")
    assert (person.kept["current"], person.kept["spent"]) == (3, 2)
    lapses_at = person.kept["lapses_at"]
    person.ticks("2026-01-03")
    assert (person.kept["current"], person.kept["spent"]) == (4, 1)
    assert person.kept["lapses_at"] == lapses_at + DAY


def test_a_late_tick_joins_runs_within_grace_and_spends_no_freeze() -> None:
    person = Person(program(FROZEN | {"grace": 1})).ticks("2026-01-01", "2026-01-09")
    assert person.kept["marks"] == "t7.t"

    person.ticks("2026-01-07")
    assert (person.kept["current"], person.kept["longest"], person.kept["spent"]) == (2, 2, 0)
    person.ticks("2026-01-03", "2026-01-05")
    assert (person.kept["current"], person.kept["longest"], person.kept["spent"]) == (5, 5, 0)
    assert person.kept["last_recorded_at"] == instants.parse("2026-01-09", 0)


def test_the_stock_fills_by_ticks_and_never_beyond() -> None:
    person = Person(program(DAILY | {"freezes": {"stock": 1, "earn_every": 3}}))
    person.ticks("2026-01-01", "2026-01-02", "2026-01-03")
    assert person.kept["spent"] == 0

    person.ticks("2026-01-05")
    assert (person.kept["current"], person.kept["spent"]) == (4, 1)
    person.ticks("2026-01-06")
    assert person.kept["spent"] == 1
    person.ticks("2026-01-07")
    assert person.kept["spent"] == 0
    person.ticks("2026-01-04")
    assert (person.kept["current"], person.kept["spent"]) == (7, 0)


@pytest.mark.parametrize("definition", [DAILY, WEEKLY, MONTHLY])
def test_a_late_tick_comes_up_to_400_days_after(definition: dict[str, Any]) -> None:
    person = Person(program(definition)).ticks("2026-02-14T10:00:00Z")
    limit = instants.parse("2026-02-14T10:00:00Z", 0) - 400 * DAY

    with pytest.raises(UsageError, match="over 400 days before the latest tick"):
        person.tick(limit - 1)
    assert len(person.tick(limit).facts) == 1
    assert person.kept["ticks"] == 2


def test_a_time_ahead_is_now_or_refused() -> None:
    person, now = Person(program(DAILY)), instants.parse("2026-02-14T23:59:30Z", 0)

    with pytest.raises(UsageError, match="lies in the future"):
        person.tick(now + 60 * SECOND + 1, now=now)
    assert person.tick(now + 60 * SECOND, now=now).facts[-1].occurred_at == now
    assert person.kept["until"] == "2026-02-14"


def test_the_first_tick_creates_the_participant() -> None:
    decision = Person(program(DAILY)).tick("2026-02-14T10:00:00Z")

    assert [(fact.kind, fact.cause) for fact in decision.facts] == [
        (facts.REGISTERED, 2),
        (facts.STREAK_RECORDED, None),
    ]
    assert decision.participant.last_seen_at == instants.parse("2026-02-14T10:00:00Z", 0)


def test_what_is_refused() -> None:
    person = Person(program(DAILY, {**NEW_YORK, "code": "new_york"})).ticks("2026-02-14")

    with pytest.raises(NotFound, match='streak "rum" not found') as refusal:
        person.tick("2026-02-14", "rum")
    assert refusal.value.hint == "did you mean run?"
    with pytest.raises(UsageError, match="the years 1 to 9999"):
        person.tick("0001-01-01", "new_york")
    decision = Decision(person.participant, person.program, LONG_AFTER, str)
    profile.set_active(decision, False)
    inactive = Decision(decision.participant, person.program, LONG_AFTER, str)
    with pytest.raises(Conflict, match="is inactive"):
        streaks.record(inactive, "run")
    with pytest.raises(Conflict, match="is inactive"):
        streaks.restore(inactive, "run", reason="")
    assert inactive.facts == []


@pytest.mark.parametrize("at", ["0001-01-01", "9999-12-30", "9999-12-31T23:59:59Z"])
def test_the_ends_of_the_calendar_are_in_it(at: str) -> None:
    for definition in (DAILY, SUNDAYS, MONTHLY):
        person = Person(program({**definition, "grace": 1000}))
        person.tick(at, now=instants.parse("9999-12-31T23:59:59Z", 0))
        assert person.kept["at_risk_at"] <= person.kept["lapses_at"]


def test_what_lapsed_is_brought_back_and_the_count_goes_on() -> None:
    person = Person(program(FROZEN)).ticks("2026-01-01", "2026-01-02", "2026-01-04")
    seen = person.participant.last_seen_at
    assert person.read("2026-02-01") == (0, 3, False)

    decision = person.restore("2026-02-01T12:00:00Z")

    assert person.read("2026-02-01") == (3, 3, False)
    assert decision.facts[-1].data["covered"] == 27
    assert person.kept["spent"] == 0
    assert person.participant.last_seen_at == seen
    assert person.restore("2026-02-01T13:00:00Z").facts == []
    person.ticks("2026-02-01T14:00:00Z", "2026-01-20")
    assert person.kept["current"] == 5


def test_a_streak_that_did_not_lapse_has_its_stock_filled() -> None:
    person = Person(program(FROZEN)).ticks("2026-01-01", "2026-01-04")
    assert person.kept["spent"] == 2

    person.restore("2026-01-05")

    assert (person.kept["spent"], person.read("2026-01-07")) == (0, (2, 2, True))


def test_what_was_brought_back_lapses_again() -> None:
    person = Person(program(DAILY)).ticks("2020-01-01", "2020-01-02")
    person.restore("2026-01-01")
    assert person.read("2026-01-01") == (2, 2, True)
    assert person.read("2026-01-02") == (0, 2, False)

    person.ticks("2026-01-02")
    assert person.kept["current"] == 1
    assert len(json.dumps(person.kept)) < 1000


def test_there_must_be_something_to_bring_back() -> None:
    with pytest.raises(NotFound, match='participant "ada" not found'):
        Person(program(DAILY)).restore("2026-01-01")
    with pytest.raises(NotFound, match='participant "ada" has no streak "run" yet'):
        Person(program(DAILY), plan="free").restore("2026-01-01")


def test_a_changed_program_acts_from_the_next_tick_on() -> None:
    person = Person(program(DAILY | {"grace": 1})).ticks("2026-02-01", "2026-02-03", "2026-02-05")

    person.program = program(DAILY)
    person.ticks("2026-02-06")
    assert person.kept["current"] == 4
    person.program = program(WEEKLY)
    assert person.tick("2026-02-12").facts != []
    assert (person.kept["current"], person.kept["period"]) == (5, "weekly")
    assert person.tick("2026-01-20").facts == []
    person.program = program(SUNDAYS)
    person.ticks("2026-02-16")
    assert person.kept["current"] == 6


def test_a_badge_follows_the_longest_count() -> None:
    criterion = {"streak": "run", "at_least": 3}
    badge = {"code": "b", "name": "B", "rarity": "common", "description": None, "icon": None}
    in_force = program(DAILY, badges=[{**badge, "criterion": criterion}])
    person = Person(in_force).ticks("2026-02-01", "2026-02-03", "2026-02-10")
    assert person.participant.badges == {}

    decision = person.tick("2026-02-02")

    tick, earned = decision.facts
    assert (earned.kind, earned.cause, earned.data) == (
        facts.BADGE_EARNED,
        tick.number,
        {"code": "b"},
    )


def test_the_best_streak_is_shown() -> None:
    in_force = program(*({**DAILY, "code": code} for code in ("a", "b", "c")))
    person, now = Person(in_force, plan="free"), instants.parse("2026-02-14T12:00:00Z", 0)
    shown = views.profile(person.participant, in_force, now)
    assert shown["streaks"] is None

    for code, days in (("a", (1, 2, 3, 4)), ("b", (12, 13)), ("c", (1, 2, 3, 13, 14))):
        for day in days:
            person.tick(f"2026-02-{day:02}T08:00:00Z", code)

    best = {"current": 2, "longest": 3, "last_activity_at": "2026-02-14T08:00:00Z"}
    assert views.profile(person.participant, in_force, now)["streaks"] == best
    state = views.state(person.participant, in_force, now, ["streaks"])
    assert state["streaks"] == {"current": 2, "longest": 3}
    lapsed = views.profile(person.participant, in_force, now + 9 * DAY)["streaks"]
    assert (lapsed["current"], lapsed["longest"]) == (0, 4)


def test_a_list_has_every_active_streak_and_those_ticked_before() -> None:
    person = Person(program(DAILY, {**MONTHLY, "code": "walk"})).ticks("2026-02-14T08:00:00Z")
    dropped = person.program.document["streaks"][0]
    later = Program(2, {"streaks": person.program.document["streaks"][1:]})
    later.document["inactive"] = {"streaks": [dropped]}

    rows = views_streaks.reading(person.participant, later, instants.parse("2026-02-15", 0))

    assert rows == [
        {
            "code": "walk",
            "name": "Run",
            "current_count": 0,
            "longest_count": 0,
            "last_recorded_at": None,
            "is_at_risk": False,
            "period": "monthly",
        },
        {
            "code": "run",
            "name": "Run",
            "current_count": 1,
            "longest_count": 1,
            "last_recorded_at": "2026-02-14T08:00:00Z",
            "is_at_risk": True,
            "period": "daily",
        },
    ]


def test_the_answer_to_a_tick() -> None:
    person = Person(program(DAILY)).ticks("2026-02-10", "2026-02-11", "2026-02-13")
    now = instants.parse("2026-02-14T12:00:00Z", 0)

    assert views_streaks.ticked(person.tick(now, now=now), "run") == {
        "streak_code": "run",
        "new_count": 2,
        "longest_count": 2,
        "is_new_record": False,
        "already_recorded": False,
    }
    assert views_streaks.ticked(person.tick("2026-02-12", now=now), "run") == {
        "streak_code": "run",
        "new_count": 5,
        "longest_count": 5,
        "is_new_record": True,
        "already_recorded": False,
    }
    assert views_streaks.ticked(person.tick("2026-02-12", now=now), "run") == {
        "streak_code": "run",
        "new_count": 5,
        "longest_count": 5,
        "is_new_record": False,
        "already_recorded": True,
    }


# A model of its own: sets of periods, everything counted anew.

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")
BASE = datetime(2023, 1, 1, tzinfo=UTC)
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

definitions = st.fixed_dictionaries(
    {
        "period": st.sampled_from(["daily", "weekly", "monthly"]),
        "timezone": st.sampled_from(ZONES),
        "week_starts": st.sampled_from(WEEK),
        "grace": st.integers(0, 3),
    }
)
stocks = st.fixed_dictionaries(
    {"stock": st.integers(1, 4), "earn_every": st.none() | st.integers(1, 5)}
)
# Close together, so that runs arise, and sometimes far apart.
steps = st.integers(0, 3 * 24 * 60) | st.integers(0, 40 * 24 * 60) | st.integers(0, 300 * 24 * 60)
journeys = st.lists(steps, min_size=1, max_size=40)


class Model:
    """What is ticked and what a freeze paid for, as sets; no window, no marks, no counters."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.definition = definition
        self.grace = definition["grace"]
        freezes = definition.get("freezes") or {"stock": 0, "earn_every": None}
        self.full, self.earn_every = freezes["stock"], freezes["earn_every"]
        self.stock = self.full
        self.ticked: set[int] = set()
        self.frozen: set[int] = set()

    def period(self, at: Instant) -> int:
        moment = BASE.astimezone(UTC) + timedelta(microseconds=at - instants.of(BASE))
        day = moment.astimezone(ZoneInfo(self.definition["timezone"])).date()
        if self.definition["period"] == "monthly":
            return day.year * 12 + day.month
        apart = (day - date(2000, 1, 3)).days  # a Monday
        if self.definition["period"] == "daily":
            return apart
        return (apart - WEEK.index(self.definition["week_starts"])) // 7

    def tick(self, at: Instant) -> bool:
        """Whether it was the first of its period."""
        period = self.period(at)
        if period in self.ticked:
            return False
        if self.ticked and period > max(self.ticked):
            missed = list(range(max(self.ticked) + 1, period))[self.grace :]
            if len(missed) <= self.stock:
                self.frozen |= set(missed)
                self.stock -= len(missed)
        if period in self.frozen:
            self.frozen.remove(period)
            self.stock = min(self.full, self.stock + 1)
        self.ticked.add(period)
        if self.earn_every and len(self.ticked) % self.earn_every == 0:
            self.stock = min(self.full, self.stock + 1)
        return True

    def runs(self) -> list[int]:
        counts, ordered = [1], sorted(self.ticked)
        for one, other in pairwise(ordered):
            missed = set(range(one + 1, other)) - self.frozen
            counts = [*counts, 1] if len(missed) > self.grace else [*counts[:-1], counts[-1] + 1]
        return counts

    def read(self, now: Instant) -> tuple[int, int, bool]:
        missed = self.period(now) - max(self.ticked) - 1
        spare = self.grace + self.stock - missed
        return self.runs()[-1] if spare >= 0 else 0, max(self.runs()), missed >= 0 and spare == 0


def instants_of(journey: list[int]) -> list[Instant]:
    passed, found = 0, []
    for minutes in journey:
        passed += minutes
        found.append(instants.of(BASE) + passed * 60 * SECOND)
    return found


def follow(definition: dict[str, Any], times: list[Instant]) -> tuple[Person, Model]:
    """The same ticks for both; those too late are refused, and only those."""
    person, model = Person(program(definition)), Model(definition)
    latest = times[0]
    for at in times:
        if at < latest - 400 * DAY:
            with pytest.raises(UsageError):
                person.tick(at)
            continue
        before = dict(person.participant.streaks)
        decision = person.tick(at)
        latest = max(at, latest) if model.tick(at) else latest
        assert decision.before.streaks == before
        kept = person.kept
        assert kept["longest"] >= kept["current"] > 0
        assert min(kept["older"], kept["spent"]) >= 0
        assert all(
            kept[name] >= value
            for name, value in before.get("run", {}).items()
            if name in ("longest", "ticks", "last_recorded_at")
        )
    return person, model


def agree(person: Person, model: Model, times: list[Instant]) -> None:
    latest = max(times)
    for days in (0, 1, 2, 3, 5, 8, 30, 70, 130, 300, 1000):
        assert person.read(latest + days * DAY) == model.read(latest + days * DAY)


def replayed(person: Person) -> Participant:
    again = Participant("ada")
    for fact in person.facts:
        evolve(again, fact._replace(data=json.loads(json.dumps(fact.data))))
    return again


@given(definitions, journeys)
def test_ticks_in_order_count_as_in_the_model(
    definition: dict[str, Any], journey: list[int]
) -> None:
    times = instants_of(journey)

    agree(*follow(definition, times), times)


@given(definitions, journeys.map(instants_of).flatmap(st.permutations))
def test_late_ticks_count_as_in_the_model_in_any_order(
    definition: dict[str, Any], times: list[Instant]
) -> None:
    agree(*follow(definition, times), times)


@given(definitions, stocks, journeys.map(instants_of).flatmap(st.permutations))
def test_freezes_pay_as_in_the_model(
    definition: dict[str, Any], freezes: dict[str, Any], times: list[Instant]
) -> None:
    person, model = follow({**definition, "freezes": freezes}, times)

    agree(person, model, times)
    assert freezes["stock"] - person.kept["spent"] == model.stock


_STATE = len(records.COLUMNS)
"""The place of the document in a participant's row."""


@given(definitions, st.none() | stocks, journeys.map(instants_of).flatmap(st.permutations))
def test_a_replay_gives_the_stored_row(
    definition: dict[str, Any], freezes: dict[str, Any] | None, times: list[Instant]
) -> None:
    person, _ = follow({**definition, "freezes": freezes}, times)
    row = records.participant_row(person.participant)

    assert replayed(person) == person.participant
    assert records.participant(row[: _STATE + 1]) == person.participant


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_row_does_not_grow_with_its_history(step: int) -> None:
    graced = {**DAILY, "code": "graced", "grace": 1}
    frozen = {**graced, "code": "frozen", "freezes": {"stock": 1000, "earn_every": 1}}
    person = Person(program(DAILY, graced, frozen))
    start = instants.parse("1985-01-01", 0)

    for count in range(5000):
        for code in ("run", "graced", "frozen"):
            person.tick(start + count * step * DAY, code)

    assert len(records.participant_row(person.participant)[_STATE]) < 3 * 1024
    assert person.participant.streaks["frozen"]["current"] == 5000
    assert person.kept["longest"] == (5000 if step == 1 else 1)


def test_rules_and_views_load_no_zones_before_a_tick() -> None:
    probe = (
        "import sys; from gamify_cli.domain import views; from gamify_cli.domain.decide import"
        " streaks; sys.exit('zoneinfo' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
