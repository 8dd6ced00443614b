"""The documented walk: create, create again, get, update, state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conftest import NOW, Run

DATA = Path(__file__).parent / "data"


def example(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return document


def test_the_documented_bodies_come_back_member_for_member(run: Run) -> None:
    request = str(DATA / "create_request.json")

    created = run("participants", "create", "--input", request)
    again = run("participants", "create", "--input", request)

    assert (created.exit_code, created.stderr) == (0, "created user_123\n")
    assert created.stdout == json.dumps(example("create_response"), indent=2) + "\n"
    assert (again.exit_code, again.stderr) == (0, "unchanged user_123\n")
    assert again.stdout == created.stdout


def test_profile_and_state_have_the_documented_members_in_order(run: Run) -> None:
    run("participants", "create", "--input", str(DATA / "create_request.json"))

    profile = json.loads(run("participants", "get", "user_123").stdout)
    state = json.loads(run("participants", "state", "user_123").stdout)

    assert list(profile) == list(example("profile_response"))
    assert list(state) == list(example("state_response"))
    assert profile["first_seen_at"] == profile["last_seen_at"] == NOW


def test_an_update_merges_and_answers_the_profile(run: Run) -> None:
    run("participants", "create", "--input", str(DATA / "create_request.json"))

    result = run("participants", "update", "user_123", "--input", str(DATA / "update_request.json"))

    assert (result.exit_code, result.stderr) == (0, "updated user_123\n")
    profile = json.loads(result.stdout)
    assert profile["display_name"] == "Jane Smith"
    assert profile["attributes"] == {
        "plan": "enterprise",
        "signup_source": "referral",
        "team_id": "team_42",
    }
    assert result.stdout == run("participants", "get", "user_123").stdout


def test_include_chooses_sections_in_the_documented_order(run: Run) -> None:
    run("participants", "create", "user_123")

    result = run("participants", "state", "user_123", "--include", "badges, points,badges")

    assert json.loads(result.stdout) == {
        "participant_id": "user_123",
        "points": {"balance": 0, "total_earned": 0, "total_spent": 0},
        "badges": [],
    }
    assert list(json.loads(result.stdout)) == ["participant_id", "points", "badges"]
