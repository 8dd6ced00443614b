"""Points, tiers, badges and streaks through the commands: what is earned, and when it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Run
from test_concurrency import check

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def program(call: Run) -> None:
    call("program", "apply", str(DATA / "program.toml"))


def at(time: str) -> dict[str, str]:
    """The environment of a command that runs at another time."""
    return {"GAMIFY_TEST_NOW": time}


def body(run: Run, *arguments: str, **how: Any) -> Any:
    result = run(*arguments, **how)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_an_award_creates_climbs_and_answers(run: Run) -> None:
    answer = body(run, "points", "award", "ada", "1200", "--reason", "launch")
    again = run("points", "award", "ada", "1")

    del answer["transaction_id"]
    assert answer == {
        "participant_id": "ada",
        "amount": 1200,
        "new_balance": 1200,
        "tier_upgrade": {
            "code": "gold",
            "name": "Gold",
            "level": 3,
            "previous_code": None,
            "previous_level": None,
        },
        "badges_unlocked": [],
    }
    assert again.stderr == "awarded ada\n"
    tier = body(run, "tiers", "show", "ada")
    assert [change["code"] for change in tier["tier_history"]] == ["bronze", "silver", "gold"]
    assert tier["next_tier"]["points_remaining"] == 8799


def test_each_derived_fact_names_its_cause(run: Run) -> None:
    run("points", "award", "ada", "600")

    facts = json.loads(run("participants", "history", "ada").stdout)[::-1]

    assert [(fact["kind"], fact["cause"]) for fact in facts] == [
        ("registered", 2),
        ("points_awarded", None),
        ("tier_changed", 2),
        ("tier_changed", 2),
    ]


def test_a_short_balance_moves_nothing(run: Run) -> None:
    run("points", "award", "ada", "30")

    for one in ("ada", "bob"):
        available = 30 if one == "ada" else 0
        result = run("points", "deduct", one, "50")
        assert (result.exit_code, result.stdout) == (6, "")
        message = f"Insufficient points. Available: {available}, requested: 50"
        assert result.stderr == f"gamify: {message}\n"
    assert body(run, "points", "balance", "ada")["balance"] == 30
    assert run("participants", "exists", "bob").exit_code == 3


def test_lots_are_drained_soonest_first_and_run_out_at_their_instant(run: Run) -> None:
    for amount, expires in [("100", "2026-03-01"), ("50", "2026-02-20"), ("70", None)]:
        run("points", "award", "ada", amount, *(["--expires-at", expires] if expires else []))
    run("points", "deduct", "ada", "60")

    assert body(run, "points", "expiring", "ada", "--by", "2026-02-28")["lots"] == [
        {"remaining": 90, "expires_at": "2026-03-01T00:00:00Z"},
        {"remaining": 70, "expires_at": None},
    ]
    before = body(run, "points", "balance", "ada", env=at("2026-02-28T23:59:59Z"))
    after = body(run, "points", "balance", "ada", env=at("2026-03-01T00:00:00Z"))
    assert (before["balance"], after["balance"]) == (160, 70)
    assert (after["total_earned"], after["total_spent"]) == (220, 60)


def test_a_sweep_records_what_ran_out_once_dated_when_it_did(run: Run) -> None:
    run("points", "award", "ada", "100", "--expires-at", "2026-02-20")
    run("points", "award", "bob", "100")
    later = at("2026-03-01T00:00:00Z")

    rehearsed = body(run, "store", "sweep", "--dry-run", env=later)
    swept = body(run, "store", "sweep", env=later)
    again = body(run, "store", "sweep", env=later)

    assert rehearsed == swept == {"participants": 1, "facts": 1}
    assert again == {"participants": 0, "facts": 0}
    newest = body(run, "points", "history", "ada", env=later)[0]
    del newest["id"]
    assert newest == {
        "type": "expire",
        "amount": -100,
        "balance_after": 0,
        "reason": None,
        "metadata": None,
        "expires_at": "2026-02-20T00:00:00Z",
        "created_at": "2026-02-20T00:00:00Z",
    }


def test_the_next_write_records_what_ran_out_before_it(run: Run) -> None:
    run("points", "award", "ada", "100", "--expires-at", "2026-02-20")

    run("points", "award", "ada", "5", env=at("2026-03-01T00:00:00Z"))

    history = body(run, "points", "history", "ada")
    assert [(one["type"], one["balance_after"]) for one in history] == [
        ("award", 5),
        ("expire", 0),
        ("award", 100),
    ]


def test_points_are_dated_back_in_order_alone(run: Run) -> None:
    first = run("points", "award", "ada", "5", "--occurred-at", "2026-01-10")
    second = run("points", "award", "ada", "5", "--occurred-at", "2026-01-20T12:00:00Z")
    third = run("points", "award", "ada", "5", "--occurred-at", "2026-01-15")

    assert (first.exit_code, second.exit_code, third.exit_code) == (0, 0, 5)
    assert "has later points already" in third.stderr
    assert body(run, "participants", "get", "ada")["first_seen_at"] == "2026-01-10T00:00:00Z"


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (["points", "award", "ada", "0"], 2, "an amount is an integer from 1 to 1,000,000, not 0"),
        (["points", "award", "ada", "--", "-1"], 2, "1,000,000, not -1"),
        (["points", "award", "ada", "1000001"], 2, "1,000,000, not 1000001"),
        (["points", "award", "ada", "1.5"], 2, 'AMOUNT "1.5" is not a whole number'),
        (["points", "award", "ada", "true"], 2, 'AMOUNT "true" is not a whole number'),
        (["points", "award", "ada", "ten"], 2, 'AMOUNT "ten" is not a whole number'),
        (["points", "award", "ada", "5", "--reason", "x" * 501], 2, "at most 500 characters"),
        (["points", "award", "ada", "5", "--metadata", "[]"], 2, "must be a JSON object"),
        (["points", "award", "ada", "5", "--expires-at", "2026-01-01"], 2, "after the award"),
        (["points", "award", "ada", "5", "--occurred-at", "2026-02-15"], 2, "lies in the future"),
        (["badges", "award", "ada", "first_step"], 3, "did you mean first_steps?"),
        (["tiers", "assign", "ada", "golden"], 3, "did you mean gold?"),
        (["streaks", "record", "ada", "dayly_login"], 3, "did you mean daily_login?"),
        (
            ["streaks", "record", "ada", "daily_login", "--timestamp", "2026-02-15"],
            2,
            "timestamp lies in the future",
        ),
        (["points", "balance", "ada", "--at", "soon"], 2, '"soon" is not a time'),
        (["points", "award", "ada", "5", "--at", "now"], 2, "--at does not go with this command"),
    ],
)
def test_bad_input_is_refused_and_nothing_written(
    line: list[str], code: int, message: str, call: Run
) -> None:
    result = call(*line)

    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert call("participants", "list", "--count").stdout == "0\n"


@pytest.mark.parametrize(
    "line",
    [
        ["points", "award", "ada", "5"],
        ["points", "deduct", "ada", "5"],
        ["badges", "award", "ada", "first_steps"],
        ["tiers", "assign", "ada", "gold"],
        ["streaks", "record", "ada", "daily_login"],
    ],
)
def test_an_interaction_is_refused_inactive_rehearsed_dry_and_answered_again(
    line: list[str], call: Run, place: Place
) -> None:
    call("points", "award", "ada", "100")
    before = place.store.read_bytes()
    assert call(*line, "--dry-run").exit_code == 0
    assert place.store.read_bytes() == before

    first = call(*line, "--idempotency-key", "K")
    again = call(*line, "--idempotency-key", "K")
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert again.stdout == first.stdout
    assert again.stderr == "replayed ada: this key was answered before\n"

    call("participants", "deactivate", "ada", "--yes")
    refused = call(*line)
    assert (refused.exit_code, refused.stdout) == (5, "")
    assert refused.stderr.startswith('gamify: participant "ada" is inactive\n')
    assert call("points", "balance", "ada").exit_code == 0


def test_a_tier_stays_when_points_are_spent_and_an_assigned_one_holds(run: Run) -> None:
    run("points", "award", "ada", "1000")
    run("points", "deduct", "ada", "900")
    assert body(run, "tiers", "show", "ada")["current_tier"]["code"] == "gold"

    run("tiers", "assign", "ada", "silver", "--reason", "agreed")
    run("points", "award", "ada", "500")
    assert body(run, "tiers", "show", "ada")["current_tier"]["code"] == "silver"

    run("points", "award", "ada", "9900")
    assert body(run, "tiers", "show", "ada")["current_tier"]["code"] == "platinum"


@pytest.fixture
def strict(call: Run, place: Place) -> None:
    """The same program, but a tier goes with the points that reached it."""
    text = (DATA / "program.toml").read_text("utf-8")
    (place.home / "strict.toml").write_text(
        text.replace("tier_downgrade = false", "tier_downgrade = true")
    )
    call("program", "apply", "strict.toml")


@pytest.mark.usefixtures("strict")
def test_spending_lowers_a_tier_where_the_program_says_so(run: Run) -> None:
    run("points", "award", "ada", "1000")

    run("points", "deduct", "ada", "600")

    tier = body(run, "tiers", "show", "ada")
    assert tier["current_tier"]["code"] == "bronze"
    assert [change["code"] for change in tier["tier_history"]][-2:] == ["gold", "bronze"]


@pytest.mark.usefixtures("strict")
def test_an_upgrade_starts_from_the_tier_that_was_left_when_points_ran_out(run: Run) -> None:
    run("points", "award", "ada", "600", "--expires-at", "2026-02-15T00:00:00Z")
    later = at("2026-02-16T00:00:00Z")
    assert body(run, "participants", "get", "ada", env=later)["tier"]["code"] == "bronze"

    upgrade = body(run, "points", "award", "ada", "500", env=later)["tier_upgrade"]

    assert (upgrade["previous_code"], upgrade["code"]) == ("bronze", "silver")


def test_a_badge_is_earned_once_by_hand_or_by_its_criterion(run: Run) -> None:
    first = body(run, "badges", "award", "ada", "first_steps")
    again = body(run, "badges", "award", "ada", "first_steps", env=at("2026-02-15T00:00:00Z"))
    unlocked = body(run, "points", "award", "ada", "50000")

    assert (first["already_earned"], again["already_earned"]) == (False, True)
    assert again["earned_at"] == first["earned_at"] == "2026-02-14T10:00:00Z"
    assert unlocked["badges_unlocked"] == ["power_user"]
    badges = body(run, "badges", "list", "ada", "--earned")
    assert (badges["total"], badges["earned_count"], len(badges["badges"])) == (2, 2, 2)
    assert [one["earned"] for one in body(run, "participants", "state", "ada")["badges"]] == [
        True
    ] * 2


def test_a_dropped_definition_keeps_what_was_earned(run: Run, place: Place) -> None:
    run("points", "award", "ada", "1000")
    run("badges", "award", "ada", "first_steps")
    (place.home / "bare.toml").write_text('name = "bare"\n')
    run("program", "apply", "bare.toml")

    profile = body(run, "participants", "get", "ada")

    assert profile["tier"]["name"] == "Gold"
    assert profile["tier"]["next_tier"] is None
    assert [badge["name"] for badge in profile["badges"]] == ["First Steps"]
    assert run("badges", "award", "bob", "first_steps").exit_code == 3


def test_streaks_are_ticked_shown_and_brought_back(run: Run) -> None:
    for day in (10, 11, 12):
        run("streaks", "record", "ada", "daily_login", env=at(f"2026-02-{day}T09:00:00Z"))
    lapsed = body(run, "streaks", "list", "ada", env=at("2026-02-14T10:00:00Z"))
    restored = body(
        run,
        *("streaks", "restore", "ada", "daily_login", "--reason", "outage"),
        env=at("2026-02-14T10:00:00Z"),
    )
    tick = body(run, "streaks", "record", "ada", "daily_login")

    assert (lapsed["streaks"][0]["current_count"], lapsed["streaks"][0]["longest_count"]) == (0, 3)
    assert restored["streaks"][0]["current_count"] == 3
    assert (tick["new_count"], tick["is_new_record"]) == (4, True)


def test_a_streak_follows_its_participant_into_another_zone(run: Run, place: Place) -> None:
    def current(time: str) -> int:
        streaks = body(run, "participants", "get", "ada", "--at", time)["streaks"]
        return int(streaks["current"])

    run("participants", "create", "ada", "--attr", "timezone=Europe/Berlin")
    run("streaks", "record", "ada", "daily_login")
    assert [current("2026-02-15T22:59:58Z"), current("2026-02-15T23:00:00Z")] == [1, 0]

    run("participants", "update", "ada", "--attr", "timezone=America/New_York")
    assert [current("2026-02-16T04:59:58Z"), current("2026-02-16T05:00:00Z")] == [1, 0]
    run("participants", "create", "ada", "--attr", "timezone=Asia/Tokyo")
    assert [current("2026-02-15T14:59:58Z"), current("2026-02-15T15:00:00Z")] == [1, 0]
    check(place.store)


def test_a_past_time_reads_what_had_occurred_and_a_future_one_forecasts(run: Run) -> None:
    run("points", "award", "ada", "400", "--occurred-at", "2026-01-10")
    run("points", "award", "ada", "200", "--expires-at", "2026-03-01")
    run("streaks", "record", "ada", "daily_login")

    def read(time: str) -> tuple[Any, ...]:
        profile = body(run, "participants", "get", "ada", "--at", time)
        points, tier = profile["points"], profile["tier"]
        return points["balance"], points["total_earned"], tier["code"], profile["streaks"]

    assert read("2026-01-10") == (400, 400, "bronze", None)
    assert read("2026-02-14T10:00:00Z")[:3] == (600, 600, "silver")
    assert read("2026-03-01")[:3] == (400, 600, "silver")
    assert read("2026-03-01")[3]["current"] == 0
    assert body(run, "points", "balance", "ada", "--at", "2026-02-28")["balance"] == 600
    assert body(run, "participants", "state", "ada", "--at", "now", "--include", "points") == body(
        run, "participants", "state", "ada", "--include", "points"
    )
    assert run("participants", "get", "ada", "--at", "2026-01-09").exit_code == 3


def test_what_was_known_is_what_was_read_then(run: Run) -> None:
    def read(*times: str) -> tuple[Any, ...]:
        profile = body(run, "participants", "get", "ada", *times, env=now)
        return profile["points"]["balance"], profile["display_name"], profile["first_seen_at"][:10]

    run("participants", "create", "ada", "--display-name", "Ada")
    run("points", "award", "ada", "400", "--expires-at", "2026-02-20")
    now = at("2026-02-14T10:00:00Z")
    plain = read()
    now = at("2026-02-25T00:00:00Z")
    line = ("points", "award", "ada", "70", "--occurred-at", "2026-02-16")
    assert run(*line, "--expires-at", "2026-02-18", env=now).exit_code == 0
    run("participants", "update", "ada", "--display-name", "Eve", env=now)

    assert read("--known-at", "2026-02-14T10:00:00Z") == plain == (400, "Ada", "2026-02-14")
    assert read("--at", "2026-02-17", "--known-at", "2026-02-24") == (400, "Ada", "2026-02-14")
    assert read("--at", "2026-02-20", "--known-at", "2026-02-24") == (0, "Ada", "2026-02-14")
    assert read("--at", "2026-02-17", "--known-at", "2026-02-25") == (470, "Ada", "2026-02-14")
    assert read("--known-at", "now") == read("--at", "now")
    assert run("participants", "get", "ada", "--known-at", "2026-02-13").exit_code == 3
    told = run("participants", "list", "--known-at", "now")
    assert (told.exit_code, told.stderr.splitlines()[0]) == (
        2,
        "gamify: --known-at does not go with this command",
    )


def test_a_person_sees_a_diff_as_a_table_of_fields(call: Run) -> None:
    call("participants", "create", "ada", "--attr", "plan=basic")
    later = at("2026-02-20T00:00:00Z")
    call("participants", "update", "ada", "--attr", "plan=\x1b[31m", "--unset-attr", "x", env=later)

    shown = call("participants", "diff", "ada", "--from", "2026-02-19", "-o", "table", env=later)

    lines = [line.split("  ") for line in shown.stdout.splitlines()]
    told = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert told[:7] == [
        ["participant_id", "ada"],
        ["from", "2026-02-19T00:00:00Z"],
        ["to", "2026-02-20T00:00:00Z"],
        [],
        ["changes"],
        ["field", "from", "to"],
        told[6],
    ]
    assert told[7] == ["attributes.plan", "basic", "\\x1b[31m"]
    assert told[-1][:3] == ["2", "profile_changed", "2026-02-20T00:00:00Z"]


def test_a_list_is_of_what_is_left(run: Run) -> None:
    run("points", "award", "ada", "100", "--expires-at", "2026-02-20")
    run("points", "award", "bob", "50")
    later = at("2026-03-01T00:00:00Z")

    ranked = run("participants", "list", "--sort=-balance", "-o", "ids", env=later)
    rich = run("participants", "list", "--where", "balance>=60", "--count", env=later)

    assert ranked.stdout.split() == ["bob", "ada"]
    assert rich.stdout == "0\n"
