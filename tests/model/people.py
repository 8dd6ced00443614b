"""What the rules promise of one participant: points, tier, badges, streaks, challenges."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from model.points import Purse, until
from model.streaks import LONG_AGO, Streak, text

Document = dict[str, Any]
"""The program as it is written in its file."""


@dataclass
class Enrolment:
    """How far one challenge came: the times of the events that counted, by objective."""

    challenge: Document
    begins: datetime
    counted: dict[str, list[datetime]]
    completed: datetime | None = None

    @property
    def ends(self) -> datetime | None:
        return ends(self.challenge, self.begins)

    def is_reached(self, objective: Document) -> bool:
        return len(self.counted[objective["id"]]) >= objective.get("target", 1)

    def is_open(self, objective: Document, name: str, at: datetime) -> bool:
        """Whether an event of that name at that time counts for an objective."""
        opens = [self.begins, self.challenge.get("window", {}).get("from", self.begins)]
        for one in self.challenge["objectives"]:
            if one["id"] in objective.get("after", ()):
                if not self.is_reached(one):
                    return False
                opens += self.counted[one["id"]]
        in_time = max(opens) <= at and (self.ends is None or at < self.ends)
        return objective["event"] == name and in_time and not self.is_reached(objective)

    def status(self, now: datetime) -> str:
        if self.completed:
            return "completed"
        return "active" if self.ends is None or now < self.ends else "expired"


def ends(challenge: Document, begins: datetime) -> datetime | None:
    """From when on no event counts; the last second of a fixed window still does."""
    window = challenge.get("window")
    if not window:
        return None
    if "days" in window:
        return begins + timedelta(days=window["days"])
    end: datetime = window["to"] + timedelta(seconds=1)
    return end


@dataclass
class Person:
    """One participant under a program; `tiers` are the codes it had and since when."""

    program: Document
    registered: datetime
    earliest: datetime
    seen: datetime
    name: str | None = None
    active: bool = True
    purse: Purse = field(default_factory=Purse)
    level: int = 0
    held: int | None = None
    since: datetime = LONG_AGO
    tiers: list[tuple[str, datetime]] = field(default_factory=list)
    badges: dict[str, datetime] = field(default_factory=dict)
    streaks: dict[str, Streak] = field(default_factory=dict)
    events: list[tuple[str, datetime]] = field(default_factory=list)
    uses: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    challenges: dict[str, Enrolment] = field(default_factory=dict)
    claims: list[Document] = field(default_factory=list)

    def as_at(self, now: datetime) -> Person:
        """How it reads then, whether or not anything recorded what ran out."""
        twin = replace(self, purse=self.purse.twin(), tiers=list(self.tiers))
        twin.settle(now)
        return twin

    def settle(self, now: datetime) -> None:
        for at in self.purse.run_out(now):
            self.judge_tier(at)

    def see(self, at: datetime) -> None:
        self.earliest, self.seen = min(at, self.earliest), max(at, self.seen)

    def judge(self, at: datetime) -> None:
        self.judge_tier(at)
        self.judge_badges(at)

    def judge_tier(self, at: datetime) -> None:
        reached = self.reached()
        climbed = reached > max(self.level, self.held or 0)
        fell = self.program["tier_downgrade"] and reached < self.level and self.held is None
        if not climbed and not fell:
            return
        for tier in self.program["tiers"]:
            if (climbed and self.level < tier["level"] <= reached) or (
                fell and tier["level"] == reached
            ):
                self.tiers.append((tier["code"], at))
        self.level, self.held, self.since = reached, None, at

    def reached(self) -> int:
        """The level that the points reach by themselves."""
        if self.purse.latest is None:
            return 0
        by_balance = self.program["tier_basis"] == "balance"
        points = self.purse.balance if by_balance else self.purse.earned
        tiers = self.program["tiers"]
        return max(tier["level"] for tier in tiers if tier["points_required"] <= points)

    def judge_badges(self, at: datetime) -> None:
        for badge in self.program["badges"]:
            if "criterion" in badge and self.meets(badge["criterion"]):
                self.badges.setdefault(badge["code"], at)

    def meets(self, criterion: Document) -> bool:
        if "tier" in criterion:
            return self.level >= level_of(self.program, criterion["tier"])
        if "event" in criterion:
            names = [name for name, _ in self.events]
            return names.count(criterion["event"]) >= int(criterion["at_least"])
        if "streak" in criterion:
            streak = self.streaks.get(criterion["streak"])
            return streak is not None and streak.longest >= criterion["at_least"]
        if "balance" in criterion:
            return self.purse.balance >= int(criterion["balance"])
        return self.purse.earned >= int(criterion["total_earned"])

    def earn(self, amount: int, at: datetime, days: int | None) -> None:
        """Points of a rule or a challenge: never dated before those that it had already."""
        at = max(at, self.purse.latest or at)
        life = self.program.get("expires", {}).get("days") if days is None else days
        self.purse.add(amount, at, until(at, life))
        self.see(at)
        self.judge(at)

    def give(self, badge: str, at: datetime) -> bool:
        if badge in self.badges:
            return False
        self.badges[badge] = at
        self.see(at)
        return True

    def tick(self, code: str, at: datetime) -> bool:
        streak = self.streaks.setdefault(code, new_streak(self.program, code))
        if not streak.tick(at):
            return False
        self.see(at)
        self.judge_badges(at)
        return True

    def profile(self, now: datetime) -> Document:
        return {
            "points": self.purse.totals(),
            "tier": (self.level, text(self.since)) if self.level else None,
            "badges": {code: text(at) for code, at in self.badges.items()},
            "streaks": self.best_streak(now),
            "rewards_claimed": len(self.claims),
            "total_events": len(self.events),
            "first_seen_at": text(self.registered),
            "last_seen_at": text(self.seen),
            "is_active": self.active,
            "display_name": self.name,
        }

    def best_streak(self, now: datetime) -> Document | None:
        if not self.streaks:
            return None
        every = self.streaks.values()
        current, longest, latest = max((one.current(now), one.longest, one.latest) for one in every)
        return {"current": current, "longest": longest, "last_activity_at": text(latest)}

    def standing(self, now: datetime) -> Document:
        """By streak: its current and longest count, its latest tick, whether it is at risk."""
        standing: Document = {one["code"]: (0, 0, None, False) for one in self.program["streaks"]}
        for code, one in self.streaks.items():
            latest = text(one.latest)
            standing[code] = (one.current(now), one.longest, latest, one.is_at_risk(now))
        return standing

    def progress(self, now: datetime) -> Document:
        """By challenge: its status, how often each objective was met, when it was completed."""
        return {
            code: (
                one.status(now),
                [len(times) for times in one.counted.values()],
                text(one.begins),
                one.completed and text(one.completed),
            )
            for code, one in self.challenges.items()
        }


def level_of(program: Document, code: str) -> int:
    return next(int(tier["level"]) for tier in program["tiers"] if tier["code"] == code)


def new_streak(program: Document, code: str) -> Streak:
    entry = next(one for one in program["streaks"] if one["code"] == code)
    freezes = entry.get("freezes", {"stock": 0})
    days = {"daily": 1, "weekly": 7}[entry["period"]]
    return Streak(days, entry.get("grace", 0), freezes["stock"], freezes.get("earn_every"))
