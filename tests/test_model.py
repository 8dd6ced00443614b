"""The commands against a simple model of what they promise, driven at random.

The model stands in `model/`. It is written from the rules alone: points as a list of what is
left and until when, a tier as a level, a streak as the periods that were ticked. Each subject
is driven by itself, so that its commands meet often, and all of them together.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from model.reads import IDS, Reads
from model.streaks import text

HOW = st.sampled_from(["once", "once", "rehearsed first", "repeated"])
AMOUNTS = st.integers(1, 700)
PAUSES = st.lists(st.sampled_from([0, 0, 1, 1, 24, 24, 24, 48, 72, 5 * 24]), min_size=1, max_size=4)
"""The hours before each of several times that a command runs: what is rare alone meets so."""

HOURS = st.sampled_from([0, 0, 0, 0, 1, 24, 24, 48, 72, 24 * 34, 24 * 36])
"""How long ago something happened that is told late."""

STREAKS = st.sampled_from(["strict", "saved", "saved", "weekly"])
NUMBERS = st.sampled_from(["7", "9.99", "10", "15", "49.9", "333.333"])
VALUES = NUMBERS | st.sampled_from(["0.1", "600000", "true", '"12"', "null"])
PROPERTIES = {
    "visit": st.fixed_dictionaries({"source": st.sampled_from(['"app"', '"app"', '"web"'])}),
    "buy": st.fixed_dictionaries({}, optional={"amount": NUMBERS | VALUES, "tip": VALUES}),
    "other": st.just({}),
}
EVENTS = st.sampled_from(["visit", "visit", "visit", "buy", "buy", "other"])


def levels(upgrade: dict[str, Any] | None) -> tuple[int, int] | None:
    """From which level to which."""
    return upgrade and (upgrade["previous_level"] or 0, upgrade["level"])


def part(reason: str) -> str:
    """What tells why a rule refused, and until when."""
    found = re.search(r'over 35 days|until \S+$|property "\w+"', reason)
    return found[0] if found else reason


class Awards(Reads):
    """Points come in."""

    @rule(
        one=IDS,
        amount=AMOUNTS,
        days=st.none() | st.integers(1, 5),
        hours=HOURS,
        how=HOW,
        pauses=PAUSES,
    )
    def award(
        self, one: str, amount: int, days: int | None, hours: int, how: str, pauses: list[int]
    ) -> None:
        for _ in self.after(pauses):
            at = self.now - timedelta(hours=hours)
            more = ["--expires-at", text(at + timedelta(days=days))] if days else []
            line = ("points", "award", one, str(amount), "--occurred-at", text(at), *more)
            code, body = self.write(how, *line)
            if body:
                body["tier_upgrade"] = levels(body["tier_upgrade"])
                body["badges_unlocked"] = set(body["badges_unlocked"])
            self.told((code, body), self.model.award, one, amount, at, days)


class Points(Awards):
    """Points come and go, with the tiers and badges that follow."""

    @rule(one=IDS, amount=st.integers(1, 300), hours=HOURS, how=HOW, pauses=PAUSES)
    def deduct(self, one: str, amount: int, hours: int, how: str, pauses: list[int]) -> None:
        for _ in self.after(pauses):
            at = self.now - timedelta(hours=hours)
            line = ("points", "deduct", one, str(amount), "--occurred-at", text(at))
            self.told(self.write(how, *line), self.model.deduct, one, amount, at)

    @rule(one=IDS, code=st.sampled_from(["bronze", "silver", "gold", "platinum"]), how=HOW)
    def assign(self, one: str, code: str, how: str) -> None:
        written = self.write(how, "tiers", "assign", one, code)
        self.told(written, self.model.assign, one, code)

    @rule(one=IDS, how=HOW)
    def badge(self, one: str, how: str) -> None:
        written = self.write(how, "badges", "award", one, "kind")
        self.told(written, self.model.badge, one, "kind")

    @rule(how=st.sampled_from(["once", "rehearsed first"]))
    def sweep(self, how: str) -> None:
        self.told(self.write(how, "store", "sweep"), self.model.sweep)

    @rule(one=IDS, hours=st.integers(-100, 800))
    def look_back(self, one: str, hours: int) -> None:
        at = self.now - timedelta(hours=hours)
        code, out = self.run("points", "balance", one, "--at", text(at))
        body = json.loads(out) if out else None
        self.told((code, body), self.model.balance_at, one, at)

    @rule(one=IDS, code=st.sampled_from(["balance", "earned", "busy"]))
    def rank(self, one: str, code: str) -> None:
        self.look_at_board(code, one)


class Streaks(Reads):
    """Ticks on time and late, and what an operator brings back."""

    @rule(one=IDS, code=STREAKS, hours=HOURS, how=HOW, pauses=PAUSES)
    def tick(self, one: str, code: str, hours: int, how: str, pauses: list[int]) -> None:
        for _ in self.after(pauses):
            at = self.now - timedelta(hours=hours)
            written = self.write(how, "streaks", "record", one, code, "--timestamp", text(at))
            self.told(written, self.model.tick, one, code, at)
        self.look_at_progress(one)

    @rule(one=IDS, code=STREAKS, how=HOW)
    def restore(self, one: str, code: str, how: str) -> None:
        written = self.write(how, "streaks", "restore", one, code, "--reason", "outage")
        self.told(written, self.model.restore, one, code)
        self.look_at_progress(one)


class Events(Reads):
    """Events, what they earn, and the challenges that they count for."""

    @rule(one=IDS, name=EVENTS, data=st.data(), hours=HOURS, how=HOW, pauses=PAUSES)
    def event(
        self, one: str, name: str, data: st.DataObject, hours: int, how: str, pauses: list[int]
    ) -> None:
        given = data.draw(PROPERTIES[name])
        parsed = {key: json.loads(value, parse_float=Decimal) for key, value in given.items()}
        properties = [f"--property={key}:={value}" for key, value in given.items()]
        for _ in self.after(pauses):
            at = self.now - timedelta(hours=hours)
            line = ("events", "record", one, name, "--timestamp", text(at), *properties)
            code, body = self.write(how, *line)
            if body:
                body["refused"] = [(no["rule"], part(no["reason"])) for no in body["refused"]]
            self.told((code, body), self.model.event, one, name, parsed, at)
        self.look_at_progress(one)

    @rule(one=IDS, code=st.sampled_from(["steps", "rolling", "fixed"]), how=HOW)
    def enroll(self, one: str, code: str, how: str) -> None:
        written = self.write(how, "challenges", "enroll", one, code)
        self.told(written, self.model.enroll, one, code)
        self.look_at_progress(one)


class Rewards(Awards):
    """Claims, and the codes that they take."""

    @rule(codes=st.lists(st.sampled_from("ABCDEF"), min_size=2, max_size=4), how=HOW)
    def load_codes(self, codes: list[str], how: str) -> None:
        written = self.write(how, "rewards", "load-codes", "coupon", self.file("\n".join(codes)))
        self.told(written, self.model.load, codes)
        self.look_at_stock()

    @rule(
        one=IDS,
        reward=st.sampled_from(["mug", "coupon", "coupon", "sticker"]),
        pay=st.booleans(),
        how=HOW,
        pauses=PAUSES,
    )
    def claim(self, one: str, reward: str, pay: bool, how: str, pauses: list[int]) -> None:
        for _ in self.after(pauses):
            code, body = self.write(how, "rewards", "claim", one, reward, *["--pay"] * pay)
            handed = body and body["code_value"]
            self.told((code, body), self.model.claim, one, reward, pay, handed)
        self.look_at_stock()


class Everything(Points, Streaks, Events, Rewards):
    """All commands together, on participants that come and go."""

    @rule(one=IDS, active=st.sampled_from([True, True, False]), how=HOW)
    def switch(self, one: str, active: bool, how: str) -> None:
        verb = "activate" if active else "deactivate"
        written = self.write(how, "participants", verb, one)
        self.told(written, self.model.switch, one, active)

    @rule(one=IDS, name=st.text(max_size=5).filter(lambda text: "\0" not in text), how=HOW)
    def create(self, one: str, name: str, how: str) -> None:
        line = ("participants", "create", one, f"--display-name={name}")
        self.told(self.write(how, *line), self.model.create, one, name)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """A key answers as it did, however long ago; for another request it is refused."""
        line, out = data.draw(st.sampled_from(self.kept))
        assert self.run(*line) == (0, out)
        if line[:2] == ("points", "award"):
            assert self.run(*line[:3], "1000", *line[4:])[0] == 5


for machine, examples in (
    (Points, 16),
    (Streaks, 16),
    (Events, 20),
    (Rewards, 8),
    (Everything, 8),
):
    machine.TestCase.settings = settings(
        max_examples=examples,
        stateful_step_count=25,
        suppress_health_check=list(HealthCheck),
    )
TestPoints = Points.TestCase
TestStreaks = Streaks.TestCase
TestEvents = Events.TestCase
TestRewards = Rewards.TestCase
TestEverything = Everything.TestCase
