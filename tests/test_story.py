"""A scripted history that earns the documented profile and state, member for member."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Run

DATA = Path(__file__).parent / "data"
QUESTS = [f"quest_{number}" for number in range(1, 8)]
PROGRAM = """
name = "story"
tiers = [
    { code = "bronze", name = "Bronze", level = 1, points_required = 0, color = "#CD7F32" },
    { code = "silver", name = "Silver", level = 2, points_required = 500, color = "#C0C0C0" },
    { code = "gold", name = "Gold", level = 3, points_required = 5000, color = "#FFD700" },
    { code = "platinum", name = "Platinum", level = 4, points_required = 10000 },
]
badges = [
    { code = "first_steps", name = "First Steps", criterion = { event = "first_step" } },
    { code = "power_user", name = "Power User", criterion = { total_earned = 50000 } },
]
streaks = [{ code = "daily_login", name = "Daily login", period = "daily" }]
rewards = [{ id = "sticker", name = "Sticker", type = "digital" }]
rules = [{ code = "login", event = "login", streak = "daily_login" }]
"""
QUEST = """
[[challenges]]
code = "{code}"
name = "A quest"
objectives = [{{ id = "done", event = "{code}", target = 2 }}]
"""


class Story:
    """Runs commands as of their days, in order."""

    def __init__(self, call: Run) -> None:
        self._call = call
        self.events = 0

    def on(self, time: str, *line: str) -> Any:
        result = self._call(*line, "--json", env={"GAMIFY_TEST_NOW": time})
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def event(self, time: str, name: str) -> None:
        self.on(time, "events", "record", "user_123", name)
        self.events += 1

    def logins(self, first: date, days: int) -> None:
        for day in range(days):
            self.event(f"{first + timedelta(days=day)}T00:00:00Z", "login")


@pytest.fixture
def story(call: Run, place: Place) -> Story:
    told = Story(call)
    program = place.home / "story.toml"
    program.write_text(PROGRAM + "".join(QUEST.format(code=code) for code in QUESTS))
    told.on("2026-01-01T00:00:00Z", "program", "apply", str(program))
    return told


def test_a_history_earns_the_documented_profile_and_state(story: Story) -> None:
    profile = json.loads((DATA / "profile_response.json").read_text("utf-8"))
    state = json.loads((DATA / "state_response.json").read_text("utf-8"))
    avatar = f"--avatar-url={profile['avatar_url']}"
    name = f"--display-name={profile['display_name']}"
    story.on(
        *("2026-01-01T00:00:00Z", "participants", "create", "user_123"),
        *(name, avatar, "--attr", "plan=premium"),
    )
    for code in QUESTS:
        story.on("2026-01-02T00:00:00Z", "challenges", "enroll", "user_123", code)
    for code in QUESTS[:5]:
        story.event("2026-01-03T00:00:00Z", code)
        story.event("2026-01-04T00:00:00Z", code)
    for number in range(3):
        story.on(f"2026-01-1{number}T00:00:00Z", "rewards", "claim", "user_123", "sticker")
    story.event("2026-01-15T00:00:00Z", "first_step")
    story.logins(date(2026, 1, 16), 17)
    story.on("2026-02-01T10:00:00Z", "points", "award", "user_123", "5000")
    story.on("2026-02-01T11:00:00Z", "points", "deduct", "user_123", "3500")
    story.logins(date(2026, 2, 2), 4)
    while story.events < 149:
        story.event("2026-02-07T00:00:00Z", "page_viewed")
    story.logins(date(2026, 2, 8), 7)

    now = "2026-02-14T12:00:00Z"
    assert story.on(now, "participants", "get", "user_123") == profile
    assert story.on(now, "participants", "state", "user_123") == state
