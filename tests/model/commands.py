"""The commands as the rules promise them, on plain values: what is answered, or the exit code.

It is written from the rules alone, knows nothing of facts or rows, and reads the program out
of its file. Times are in UTC, where the program cuts its windows too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from model.events import Gift, followed, holds
from model.people import Document, Enrolment, Person, ends, level_of
from model.points import until
from model.streaks import text, window

UNKNOWN, CONFLICT, TOO_FEW = 3, 5, 6


class Refused(Exception):
    """The exit code with which a command fails; nothing has changed."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def refuse(when: bool, code: int) -> None:
    if when:
        raise Refused(code)


class Model:
    """Every participant, and what is left of the rewards, at the time `now`."""

    def __init__(self, program: Document, now: datetime) -> None:
        self.program = program
        self.now = now
        self.people: dict[str, Person] = {}
        self.stock = {one["id"]: one.get("stock") for one in program["rewards"]}
        self.codes: set[str] = set()
        self.loaded: set[str] = set()

    def entry(self, kind: str, code: str) -> Document:
        name = "id" if kind == "rewards" else "code"
        return next(one for one in self.program[kind] if one[name] == code)

    def known(self, one: str) -> Person:
        refuse(one not in self.people, UNKNOWN)
        return self.people[one]

    def require_active(self, one: str) -> None:
        refuse(one in self.people and not self.people[one].active, CONFLICT)

    def acting(self, one: str, at: datetime) -> Person:
        """Who interacts at a time: made if need be, and without what ran out by then."""
        person = self.people.setdefault(one, Person(self.program, at, at, at))
        person.settle(at)
        return person

    def award(self, one: str, amount: int, at: datetime, days: int | None) -> Document:
        self.require_order(one, at)
        person = self.acting(one, at)
        level, badges = person.level, set(person.badges)
        if days is None:
            days = self.program.get("expires", {}).get("days")
        person.purse.add(amount, at, until(at, days))
        person.see(at)
        person.judge(at)
        return {
            "amount": amount,
            "new_balance": person.purse.balance,
            "tier_upgrade": (level, person.level) if person.level > level else None,
            "badges_unlocked": set(person.badges) - badges,
        }

    def deduct(self, one: str, amount: int, at: datetime) -> Document:
        self.require_order(one, at)
        refuse(self.left(one, at) < amount, TOO_FEW)
        person = self.acting(one, at)
        person.purse.take("deduct", amount, at)
        person.see(at)
        person.judge(at)
        return {"amount": amount, "new_balance": person.purse.balance}

    def require_order(self, one: str, at: datetime) -> None:
        self.require_active(one)
        latest = self.people[one].purse.latest if one in self.people else None
        refuse(latest is not None and at < latest, CONFLICT)

    def left(self, one: str, at: datetime) -> int:
        return self.people[one].purse.left(at) if one in self.people else 0

    def balance_at(self, one: str, time: datetime) -> Document:
        person = self.known(one)
        if time >= self.now:
            return person.as_at(time).purse.totals()
        refuse(time < person.earliest, UNKNOWN)
        return person.purse.at(time).totals()

    def assign(self, one: str, code: str) -> None:
        self.require_active(one)
        person = self.acting(one, self.now)
        person.level, person.held = level_of(self.program, code), person.reached()
        person.since = self.now
        person.tiers.append((code, self.now))
        person.see(self.now)
        person.judge_badges(self.now)

    def badge(self, one: str, code: str) -> Document:
        self.require_active(one)
        is_new = self.acting(one, self.now).give(code, self.now)
        return {"earned_at": text(self.people[one].badges[code]), "already_earned": not is_new}

    def create(self, one: str, name: str) -> None:
        self.people.setdefault(one, Person(self.program, self.now, self.now, self.now)).name = name

    def switch(self, one: str, active: bool) -> None:
        self.known(one).active = active

    def sweep(self) -> Document:
        before = [len(person.purse.moves) for person in self.people.values()]
        for person in self.people.values():
            person.settle(self.now)
        after = [len(person.purse.moves) for person in self.people.values()]
        return {"participants": sum(x != y for x, y in zip(before, after, strict=True))}

    def tick(self, one: str, code: str, at: datetime) -> Document:
        self.require_active(one)
        person = self.acting(one, at)
        longest = person.streaks[code].longest if code in person.streaks else 0
        is_new = person.tick(code, at)
        streak = person.streaks[code]
        return {
            "streak_code": code,
            "new_count": streak.current(self.now),
            "longest_count": streak.longest,
            "is_new_record": streak.longest > longest,
            "already_recorded": not is_new,
        }

    def restore(self, one: str, code: str) -> None:
        self.known(one)
        self.require_active(one)
        refuse(code not in self.people[one].streaks, UNKNOWN)
        streak = self.people[one].streaks[code]
        if streak.has_lapsed(self.now) or streak.stock < streak.full:
            self.people[one].settle(self.now)
            streak.restore(self.now)

    def enroll(self, one: str, code: str) -> None:
        challenge = self.entry("challenges", code)
        self.require_active(one)
        if one in self.people and code in self.people[one].challenges:
            return
        end = ends(challenge, self.now)
        refuse(end is not None and end <= self.now, CONFLICT)
        person = self.acting(one, self.now)
        counted: dict[str, list[datetime]] = {each["id"]: [] for each in challenge["objectives"]}
        person.challenges[code] = Enrolment(challenge, self.now, counted)
        person.see(self.now)

    def event(self, one: str, name: str, properties: Document, at: datetime) -> Document:
        """What the rules give for an event, and a part of the reason for all that they refuse."""
        self.require_active(one)
        person = self.acting(one, at)
        rules = [each for each in self.program["rules"] if each["event"] == name]
        gifts = [Gift(each, person, properties, at) for each in rules if holds(each, properties)]
        advanced = [
            (enrolment, objective["id"])
            for enrolment in person.challenges.values()
            for objective in enrolment.challenge["objectives"]
            if enrolment.is_open(objective, name, at) and not enrolment.completed
        ]
        person.events.append((name, at))
        person.see(at)
        for enrolment, objective in advanced:
            enrolment.counted[objective].append(at)
        person.judge_badges(at)
        effects = [effect for gift in gifts for effect in gift.given(person, at)]
        for enrolment in person.challenges.values():
            if enrolment in [one for one, _ in advanced]:
                effects += followed(enrolment, person, at)
        refused = [(gift.rule["code"], gift.refused) for gift in gifts if gift.refused]
        return {"effects": effects, "refused": refused}

    def load(self, codes: Sequence[str]) -> Document:
        new = set(codes) - self.loaded
        self.loaded |= new
        self.codes |= new
        return {
            "loaded": len(new),
            "duplicates": len(codes) - len(new),
            "available_codes": len(self.codes),
        }

    def claim(self, one: str, reward_id: str, pay: bool, code: str | None) -> Document:
        """`code` is what was handed out: any one that nobody has."""
        reward = self.entry("rewards", reward_id)
        self.require_active(one)
        claimed = (
            [each["reward_id"] for each in self.people[one].claims] if one in self.people else []
        )
        refuse("expires_at" in reward and self.now >= reward["expires_at"], CONFLICT)
        cap = reward.get("max_claims_per_user")
        refuse(cap is not None and claimed.count(reward_id) >= cap, CONFLICT)
        refuse(self.available(reward_id) == 0, CONFLICT)
        cost = reward.get("points_cost", 0) if pay else 0
        refuse(self.left(one, self.now) < cost, TOO_FEW)
        person = self.acting(one, self.now)
        if self.stock[reward_id] == "codes":
            assert code in self.codes
            self.codes.remove(code)
        elif self.stock[reward_id] is not None:
            self.stock[reward_id] -= 1
        person.see(self.now)
        shown = {"reward_id": reward_id, "code": code, "points_deducted": cost}
        person.claims.append(shown | {"claimed_at": text(self.now)})
        if cost:
            person.purse.take("claim", cost, self.now)
            person.judge(self.now)
        return {"points_deducted": cost, "new_balance": person.purse.balance}

    def available(self, reward_id: str) -> int | None:
        stock: int | str | None = self.stock[reward_id]
        return len(self.codes) if isinstance(stock, str) else stock

    def ranking(self, code: str) -> list[Document]:
        """The leaderboard, best first; those who are level by their ids."""
        week, end = window(self.now, "week")
        if code != "busy":
            return [
                {**entry, "change": None}
                for entry in ranked(self.scores(lambda one: scored(one.as_at(self.now), code)))
            ]
        before = {one["participant_id"]: one["rank"] for one in self.weekly(week - (end - week))}
        return [
            {**entry, "change": change(before.get(entry["participant_id"]), entry["rank"])}
            for entry in self.weekly(week)
        ]

    def weekly(self, start: datetime) -> list[Document]:
        end = window(start, "week")[1]
        return ranked(
            self.scores(lambda one: sum(start <= at < end for _, at in one.events) or None)
        )

    def scores(self, score: Callable[[Person], int | None]) -> dict[str, int]:
        scores = {one: score(person) for one, person in self.people.items() if person.active}
        return {one: points for one, points in scores.items() if points is not None}


def scored(person: Person, code: str) -> int:
    return person.purse.balance if code == "balance" else person.purse.earned


def ranked(scores: dict[str, int]) -> list[Document]:
    best = sorted(scores, key=lambda one: (-scores[one], one))
    return [
        {
            "rank": 1 + sum(other > scores[one] for other in scores.values()),
            "participant_id": one,
            "score": scores[one],
        }
        for one in best
    ]


def change(before: int | None, now: int) -> str:
    if before is None:
        return "new"
    return "up" if now < before else "down" if now > before else "same"
