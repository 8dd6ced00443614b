"""Rewards: what a claim costs and hands out, and that no code goes to two people."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest
from conftest import NOW, Place, Run
from test_concurrency import check, race

from gamify_cli.commands import codes
from gamify_cli.domain import program_input, vocabulary
from gamify_cli.store import records
from gamify_cli.store.sqlite import sql

PROGRAM = """
name = "shop"

[[rewards]]
id = "coupon"
name = "10% Off"
description = "On the next order"
type = "coupon"
points_cost = 500
max_claims_per_user = 2
stock = "codes"

[[rewards]]
id = "mug"
name = "Mug"
type = "physical"
points_cost = 30
stock = 2

[[rewards]]
id = "wallpaper"
name = "Wallpaper"
type = "digital"

[[rewards]]
id = "early_bird"
name = "Early bird"
type = "voucher"
expires_at = 2026-03-01T00:00:00Z
"""

LOOP = """
import sys
from gamify_cli import app
for number in range(int(sys.argv[1]), 10_000):
    one = f"user_{number:04}"
    app.run(["points", "award", one, "500", "-q", "--fields", "new_balance"])
    code = app.run(["rewards", "claim", one, "coupon", "--pay", "--idempotency-key", str(number),
                    "-o", "ids"])
    assert code == 0
"""
"""Gives one participant after the other points and a code for them."""


@pytest.fixture(autouse=True)
def shop(call: Run, place: Place) -> Path:
    """A store under the program above, and its file."""
    file = place.home / "program.toml"
    file.write_text(PROGRAM)
    assert call("program", "apply", "program.toml").exit_code == 0
    return file


def load(call: Run, *given: str) -> dict[str, Any]:
    result = call("rewards", "load-codes", "coupon", "-", stdin="".join(f"{x}\n" for x in given))
    assert result.exit_code == 0, result.stderr
    body: dict[str, Any] = json.loads(result.stdout)
    return body


def shown(call: Run, *args: str, **how: Any) -> Any:
    result = call(*args, **how)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def stock(place: Place, columns: str = "code, remaining, participant_id") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(place.store)) as connection:
        query = f"SELECT {columns} FROM reward_stock ORDER BY reward_id, code"
        return connection.execute(query).fetchall()


def apply(call: Run, shop: Path, *changes: tuple[str, str]) -> None:
    text = shop.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    shop.write_text(text)
    assert call("program", "apply", "program.toml").exit_code == 0


def test_a_paid_claim_hands_out_a_code_and_takes_its_points(run: Run, place: Place) -> None:
    load(run, "A1", "B2")
    run("points", "award", "ada", "800")

    result = run("rewards", "claim", "ada", "coupon", "--pay")

    assert (result.exit_code, result.stderr) == (0, "rewarded ada\n")
    claim = json.loads(result.stdout)
    assert len(claim["claim_id"]) == 24
    assert list(claim.items())[1:] == [
        ("participant_id", "ada"),
        ("reward_name", "10% Off"),
        ("reward_type", "coupon"),
        ("code_value", "A1"),
        ("points_deducted", 500),
        ("new_balance", 300),
    ]
    assert stock(place) == [("A1", 0, "ada"), ("B2", 1, None)]
    assert shown(run, "points", "balance", "ada")["total_spent"] == 500
    profile = shown(run, "participants", "get", "ada")
    assert (profile["rewards_claimed"], profile["points"]["balance"]) == (1, 300)
    assert shown(run, "participants", "state", "ada")["rewards"] == {"total_claimed": 1}
    check(place.store)


def test_a_claim_without_pay_leaves_the_points_and_says_so(run: Run) -> None:
    load(run, "A1")
    run("points", "award", "ada", "30")

    result = run("rewards", "claim", "ada", "coupon")

    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "not paid: ada keeps the 500 points of coupon; --pay deducts them",
        "rewarded ada",
    ]
    claim = json.loads(result.stdout)
    assert (claim["code_value"], claim["points_deducted"], claim["new_balance"]) == ("A1", 0, 30)


def test_a_reward_that_costs_nothing_is_claimed_without_a_word(call: Run, place: Place) -> None:
    for pay in ([], ["--pay"]):
        result = call("rewards", "claim", "ada", "wallpaper", *pay)
        assert (result.exit_code, result.stderr) == (0, "rewarded ada\n")
        claim = json.loads(result.stdout)
        assert (claim["code_value"], claim["points_deducted"]) == (None, 0)

    assert shown(call, "points", "history", "ada") == []
    assert stock(place) == []


def test_a_claim_registers_whom_nobody_knew_and_is_when_they_were_seen(call: Run) -> None:
    later = {"GAMIFY_TEST_NOW": "2026-02-20T10:00:00Z"}
    call("rewards", "claim", "ada", "wallpaper")
    call("rewards", "claim", "ada", "wallpaper", env=later)

    profile = shown(call, "participants", "get", "ada", env=later)

    assert profile["first_seen_at"] == NOW
    assert profile["last_seen_at"] == later["GAMIFY_TEST_NOW"]


def test_too_few_points_are_a_refusal_that_leaves_nothing(run: Run, place: Place) -> None:
    load(run, "A1")
    run("points", "award", "ada", "30")

    short = run("rewards", "claim", "ada", "coupon", "--pay")
    unknown = run("rewards", "claim", "bob", "coupon", "--pay")

    assert (short.exit_code, short.stdout) == (6, "")
    assert short.stderr == "gamify: Insufficient points. Available: 30, requested: 500\n"
    assert unknown.exit_code == 6
    assert run("participants", "exists", "bob").exit_code == 3
    assert stock(place) == [("A1", 1, None)]
    assert shown(run, "points", "balance", "ada")["balance"] == 30


def test_points_that_ran_out_pay_for_nothing(call: Run, place: Place) -> None:
    call("points", "award", "ada", "30", "--expires-at", "2026-02-15")
    later = {"GAMIFY_TEST_NOW": "2026-02-15T00:00:00Z"}

    assert call("rewards", "claim", "ada", "mug", "--pay", env=later).exit_code == 6
    assert call("rewards", "claim", "ada", "mug", "--pay").exit_code == 0
    assert shown(call, "points", "expiring", "ada", "--by", "2026-03-01")["lots"] == []
    check(place.store)


def test_spending_on_a_reward_may_lower_a_tier(call: Run, shop: Path) -> None:
    tier = '[[tiers]]\ncode = "one"\nname = "One"\nlevel = 1\npoints_required = 20\n'
    apply(call, shop, ('name = "shop"', f'name = "shop"\ntier_downgrade = true\n{tier}'))
    call("points", "award", "ada", "40")
    assert shown(call, "tiers", "show", "ada")["current_tier"]["code"] == "one"

    call("rewards", "claim", "ada", "mug", "--pay")

    assert shown(call, "tiers", "show", "ada")["current_tier"] is None


@pytest.mark.parametrize(
    ("reward", "code", "message"),
    [
        ("cupon", 3, 'reward "cupon" not found'),
        ("early_bird", 5, 'reward "early_bird" expired at 2026-03-01T00:00:00Z'),
        ("coupon", 5, 'reward "coupon" is sold out'),
    ],
)
def test_what_cannot_be_claimed_says_why(run: Run, reward: str, code: int, message: str) -> None:
    at_the_end = {"GAMIFY_TEST_NOW": "2026-03-01T00:00:00Z"}

    result = run("rewards", "claim", "ada", reward, env=at_the_end)

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(f"gamify: {message}")
    assert run("participants", "exists", "ada").exit_code == 3
    if reward == "cupon":
        assert "did you mean coupon?" in result.stderr


def test_a_reward_can_be_claimed_until_its_last_moment(call: Run) -> None:
    just_before = {"GAMIFY_TEST_NOW": "2026-02-28T23:59:59Z"}

    assert call("rewards", "claim", "ada", "early_bird", env=just_before).exit_code == 0


def test_one_person_claims_as_often_as_the_cap_says(call: Run, place: Place) -> None:
    load(call, "A", "B", "C", "D")
    codes = [call("rewards", "claim", "ada", "coupon").exit_code for _ in range(3)]

    assert codes == [0, 0, 5]
    assert "as often as one may: 2" in call("rewards", "claim", "ada", "coupon").stderr
    assert call("rewards", "claim", "bob", "coupon").exit_code == 0
    assert [row[2] for row in stock(place)] == ["ada", "ada", "bob", None]


def test_an_inactive_participant_claims_nothing(call: Run, place: Place) -> None:
    call("participants", "create", "ada")
    call("participants", "deactivate", "ada", "--yes")

    result = call("rewards", "claim", "ada", "mug")

    assert (result.exit_code, stock(place)) == (5, [])
    assert 'participant "ada" is inactive' in result.stderr


def test_a_numbered_stock_counts_down_to_sold_out(run: Run, place: Place) -> None:
    exits = [run("rewards", "claim", one, "mug").exit_code for one in ("ada", "bob", "eve")]

    assert exits == [0, 0, 5]
    assert stock(place) == [("", 0, None)]


def test_a_new_number_in_the_program_leaves_what_was_claimed(call: Run, shop: Path) -> None:
    def left() -> Any:
        (mug,) = shown(call, "rewards", "list", "--type", "physical")["rewards"]
        return mug["available_codes"]

    found = [left()]
    call("rewards", "claim", "ada", "mug")
    found.append(left())
    for old, new in [("2", "10"), ("10", "0"), ("0", "1"), ("1", "'unlimited'")]:
        apply(call, shop, (f"stock = {old}", f"stock = {new}"))
        found.append(left())
    apply(call, shop, ("stock = 'unlimited'", "stock = 4"))

    assert [*found, left()] == [2, 1, 9, 0, 0, None, 4]


def test_a_reward_that_the_program_drops_is_gone_but_stays_claimed(call: Run, shop: Path) -> None:
    call("rewards", "claim", "ada", "wallpaper")
    start = shop.read_text().index('[[rewards]]\nid = "wallpaper"')
    end = shop.read_text().index('[[rewards]]\nid = "early_bird"')
    apply(call, shop, (shop.read_text()[start:end], ""))

    assert call("rewards", "claim", "ada", "wallpaper").exit_code == 3
    (claim,) = shown(call, "rewards", "history", "ada")["rewards"]
    assert (claim["reward_id"], claim["name"]) == ("wallpaper", "Wallpaper")


def test_a_key_answers_with_the_same_code_again(run: Run, place: Place) -> None:
    load(run, "A1", "B2")
    run("points", "award", "ada", "1000")
    line = ("rewards", "claim", "ada", "coupon", "--idempotency-key", "k")

    first = run(*line, "--pay")
    again = run(*line, "--pay")

    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert again.stderr == "replayed ada: this key was answered before\n"
    assert shown(run, "points", "balance", "ada")["balance"] == 500
    assert [row[1] for row in stock(place)] == [0, 1]
    assert run(*line).exit_code == 5


def test_a_rehearsal_takes_no_code_and_shows_none(run: Run, place: Place) -> None:
    load(run, "A1")
    run("points", "award", "ada", "800")

    result = run("rewards", "claim", "ada", "coupon", "--pay", "--dry-run")

    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "dry run: ada would be rewarded; nothing was written",
        "  points.balance: 800 → 300",
        "  points.total_spent: 0 → 500",
        "  rewards_claimed: 0 → 1",
    ]
    claim = json.loads(result.stdout)
    assert (claim["code_value"], claim["new_balance"]) == (None, 300)
    assert stock(place) == [("A1", 1, None)]
    assert shown(run, "points", "balance", "ada")["balance"] == 800


def test_several_claim_until_the_codes_are_gone(call: Run, place: Place) -> None:
    load(call, "A1", "B2")

    result = call("rewards", "claim", "-", "coupon", "--yes", stdin="ada\nbob\neve\n")

    assert result.exit_code == 9
    assert [claim["code_value"] for claim in json.loads(result.stdout)] == ["A1", "B2"]
    assert 'gamify: reward "coupon" is sold out\n' in result.stderr
    check(place.store)


def test_a_paid_claim_is_a_transaction_and_an_unpaid_one_is_none(run: Run) -> None:
    run("points", "award", "ada", "100")
    run("rewards", "claim", "ada", "mug")
    run("rewards", "claim", "ada", "mug", "--pay")
    run("rewards", "claim", "ada", "wallpaper")

    history = shown(run, "points", "history", "ada")

    assert [(one["type"], one["amount"]) for one in history] == [("claim", -30), ("award", 100)]
    assert history[0]["balance_after"] == 70
    assert shown(run, "points", "history", "ada", "--type", "claim") == history[:1]
    limited = run("points", "history", "ada", "--limit", "1")
    assert json.loads(limited.stdout) == history[:1]
    assert limited.stderr.startswith("more follow: add --before ")


def test_the_list_shows_what_is_left_of_each(run: Run) -> None:
    load(run, "A1", "B2")
    run("rewards", "claim", "ada", "coupon")
    run("rewards", "claim", "ada", "mug")

    listed = shown(run, "rewards", "list")

    assert list(listed) == ["rewards", "total"]
    assert listed["total"] == 4
    assert listed["rewards"][0] == {
        "id": "coupon",
        "name": "10% Off",
        "type": "coupon",
        "description": "On the next order",
        "points_cost": 500,
        "available_codes": 1,
        "max_claims_per_user": 2,
        "expires_at": None,
    }
    assert [one["available_codes"] for one in listed["rewards"]] == [1, 1, None, None]
    assert listed["rewards"][3]["expires_at"] == "2026-03-01T00:00:00Z"


def test_the_list_can_be_of_one_type(run: Run) -> None:
    listed = shown(run, "rewards", "list", "--type", "digital")
    wrong = run("rewards", "list", "--type", "digitl")

    assert [one["id"] for one in listed["rewards"]] == ["wallpaper"]
    assert wrong.exit_code == 2
    assert "did you mean digital?" in wrong.stderr
    annotation = program_input.Reward.model_fields["type"].annotation
    assert get_args(annotation) == vocabulary.REWARD_TYPES


def test_without_a_program_there_is_nothing_to_claim(call: Run, place: Place) -> None:
    other = str(place.home / "other.db")

    assert shown(call, "rewards", "list", "--store", other) == {"rewards": [], "total": 0}
    for line in (["claim", "ada", "mug"], ["load-codes", "mug", "program.toml"]):
        assert call("rewards", *line, "--store", other).exit_code in (2, 3)
    assert call("rewards", "load-codes", "mug", "-", "--store", other, stdin="A").exit_code == 3
    assert not Path(other).exists()


def test_a_history_has_every_claim_newest_first(run: Run) -> None:
    load(run, "A1")
    run("points", "award", "ada", "30")
    run("rewards", "claim", "ada", "mug", "--pay")
    run("rewards", "claim", "ada", "coupon", env={"GAMIFY_TEST_NOW": "2026-02-15T10:00:00Z"})

    history = shown(run, "rewards", "history", "ada")

    assert [list(history), history["total"]] == [["participant_id", "rewards", "total"], 2]
    assert [tuple(one.values())[1:] for one in history["rewards"]] == [
        ("coupon", "10% Off", "coupon", "A1", 0, "2026-02-15T10:00:00Z"),
        ("mug", "Mug", "physical", None, 30, NOW),
    ]
    first = shown(run, "rewards", "history", "ada", "--until", NOW)
    assert first == {**history, "rewards": history["rewards"][1:], "total": 1}
    assert shown(run, "rewards", "history", "ada", "--type", "physical") == first
    limited = run("rewards", "history", "ada", "--limit", "1")
    assert json.loads(limited.stdout) == {**history, "rewards": history["rewards"][:1]}
    assert limited.stderr == "1 more: add --all\n"
    assert run("rewards", "history", "bob").exit_code == 3


def test_a_history_is_of_one_moment(
    call: Run, execute: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("rewards", "claim", "ada", "mug")
    line = records.line

    def overtaken(row: tuple[Any, ...]) -> records.Line:
        """Another process renames the reward while the claims are read."""
        apply(execute, shop, ('name = "Mug"', 'name = "Cup"'))
        return line(row)

    monkeypatch.setattr(records, "line", overtaken)
    (claim,) = shown(call, "rewards", "history", "ada")["rewards"]
    monkeypatch.undo()

    assert claim["name"] == "Mug"
    assert shown(call, "rewards", "history", "ada")["rewards"][0]["name"] == "Cup"


def test_codes_are_loaded_once_however_often_they_come(run: Run, place: Place) -> None:
    (place.home / "codes.txt").write_text("A1\nB2\nA1\nC3")
    load(run, "B2")
    run("rewards", "claim", "ada", "coupon")

    result = run("rewards", "load-codes", "coupon", "codes.txt")
    again = run("rewards", "load-codes", "coupon", "codes.txt")

    assert json.loads(result.stdout) == {
        "reward_id": "coupon",
        "loaded": 2,
        "duplicates": 2,
        "duplicate_lines": [2, 3],
        "available_codes": 2,
    }
    assert result.stderr == ("loaded 2 codes of coupon\n2 codes were there already: lines 2, 3\n")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["loaded"] == 0
    assert again.stderr.startswith("unchanged coupon\n")
    assert stock(place) == [("A1", 1, None), ("B2", 0, "ada"), ("C3", 1, None)]


def test_a_load_is_an_operation_and_a_rehearsal_of_one_is_none(call: Run, place: Place) -> None:
    query = "SELECT command, program FROM operations WHERE command LIKE '%load-codes%'"
    rehearsed = call("rewards", "load-codes", "coupon", "-", "--dry-run", stdin="A\nB\nA\n")
    assert json.loads(rehearsed.stdout)["loaded"] == 2
    assert rehearsed.stderr.splitlines()[0] == (
        "dry run: 2 codes of coupon would be loaded; nothing was written"
    )
    assert stock(place) == []

    load(call, "A")
    load(call, "A")

    with closing(sqlite3.connect(place.store)) as connection:
        found = connection.execute(query).fetchall()
    assert found == [("gamify rewards load-codes coupon -", 1)]


def test_a_load_is_repeated_under_its_key_and_another_file_is_refused(call: Run) -> None:
    line = ("rewards", "load-codes", "coupon", "-", "--idempotency-key", "k")

    first = call(*line, stdin="A\nB\n")
    again = call(*line, stdin="A\nB")
    other = call(*line, stdin="C\n")

    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert "this key was answered before" in again.stderr
    assert other.exit_code == 5


def test_bad_lines_are_all_told_and_nothing_is_loaded(run: Run, place: Place) -> None:
    lines = [b"GOOD", b"", b"CR\r", b"x" * 201, b"\xff", b"x" * 5000, "é".encode() * 200, b"a\0b"]

    result = run("rewards", "load-codes", "coupon", "-", stdin=b"\n".join(lines) + b"\n")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "stdin:2: a reward code must not be empty",
        "stdin:3: a reward code must not hold the control character U+000D",
        "stdin:4: a reward code has at most 200 characters, this one 201",
        "stdin:5: is not UTF-8 (byte 0)",
        "stdin:6: a reward code has at most 200 characters",
        "stdin:8: a reward code must not hold the character U+0000",
        "gamify: stdin has 6 faults; nothing was loaded",
    ]
    assert stock(place) == []


def test_a_byte_order_mark_is_no_part_of_the_first_code(run: Run, place: Place) -> None:
    result = run("rewards", "load-codes", "coupon", "-", stdin=b"\xef\xbb\xbfONE\nTWO\n")

    assert result.exit_code == 0
    assert stock(place, "code") == [("ONE",), ("TWO",)]


def test_a_thousand_faults_are_told_in_a_few_lines(call: Run) -> None:
    result = call("rewards", "load-codes", "coupon", "-", stdin="\n" * 1000)

    assert len(result.stderr.splitlines()) == codes.TOLD + 2
    assert "… and 980 more\n" in result.stderr


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (["mug", "-"], 5, 'reward "mug" has no codes: its stock is 2'),
        (["wallpaper", "-"], 5, 'reward "wallpaper" has no codes: its stock is unlimited'),
        (["cupon", "-"], 3, 'reward "cupon" not found'),
        (["coupon", "nowhere"], 2, "cannot read nowhere: No such file or directory"),
    ],
)
def test_codes_that_cannot_be_loaded_say_why(
    call: Run, line: list[str], code: int, message: str
) -> None:
    result = call("rewards", "load-codes", *line, stdin="A\n")

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(f"gamify: {message}")


def test_many_codes_are_loaded_in_groups(call: Run, place: Place) -> None:
    many = [f"CODE-{number:06}" for number in range(2 * codes.GROUP + 7)]

    body = load(call, *many, many[0])

    assert (body["loaded"], body["duplicate_lines"]) == (len(many), [len(many) + 1])
    assert [row[0] for row in stock(place)] == many

    again = call("rewards", "load-codes", "coupon", "-", stdin="\n".join(many))

    assert json.loads(again.stdout)["duplicates"] == len(many)
    assert again.stderr.endswith(
        "codes were there already: lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "
        "11, 12, 13, 14, 15, 16, 17, 18, 19, 20, …\n"
    )


@pytest.mark.parametrize("name", ["LOCK_CODE", "COUNT_CODES"])
def test_codes_that_are_gone_do_not_slow_the_next_claim(place: Place, name: str) -> None:
    with closing(sqlite3.connect(place.store)) as connection:
        statement = f"EXPLAIN QUERY PLAN {getattr(sql, name)}"
        plan = connection.execute(statement, {"reward_id": "coupon"}).fetchall()

    assert [row[3] for row in plan] == [
        "SEARCH reward_stock USING INDEX reward_stock_left (reward_id=? AND code>?)"
    ]


def test_a_code_comes_and_goes_as_it_is(call: Run) -> None:
    code = " ✨ 10% – 'é' "
    load(call, code)

    assert shown(call, "rewards", "claim", "ada", "coupon")["code_value"] == code


def test_of_eight_who_race_for_five_codes_five_win_different_ones(place: Place, call: Run) -> None:
    load(call, "A", "B", "C", "D", "E")
    people = [f"user_{number}" for number in range(8)]
    for one in people:
        call("points", "award", one, "500")

    results = race(place, *(("rewards", "claim", one, "coupon", "--pay") for one in people))

    assert sorted(code for code, _, _ in results) == [0] * 5 + [5] * 3
    won = {
        claim["participant_id"]: claim["code_value"]
        for code, stdout, _ in results
        if code == 0 and (claim := json.loads(stdout.removeprefix("ready\n")))
    }
    assert sorted(won.values()) == ["A", "B", "C", "D", "E"]
    for one, participant in check(place.store).items():
        assert participant.balance == (0 if one in won else 500)
    assert {row[2]: row[0] for row in stock(place)} == won


def test_a_race_for_the_last_of_a_numbered_stock_oversells_nothing(place: Place) -> None:
    people = [f"user_{number}" for number in range(8)]

    results = race(place, *(("rewards", "claim", one, "mug") for one in people))

    assert sorted(code for code, _, _ in results) == [0] * 2 + [5] * 6
    assert len(check(place.store)) == 2
    assert stock(place) == [("", 0, None)]


def test_a_kill_at_any_moment_leaves_code_and_debit_together(place: Place, call: Run) -> None:
    chance = random.Random(20260214)
    load(call, *(f"C{number:05}" for number in range(5_000)))
    deadline = time.monotonic() + 8
    kills = first = 0
    acknowledged: set[str] = set()
    while kills < 10 and time.monotonic() < deadline:
        killed = subprocess.Popen(
            [sys.executable, "-c", LOOP, str(first)],
            env=place.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert killed.stdout
        lines = [killed.stdout.readline() for _ in range(chance.randrange(1, 25))]
        time.sleep(chance.uniform(0, 0.02))
        killed.kill()
        rest, _ = killed.communicate()
        assert killed.returncode == -signal.SIGKILL
        lines += rest.splitlines()
        acknowledged |= {line.strip() for line in lines if line.startswith("user_")}
        kills += 1

        people = check(place.store)
        taken = [row for row in stock(place) if not row[1]]
        assert_debited_for_codes(people.values(), taken)
        assert acknowledged <= {row[2] for row in taken}
        # The participants to come are new ones, so that every claim has to be paid.
        first = len(people) + 1
    assert kills > 3


def assert_debited_for_codes(people: Iterable[Any], taken: list[tuple[Any, ...]]) -> None:
    """Each code was paid by the one who has it, and nobody paid for none."""
    owners = [row[2] for row in taken]
    assert len(owners) == len(set(owners))
    for one in people:
        assert one.total_spent == 500 * owners.count(one.participant_id)
        assert one.rewards_claimed == owners.count(one.participant_id)
