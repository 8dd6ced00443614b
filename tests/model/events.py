"""What the rules promise of events: what they give, what limits refuse, what challenges pay."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from model.people import Document, Enrolment, Person
from model.streaks import text, window

REACH = timedelta(days=35)
ROUNDINGS = {"down": ROUND_DOWN, "half_up": ROUND_HALF_UP}


class Gift:
    """What a rule gives for an event, judged before anything is given."""

    def __init__(self, rule: Document, person: Person, properties: Document, at: datetime) -> None:
        self.rule = rule
        self.amount: int | None = None
        self.refused = self.limited(person, at)
        self.is_some = self.refused is None
        if self.is_some and "points" in rule:
            self.amount = worth(rule, properties)
            if self.amount is None:
                self.refused = f'property "{rule["points"]["property"]}"'
                self.is_some = "badge" in rule or "streak" in rule

    def limited(self, person: Person, at: datetime) -> str | None:
        limit = self.rule.get("limit")
        if limit is None:
            return None
        if at < max(at, *(time for _, time in person.events), at) - REACH:
            return "over 35 days"
        start, end = window(at, limit["per"])
        used_up = person.uses[self.rule["code"], start] >= limit["times"]
        return f"until {text(end)}" if used_up else None

    def given(self, person: Person, at: datetime) -> list[Document]:
        if not self.is_some:
            return []
        if "limit" in self.rule:
            person.uses[self.rule["code"], window(at, self.rule["limit"]["per"])[0]] += 1
        effects = []
        if self.amount is not None:
            person.earn(self.amount, at, self.rule.get("expires", {}).get("days"))
            effects.append({"type": "points", "amount": self.amount})
        if "badge" in self.rule and person.give(self.rule["badge"], at):
            effects.append({"type": "badge", "code": self.rule["badge"]})
        if "streak" in self.rule and person.tick(self.rule["streak"], at):
            effects.append({"type": "streak", "code": self.rule["streak"]})
        return [{"rule": self.rule["code"], **effect} for effect in effects]


def followed(enrolment: Enrolment, person: Person, at: datetime) -> list[Document]:
    """What comes of an event that counted for a challenge."""
    challenge, effects = enrolment.challenge, []
    effects.append({"rule": None, "type": "challenge", "code": challenge["code"]})
    if not all(enrolment.is_reached(one) for one in challenge["objectives"]):
        return effects
    enrolment.completed = at
    reward = challenge.get("reward", {})
    if "points" in reward:
        person.earn(reward["points"], at, None)
        effects.append({"rule": None, "type": "points", "amount": reward["points"]})
    if "badge" in reward and person.give(reward["badge"], at):
        effects.append({"rule": None, "type": "badge", "code": reward["badge"]})
    return effects


def worth(rule: dict[str, Any], properties: dict[str, Any]) -> int | None:
    """The points that a rule makes of the properties of an event; None if it makes none."""
    if isinstance(rule["points"], int):
        return int(rule["points"])
    value = properties.get(rule["points"]["property"])
    if not is_number(value):
        return None
    rounding = ROUNDINGS[rule["points"]["rounding"]]
    amount = (value * Decimal(str(rule["points"]["times"]))).quantize(Decimal(1), rounding)
    return int(amount) if 1 <= amount <= 1_000_000 else None


def holds(rule: dict[str, Any], properties: dict[str, Any]) -> bool:
    """Whether the conditions of a rule hold: a text that must be the same, or a least number."""
    for name, test in rule.get("where", {}).items():
        value = properties.get(name)
        if not isinstance(test, dict):
            passed = value == test
        else:
            passed = is_number(value) and value >= test["gte"]
        if not passed:
            return False
    return True


def is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
