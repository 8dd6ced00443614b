"""`gamify participants explain`: what it is asked, what scripts get, what it refuses."""

from __future__ import annotations

import json
import shlex

import pytest
from conftest import Place, Run
from test_reasons import PROGRAM


@pytest.fixture
def store(place: Place, call: Run) -> Place:
    (place.home / "program.toml").write_text(PROGRAM, "utf-8")
    for line in ("program apply program.toml", "points award ada 40", "streaks record ada daily"):
        assert call(*line.split()).exit_code == 0
    return place


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("ada pionts", 2, "did you mean points?"),
        ("ada badge", 2, "badge needs its CODE"),
        ("ada badge ''", 2, "badge needs its CODE"),
        ("ada points gold", 2, 'points takes no name, not "gold"'),
        ("ada points --limit 0", 2, "--limit must be at least 1"),
        ("ada points --limit 1 --all", 2, "exclude each other"),
        ("ada points --fields lots", 2, 'unknown field "lots"'),
        ("ada badge ritch", 3, "did you mean rich?"),
        ("ada streak dayly", 3, "did you mean daily?"),
        ("ada reward c1", 3, 'claim "c1" not found'),
        ("ada event e1", 3, 'event "e1" not found'),
        ("points points", 3, 'participant "points" not found'),
    ],
)
@pytest.mark.usefixtures("store")
def test_what_is_not_there_is_said_with_its_exit_code(
    line: str, code: int, told: str, call: Run
) -> None:
    result = call("participants", "explain", *shlex.split(line))

    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr


@pytest.mark.usefixtures("store")
def test_scripts_choose_from_it_and_hear_what_is_left_out(call: Run) -> None:
    for _ in range(3):
        call("points", "award", "ada", "1")

    chosen = call("participants", "explain", "ada", "points", "--fields", "amount,nodes.amount")
    assert json.loads(chosen.stdout) == {"amount": 43, "nodes": [{"amount": 43}]}
    few = call(
        "participants", "explain", "ada", "points", "--limit", "1", "--jq", ".nodes[].nodes[].text"
    )
    assert few.stdout.splitlines() == ["awarded", "and 3 more"]
    assert few.stderr == "more follows: add --limit N, or --all\n"
    whole = call("participants", "explain", "ada", "points", "--all", "-o", "jsonl")
    assert len(json.loads(whole.stdout)["nodes"][0]["nodes"]) == 4
    assert whole.stderr == ""
