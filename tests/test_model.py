"""The commands against a simple model of what they promise, driven at random.

The model is written from the rules alone: points as a list of what is left and until when, a
tier as the highest level ever reached, badges as a set. It knows nothing of facts or rows.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gamify_cli import app
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.store import records
from gamify_cli.store import sqlite_sql as sql
from gamify_cli.store.session import Session

IDS = st.sampled_from(["ada", "bob", "a/b"])
AMOUNTS = st.integers(1, 1500)
LEVELS = {"bronze": (1, 0), "silver": (2, 500), "gold": (3, 1000), "platinum": (4, 10_000)}
PROGRAM = """
name = "model"
tiers = [
    { code = "bronze", name = "Bronze", level = 1, points_required = 0 },
    { code = "silver", name = "Silver", level = 2, points_required = 500 },
    { code = "gold", name = "Gold", level = 3, points_required = 1000 },
    { code = "platinum", name = "Platinum", level = 4, points_required = 10000 },
]
badges = [
    { code = "rich", name = "Rich", criterion = { total_earned = 2000 } },
    { code = "golden", name = "Golden", criterion = { tier = "gold" } },
    { code = "kind", name = "Kind" },
]
"""


@dataclass
class Person:
    """What the rules promise of one participant."""

    lots: list[tuple[datetime, int]] = field(default_factory=list)
    forever: int = 0
    earned: int = 0
    spent: int = 0
    level: int = 0
    held: int | None = None
    badges: set[str] = field(default_factory=set)
    active: bool = True
    has_points: bool = False

    @property
    def balance(self) -> int:
        return self.forever + sum(left for _, left in self.lots)

    def settle(self, now: datetime) -> None:
        self.lots = sorted(lot for lot in self.lots if lot[0] > now and lot[1])

    def spend(self, amount: int) -> None:
        self.spent += amount
        drained = []
        for until, left in sorted(self.lots):
            taken = min(left, amount)
            amount -= taken
            drained.append((until, left - taken))
        self.lots = [lot for lot in drained if lot[1]]
        self.forever -= amount

    def reached(self) -> int:
        if not self.has_points:
            return 0
        return max(level for level, required in LEVELS.values() if required <= self.balance)

    def judge(self) -> None:
        if self.reached() > max(self.level, self.held or 0):
            self.level, self.held = self.reached(), None
        if self.earned >= 2000:
            self.badges.add("rich")
        if self.level >= 3:
            self.badges.add("golden")


class Commands(RuleBasedStateMachine):
    """Runs real command lines in process, and the model beside them."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Path(self.folder.name) / "model.db"
        self.now = datetime(2026, 2, 14, 10, tzinfo=UTC)
        self.people: dict[str, Person] = {}
        program = Path(self.folder.name) / "program.toml"
        program.write_text(PROGRAM)
        assert self.run("program", "apply", str(program))[0] == 0

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def run(self, *line: str) -> tuple[int, str]:
        out = io.TextIOWrapper(io.BytesIO(), "utf-8")
        env = {"GAMIFY_STORE": str(self.store), "GAMIFY_TEST_NOW": self.now.isoformat()}
        with (
            patch.dict(os.environ, env),
            patch.object(sys, "stdout", out),
            patch.object(sys, "stderr", io.StringIO()),
        ):
            code = app.run(["--yes", "--json", *line])
        out.flush()
        return code, out.buffer.getvalue().decode()

    def person(self, one: str) -> Person:
        return self.people.setdefault(one, Person())

    @rule(one=IDS, amount=AMOUNTS, days=st.none() | st.integers(1, 20))
    def award(self, one: str, amount: int, days: int | None) -> None:
        until = None if days is None else self.now + timedelta(days=days)
        more = [] if until is None else ["--expires-at", until.isoformat()]
        code, out = self.run("points", "award", one, str(amount), *more)
        if one in self.people and not self.people[one].active:
            assert code == 5
            return
        person = self.person(one)
        person.settle(self.now)
        person.earned += amount
        person.has_points = True
        if until is None:
            person.forever += amount
        else:
            person.lots.append((until, amount))
        person.judge()
        assert code == 0
        assert json.loads(out)["new_balance"] == person.balance

    @rule(one=IDS, amount=AMOUNTS)
    def deduct(self, one: str, amount: int) -> None:
        code, _ = self.run("points", "deduct", one, str(amount))
        known = self.people.get(one)
        if known and not known.active:
            assert code == 5
            return
        if known:
            known.settle(self.now)
        if not known or known.balance < amount:
            assert code == 6
            return
        known.spend(amount)
        known.judge()
        assert code == 0

    @rule(one=IDS, code=st.sampled_from(list(LEVELS)))
    def assign(self, one: str, code: str) -> None:
        exit_code, _ = self.run("tiers", "assign", one, code)
        if one in self.people and not self.people[one].active:
            assert exit_code == 5
            return
        person = self.person(one)
        person.settle(self.now)
        person.level, person.held = LEVELS[code][0], person.reached()
        person.judge()
        assert exit_code == 0

    @rule(one=IDS)
    def badge(self, one: str) -> None:
        code, _ = self.run("badges", "award", one, "kind")
        if one in self.people and not self.people[one].active:
            assert code == 5
            return
        self.person(one).badges.add("kind")
        assert code == 0

    @rule(one=IDS, active=st.booleans())
    def switch(self, one: str, active: bool) -> None:
        code, _ = self.run("participants", "activate" if active else "deactivate", one)
        assert code == (0 if one in self.people else 3)
        if one in self.people:
            self.people[one].active = active

    @rule(one=IDS, name=st.text(max_size=5).filter(lambda text: "\0" not in text))
    def edit(self, one: str, name: str) -> None:
        code, out = self.run("participants", "create", f"--display-name={name}", "--", one)
        assert code == 0
        assert json.loads(out)["display_name"] == name
        self.person(one)

    @rule(hours=st.integers(1, 400))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def sweep(self) -> None:
        assert self.run("store", "sweep")[0] == 0

    @rule(one=IDS)
    def rehearse(self, one: str) -> None:
        before = self.store.read_bytes()
        self.run("points", "award", one, "5", "--dry-run")
        assert self.store.read_bytes() == before

    @invariant()
    def the_profiles_are_as_promised(self) -> None:
        if not hasattr(self, "people"):
            return
        for one, person in self.people.items():
            person.settle(self.now)
            code, out = self.run("participants", "get", one)
            assert code == 0
            assert self.shown(json.loads(out)) == {
                "points": {
                    "balance": person.balance,
                    "total_earned": person.earned,
                    "total_spent": person.spent,
                },
                "level": person.level,
                "badges": person.badges,
                "active": person.active,
            }
            assert person.balance >= 0

    @invariant()
    def a_replay_of_the_journal_is_the_stored_row(self) -> None:
        if not getattr(self, "people", None):
            return
        session = Session(self.store, timeout=1)
        for one in self.people:
            row = session.one(sql.FIND_PARTICIPANT, {"participant_id": one})
            assert row
            stored = records.participant(row)
            replayed = Participant(one)
            facts = session.rows(sql.FIND_FACTS, {"participant_id": one, "until": 2**62})
            for fact in map(records.fact, facts):
                evolve(replayed, fact)
            replayed.recorded_at = stored.recorded_at
            assert replayed == stored
        session.close()

    @staticmethod
    def shown(profile: dict[str, Any]) -> dict[str, Any]:
        tier = profile["tier"]
        return {
            "points": profile["points"],
            "level": tier["level"] if tier else 0,
            "badges": {badge["code"] for badge in profile["badges"]},
            "active": profile["is_active"],
        }


Commands.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestCommands = Commands.TestCase
