"""Challenges: enrolment, what counts for an objective, completion, windows that end."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from conftest import NOW, Place, Run

PROGRAM = """
name = "challenges"
badges = [{ code = "starter", name = "Starter" }]

[[challenges]]
code = "perpetual"
name = "Perpetual"
objectives = [{ id = "run", event = "run", target = 2 }]
reward = { points = 100, badge = "starter" }

[[challenges]]
code = "rolling"
name = "Rolling"
window = { days = 7 }
objectives = [{ id = "run", event = "run" }]

[[challenges]]
code = "fixed"
name = "Fixed"
window = { from = 2026-02-20T00:00:00Z, to = 2026-02-22T23:59:59Z }
objectives = [{ id = "run", event = "run" }]

[[challenges]]
code = "over"
name = "Over"
window = { from = 2026-01-01, to = 2026-02-14T09:59:59Z }
objectives = [{ id = "run", event = "run" }]

[[challenges]]
code = "steps"
name = "Steps"
objectives = [
    { id = "first", event = "one" },
    { id = "second", event = "two", target = 2, after = ["first"] },
    { id = "again", event = "one", after = ["first"] },
]
"""


@pytest.fixture(autouse=True)
def program(call: Run, place: Place) -> None:
    (place.home / "program.toml").write_text(PROGRAM, "utf-8")
    assert call("program", "apply", "program.toml").exit_code == 0


def enroll(call: Run, code: str, now: str = NOW) -> Any:
    result = call("challenges", "enroll", "ada", code, env={"GAMIFY_TEST_NOW": now})
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["challenges"]


def happen(call: Run, name: str, *, at: str | None = None, now: str = NOW) -> Any:
    when = ("--timestamp", at) if at else ()
    env = {"GAMIFY_TEST_NOW": now}
    return json.loads(call("events", "record", "ada", name, *when, env=env).stdout)["effects"]


def challenge(call: Run, code: str, now: str = NOW) -> Any:
    result = call("challenges", "list", "ada", env={"GAMIFY_TEST_NOW": now})
    every = {one["code"]: one for one in json.loads(result.stdout)["challenges"]}
    return every[code]


def state(call: Run, now: str = NOW) -> Any:
    line = ("participants", "state", "ada", "--include", "challenges")
    return json.loads(call(*line, env={"GAMIFY_TEST_NOW": now}).stdout)["challenges"]


def test_enrolling_answers_the_challenges_in_the_documented_shape(run: Run) -> None:
    result = run("challenges", "enroll", "ada", "perpetual")

    assert (result.exit_code, result.stderr) == (0, "enrolled ada\n")
    assert json.loads(result.stdout) == {
        "participant_id": "ada",
        "challenges": [
            {
                "code": "perpetual",
                "name": "Perpetual",
                "status": "active",
                "objectives": [{"id": "run", "progress": 0, "target": 2, "completed": False}],
                "enrolled_at": NOW,
                "completed_at": None,
            }
        ],
    }
    assert run("challenges", "list", "ada").stdout == result.stdout


def test_enrolling_twice_answers_the_first(call: Run) -> None:
    first = enroll(call, "rolling")
    result = call(
        "challenges", "enroll", "ada", "rolling", env={"GAMIFY_TEST_NOW": "2026-02-15T10:00:00Z"}
    )

    assert (result.exit_code, result.stderr) == (0, "unchanged ada\n")
    assert json.loads(result.stdout)["challenges"] == first


def test_challenges_are_shown_as_they_stood_and_as_they_will(call: Run) -> None:
    enroll(call, "rolling")
    happen(call, "run", now="2026-02-16T10:00:00Z")

    def status(at: str) -> str:
        result = call(
            "challenges", "list", "ada", "--at", at, env={"GAMIFY_TEST_NOW": "2026-02-17T10:00:00Z"}
        )
        return str(json.loads(result.stdout)["challenges"][0]["status"])

    enroll(call, "perpetual", "2026-02-17T10:00:00Z")
    assert [status(at) for at in ("2026-02-15", "2026-02-16T11:00:00Z", "now")] == [
        "active",
        "completed",
        "completed",
    ]
    unknown = call("challenges", "list", "ada", "--at", "2026-02-13")
    assert (unknown.exit_code, unknown.stdout) == (3, "")


def test_completion_pays_once_and_names_its_cause(call: Run, place: Place) -> None:
    enroll(call, "perpetual")

    effects = [happen(call, "run") for _ in range(3)]

    progress = {"rule": None, "type": "challenge", "code": "perpetual"}
    points = {"rule": None, "type": "points", "amount": 100}
    badge = {"rule": None, "type": "badge", "code": "starter"}
    assert effects == [[progress], [progress, points, badge], []]
    shown = challenge(call, "perpetual")
    assert (shown["status"], shown["completed_at"]) == ("completed", NOW)
    assert shown["objectives"][0] == {"id": "run", "progress": 2, "target": 2, "completed": True}
    with closing(sqlite3.connect(place.store)) as connection:
        rows = connection.execute("SELECT number, kind, cause FROM journal ORDER BY 1").fetchall()
    assert rows[3:] == [
        (4, "event_recorded", None),
        (5, "challenge_completed", 4),
        (6, "points_awarded", 5),
        (7, "badge_earned", 5),
        (8, "event_recorded", None),
    ]
    profile = json.loads(call("participants", "get", "ada").stdout)
    assert (profile["points"]["balance"], profile["badges"][0]["code"]) == (100, "starter")
    assert state(call) == {"active": 0, "completed": 1}


@pytest.mark.parametrize(
    ("code", "at", "counts"),
    [
        ("perpetual", "2026-02-14T09:59:59Z", False),
        ("perpetual", NOW, True),
        ("rolling", "2026-02-14T09:59:59Z", False),
        ("rolling", "2026-02-21T09:59:59Z", True),
        ("rolling", "2026-02-21T10:00:00Z", False),
        ("fixed", "2026-02-19T23:59:59Z", False),
        ("fixed", "2026-02-20T00:00:00Z", True),
        ("fixed", "2026-02-22T23:59:59Z", True),
        ("fixed", "2026-02-23T00:00:00Z", False),
    ],
)
def test_events_count_inside_enrolment_and_window(
    code: str, at: str, counts: bool, call: Run
) -> None:
    enroll(call, code)

    happen(call, "run", at=at, now="2026-03-01T00:00:00Z")

    assert challenge(call, code)["objectives"][0]["progress"] == counts


def test_an_objective_ignores_events_before_its_prerequisites_are_met(call: Run) -> None:
    enroll(call, "steps")
    later = "2026-02-16T10:00:00Z"

    assert happen(call, "two", now="2026-02-15T09:00:00Z") == []
    happen(call, "one", now="2026-02-15T10:00:00Z")
    assert happen(call, "two", at="2026-02-15T09:59:59Z", now=later) == []
    happen(call, "two", at="2026-02-15T10:00:00Z", now=later)
    happen(call, "two", now=later)

    shown = challenge(call, "steps")
    assert [one["progress"] for one in shown["objectives"]] == [1, 2, 0]
    assert shown["status"] == "active"
    happen(call, "one", now=later)
    assert challenge(call, "steps")["completed_at"] == later


def test_a_window_that_ended_reads_as_expired(call: Run) -> None:
    enroll(call, "rolling")
    enroll(call, "perpetual")
    last, end = "2026-02-21T09:59:59Z", "2026-02-21T10:00:00Z"

    assert [challenge(call, "rolling", now)["status"] for now in (last, end)] == [
        "active",
        "expired",
    ]
    assert state(call, last) == {"active": 2, "completed": 0}
    assert state(call, end) == {"active": 1, "completed": 0}


def test_a_late_event_completes_a_window_that_ended(call: Run) -> None:
    enroll(call, "rolling")

    happen(call, "run", at="2026-02-15T00:00:00Z", now="2026-03-01T00:00:00Z")

    shown = challenge(call, "rolling", "2026-03-01T00:00:00Z")
    assert (shown["status"], shown["completed_at"]) == ("completed", "2026-02-15T00:00:00Z")


@pytest.mark.parametrize(
    ("code", "exit_code", "message", "hint"),
    [
        ("perpetal", 3, 'challenge "perpetal" not found', "did you mean perpetual?"),
        ("", 3, 'challenge "" not found', ""),
        ("over", 5, 'challenge "over" is over', ""),
    ],
)
def test_what_nobody_can_enrol_in_is_refused_and_leaves_nothing(
    code: str, exit_code: int, message: str, hint: str, run: Run
) -> None:
    result = run("challenges", "enroll", "ada", code)

    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert message in result.stderr
    assert hint in result.stderr
    assert run("challenges", "list", "ada").exit_code == 3


def test_an_inactive_participant_enrols_in_nothing(call: Run) -> None:
    call("participants", "create", "ada")
    call("participants", "deactivate", "ada", "--yes")

    result = call("challenges", "enroll", "ada", "perpetual")

    assert (result.exit_code, result.stdout) == (5, "")
    assert json.loads(call("challenges", "list", "ada").stdout)["challenges"] == []


def test_a_dry_run_enrols_nobody(call: Run) -> None:
    result = call("challenges", "enroll", "ada", "perpetual", "--dry-run")

    assert json.loads(result.stdout)["challenges"][0]["status"] == "active"
    assert call("challenges", "list", "ada").exit_code == 3


def test_a_challenge_that_was_dropped_makes_no_progress_and_keeps_its_name(
    call: Run, place: Place
) -> None:
    enroll(call, "perpetual")
    (place.home / "program.toml").write_text('name = "none"', "utf-8")
    call("program", "apply", "program.toml")

    assert happen(call, "run") == []
    shown = challenge(call, "perpetual")
    assert (shown["name"], shown["status"]) == ("Perpetual", "expired")
    assert state(call) == {"active": 0, "completed": 0}
    assert call("challenges", "enroll", "bob", "perpetual").exit_code == 3


def test_enrolment_makes_an_unknown_participant_known(call: Run) -> None:
    enroll(call, "perpetual")

    profile = json.loads(call("participants", "get", "ada").stdout)
    assert (profile["first_seen_at"], profile["last_seen_at"]) == (NOW, NOW)
