"""Rehearsals over several: each is judged after those before it, as the real ones would be."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Run
from test_store_faults import everything, locked, unprivileged

PROGRAM = """
name = "rehearsed"
badges = [{ code = "rich", name = "Rich", criterion = { total_earned = 20 } }]
challenges = [
    { code = "first", name = "First", objectives = [{ id = "go", event = "login", target = 2 }] },
]
rewards = [
    { id = "coupon", name = "Coupon", type = "coupon", stock = "codes" },
    { id = "mug", name = "Mug", type = "physical", stock = 2, points_cost = 30 },
    { id = "once", name = "Once", type = "digital", max_claims_per_user = 1 },
]
rules = [{ code = "login", event = "login", points = 5, limit = { times = 1, per = "day" } }]
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
"""


@pytest.fixture(autouse=True)
def rehearsed(call: Run, place: Place) -> None:
    """A store with 50 points of ada, and one code."""
    (place.home / "program.toml").write_text(PROGRAM, "utf-8")
    assert call("program", "apply", "program.toml").exit_code == 0
    assert call("points", "award", "ada", "50").exit_code == 0
    assert call("rewards", "load-codes", "coupon", "-", stdin="SECRET\n").exit_code == 0


def answers(stdout: str) -> list[dict[str, Any]]:
    """What was answered, without what no rehearsal can know."""
    unknown = ("transaction_id", "claim_id", "event_id", "fact_id", "code_value")
    return [
        {name: value for name, value in body.items() if name not in unknown}
        for body in json.loads(stdout)
    ]


def errors(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if line.startswith(("gamify:", "  hint:"))]


COMMANDS = [
    (["points", "deduct", "-", "30"], "ada\nada\nada\n", 9),
    (["points", "award", "-", "10"], "bob\nbob\n", 0),
    (["points", "award", "-", "1", "--occurred-at", "2026-02-14T09:59:00Z"], "bob\nbob\n", 0),
    (["rewards", "claim", "-", "coupon"], "ada\nbob\n", 9),
    (["rewards", "claim", "-", "mug", "--pay"], "ada\nada\n", 9),
    (["rewards", "claim", "-", "mug"], "ada\nbob\neve\n", 9),
    (["rewards", "claim", "-", "once"], "ada\nada\nbob\n", 9),
    (["events", "record", "-", "login"], "bob\nbob\n", 0),
    (["streaks", "record", "-", "daily"], "bob\nbob\n", 0),
    (["badges", "award", "-", "rich"], "bob\nbob\n", 0),
    (["challenges", "enroll", "-", "first"], "bob\nbob\n", 0),
    (["participants", "deactivate", "ada", "ada"], "", 0),
    (["participants", "update", "ada", "ada", "--attr", "a=1", "--if-match", "3"], "", 9),
]


@pytest.mark.parametrize(("line", "stdin", "exit_code"), COMMANDS)
def test_a_rehearsal_over_several_answers_as_the_real_run(
    run: Run, place: Place, line: list[str], stdin: str, exit_code: int
) -> None:
    before = everything(place.store.parent)

    shown = run(*line, "--dry-run", stdin=stdin)

    assert everything(place.store.parent) == before
    assert "SECRET" not in shown.stdout + shown.stderr
    real = run(*line, "--yes", stdin=stdin)
    assert (shown.exit_code, real.exit_code) == (exit_code, exit_code)
    assert answers(shown.stdout) == answers(real.stdout)
    assert errors(shown.stderr) == errors(real.stderr)


def test_each_change_is_shown_from_where_the_one_before_led(call: Run) -> None:
    result = call("points", "deduct", "-", "20", "-n", stdin="ada\nada\n")

    told = [line for line in result.stderr.splitlines() if "balance" in line]
    assert told == ["  points.balance: 50 → 30", "  points.balance: 30 → 10"]
    assert json.loads(call("points", "balance", "ada").stdout)["balance"] == 50


def test_the_next_command_knows_nothing_of_a_rehearsal(call: Run) -> None:
    line = ("points", "deduct", "-", "30", "-n")

    assert [call(*line, stdin="ada\n").exit_code for _ in range(2)] == [0, 0]


def test_a_rehearsal_where_there_is_no_store_sees_its_own(run: Run, place: Place) -> None:
    elsewhere = str(place.home / "none" / "x.db")

    shown = run("points", "award", "-", "10", "-n", "--store", elsewhere, stdin="ada\nada\n")

    assert [one["new_balance"] for one in json.loads(shown.stdout)] == [10, 20]
    assert not Path(elsewhere).parent.exists()


def test_a_rehearsal_sees_its_own_where_nothing_may_be_written(place: Place) -> None:
    place.store.chmod(0o400)
    place.store.parent.chmod(0o500)
    try:
        shown = unprivileged(place, "participants", "deactivate", "ada", "ada", "-n")
    finally:
        place.store.parent.chmod(0o700)

    assert (shown.exit_code, len(json.loads(shown.stdout))) == (0, 2)
    assert "ada would stay as it is" in shown.stderr


def test_a_rehearsal_waits_for_no_writer(call: Run, place: Place) -> None:
    with locked(place.store, "BEGIN IMMEDIATE"):
        shown = call("points", "deduct", "-", "30", "-n", "--timeout", "0", stdin="ada\nada\n")

    assert shown.exit_code == 9
    assert "Insufficient points. Available: 20, requested: 30" in shown.stderr


def test_a_rehearsed_import_knows_the_keys_of_its_own_lines(run: Run, place: Place) -> None:
    one = {"participant_id": "bob", "event_name": "login", "idempotency_key": "k"}
    lines = [one, one, one | {"event_name": "other"}, one | {"participant_id": "eve"}]
    text = "".join(json.dumps(line) + "\n" for line in lines)

    shown = run("events", "import", "-", "-n", "--results", "rehearsed.jsonl", stdin=text)

    with closing(sqlite3.connect(place.store)) as connection:
        assert connection.execute("SELECT count(*) FROM requests").fetchone() == (0,)
    real = run("events", "import", "-", "--results", "real.jsonl", stdin=text)
    told, done = (
        [json.loads(line) for line in (place.home / name).read_text().splitlines()]
        for name in ("rehearsed.jsonl", "real.jsonl")
    )
    ids = [one.pop("event_id") for one in told]
    assert ids[0] == ids[1] != ids[3]
    assert (shown.exit_code, errors(shown.stderr)) == (real.exit_code, errors(real.stderr))
    assert [one | {"event_id": None} for one in told] == [one | {"event_id": None} for one in done]
