"""Undo on histories made at random: late facts, changed programs, undo of undo.

After every command each participant is what its journal says, replayed and decided again without
what is reversed, and undo of an undo leaves no trace.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from model.lines import PROGRAM
from model.past import Past
from model.streaks import text
from test_concurrency import check

from gamify_cli.domain.participant import Participant

ACTS = (
    "points award {one} 300",
    "points award {one} 900",
    "points award {one} 200 --expires-at {soon}",
    "points deduct {one} 150",
    "participants create {one} --display-name Ada",
    "participants update {one} --attr timezone=Asia/Tokyo",
    "participants update ada bob --attr plan=gold",
    "participants deactivate {one}",
    "participants activate {one}",
    "badges award {one} kind",
    "tiers assign {one} gold",
    "streaks record {one} saved",
    "streaks record {one} saved --timestamp {late}",
    "streaks record {one} weekly",
    "streaks restore {one} strict --reason outage",
    "events record {one} visit --property source=app",
    "events record {one} visit --property source=app --timestamp {late}",
    "events record {one} buy --property amount:=49.9",
    "challenges enroll {one} steps",
    "rewards claim {one} mug --pay",
    "rewards claim {one} coupon --pay",
    "rewards claim {one} sticker",
    "store sweep",
)
"""Commands on a participant; some are refused now and then, which is nothing here."""

IDS = st.sampled_from(["ada", "ada", "ada", "bob"])
CHANGES = st.sampled_from(
    [
        ("points_required = 500 ", "points_required = 350 "),
        ('tier_basis = "balance"', 'tier_basis = "total_earned"'),
        ("stock = 2 }", "stock = 9 }"),
        ("{ total_earned = 2000 }", "{ total_earned = 600 }"),
        ("grace = 1", "grace = 0"),
    ]
)


class Undoing(Past):
    """Every kind of command, undone in any order."""

    @rule(one=IDS, acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=4))
    def act(self, one: str, acts: list[str]) -> None:
        for act in acts:
            soon, late = (text(self.now + timedelta(hours=n)) for n in (30, -50))
            line = act.format(one=one, soon=soon, late=late)
            assert self.run(*shlex.split(line))[0] in (0, 3, 5, 6, 9), line

    @rule(codes=st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=3, unique=True))
    def load(self, codes: list[str]) -> None:
        assert self.run("rewards", "load-codes", "coupon", self.file("\n".join(codes)))[0] == 0

    @rule(ids=st.lists(IDS, min_size=1, max_size=4), hours=st.sampled_from([0, 0, 30, 80]))
    def bring(self, ids: list[str], hours: int) -> None:
        """Events of several, in one operation."""
        at = text(self.now - timedelta(hours=hours))
        event = {"event_name": "visit", "properties": {"source": "app"}, "timestamp": at}
        lines = [json.dumps({"participant_id": one, **event}) for one in ids]
        assert self.run("events", "import", self.file("\n".join(lines)))[0] in (0, 9)

    @rule(change=CHANGES)
    def change(self, change: tuple[str, str]) -> None:
        program = 'tier_basis = "balance"\n' + PROGRAM.read_text()
        assert self.run("program", "apply", self.file(program.replace(*change)))[0] == 0

    @rule(data=st.data(), on_short=st.sampled_from(["clamp", "clamp", "refuse"]))
    def undo(self, data: st.DataObject, on_short: str) -> None:
        line = ("operations", "undo", self.any_operation(data), "--on-short", on_short)
        code, out = self.run(*line, "--dry-run")
        assert self.run(*line)[0] == code, line
        assert code in (0, 5, 6)
        assert code or json.loads(out)["complete"]

    @rule(data=st.data())
    def undo_and_take_back(self, data: st.DataObject) -> None:
        """It is as if neither had happened."""
        assert self.run("store", "sweep")[0] == 0
        before, listed = check(self.store), self.read("rewards", "list")
        code, out = self.run("operations", "undo", self.any_operation(data), "--on-short", "clamp")
        if code == 0:
            self.checked()
            undone = json.loads(out)["undo"]
            assert self.run("operations", "undo", undone, "--on-short", "clamp")[0] == 0
            assert timeless(check(self.store)) == timeless(before)
            assert self.read("rewards", "list") == listed

    @rule()
    def simulate(self) -> None:
        """Each fact under its own version of the program leads to what is, undone or not."""
        other = self.file('name = "other"')
        told = self.read("program", "simulate", other, "--since", "2100-01-01")
        assert (told["summary"]["changed"], told["participants"]) == (0, [])

    def any_operation(self, data: st.DataObject) -> str:
        every = self.read("operations", "list", "--all")
        at = data.draw(st.integers(0, len(every) - 1) | st.integers(0, min(3, len(every) - 1)))
        return str(every[at]["id"])

    @invariant()
    def checked(self) -> None:
        if not Path(self.store).exists():
            return
        for one, stored in check(self.store).items():
            code, plain = self.run("participants", "get", one)
            assert (code == 0) is stored.exists
            assert self.run("participants", "get", one, "--at", "now") == (code, plain)


def timeless(people: dict[str, Participant]) -> dict[str, Any]:
    """Participants but for how many facts led there, and when they were recorded."""
    return {one: replace(state, version=0, recorded_at=0) for one, state in people.items()}


Undoing.TestCase.settings = settings(
    max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestUndoing = Undoing.TestCase
