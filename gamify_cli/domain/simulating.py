"""What another program makes of participants beside what they are, one by one and added up.

A change is a `simulated` body (`domain.outputs_simulation`): amounts and tier `from` and `to`,
codes gained and lost, and what of the journal the program would not have allowed.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from gamify_cli.domain.again import Again
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.views_streaks import current_at

Body = dict[str, Any]

LARGEST = 20
"""So many changes are told of all where nobody asked for each."""

UNKNOWN = (
    "commands that were refused are not in the journal, and are not tried again",
    "what was given by hand stays: badges, tiers, rewards at the price they were claimed for",
    "who was erased is left out, for what was decided on is gone",
    "what people would have done otherwise under this program",
)
"""What no simulation can know."""

AMOUNTS = ("balance", "total_earned", "total_spent", "expiring")
_SETS = ("badges", "challenges")


def amounts(participant: Participant) -> dict[str, int]:
    """The amounts that are compared; `expiring` is what of the balance has an end."""
    return {
        "balance": participant.balance,
        "total_earned": participant.total_earned,
        "total_spent": participant.total_spent,
        "expiring": sum(participant.lots.values()),
    }


def change(stored: Participant, again: Again, then: Participant, now: Instant) -> Body | None:
    """How one who is `stored` changes; None if nothing does that is compared.

    Both are as they read `now`; `then` is what was decided `again`.
    """
    told: Body = {
        "participant_id": stored.participant_id,
        **_moves(amounts(stored), amounts(then)),
        "tier": {"from": stored.tier, "to": then.tier},
        "badges": _set(stored.badges, then.badges),
        "challenges": _set(_completed(stored), _completed(then)),
        "streaks": _streaks(stored, then, now),
        "clamped": [
            {**_root(one.root), "asked": one.asked, "taken": one.taken} for one in again.clamped
        ],
        "refused": [{**_root(one.root), "reason": one.reason} for one in again.refused],
    }
    is_same = (
        all(told[name]["from"] == told[name]["to"] for name in (*AMOUNTS, "tier"))
        and not any(told[name]["gained"] or told[name]["lost"] for name in _SETS)
        and not (told["streaks"] or told["clamped"] or told["refused"])
    )
    return None if is_same else told


def forget(result: Again, before: Again) -> None:
    """Leave out of what was clamped or refused what is so in the journal already."""
    clamped = {(one.root.fact.number, one.taken) for one in before.clamped}
    refused = {one.root.fact.number for one in before.refused}
    result.clamped = [
        one for one in result.clamped if (one.root.fact.number, one.taken) not in clamped
    ]
    result.refused = [one for one in result.refused if one.root.fact.number not in refused]


def _moves(stored: Mapping[str, int], then: Mapping[str, int]) -> dict[str, Body]:
    return {name: _move(stored[name], then[name]) for name in AMOUNTS}


def _move(stored: int, then: int) -> Body:
    return {"from": stored, "to": then, "change": then - stored}


def _set(stored: Mapping[str, Any], then: Mapping[str, Any]) -> Body:
    gained = sorted(code for code in then if code not in stored)
    return {"gained": gained, "lost": sorted(code for code in stored if code not in then)}


def _completed(participant: Participant) -> dict[str, Instant]:
    found = participant.challenges.items()
    return {code: one["completed_at"] for code, one in found if one["completed_at"] is not None}


def _streaks(stored: Participant, then: Participant, now: Instant) -> list[Body]:
    found = []
    for code in sorted({**stored.streaks, **then.streaks}):
        (old, best), (new, better) = _counts(stored, code, now), _counts(then, code, now)
        if (old, best) != (new, better):
            found.append({"code": code, "current": _move(old, new), "longest": _move(best, better)})
    return found


def _counts(participant: Participant, code: str, now: Instant) -> tuple[int, int]:
    kept = participant.streaks.get(code)
    return (0, 0) if kept is None else (current_at(kept, now), kept["longest"])


def _root(root: Any) -> Body:
    return {"number": root.fact.number, "kind": root.fact.kind}


class Summary:
    """Sums over all changes of a simulation, and the largest of them."""

    def __init__(self, name: str, since: str | None) -> None:
        """`name` is that of the program; `since` a time as it is shown."""
        self._told = {"name": name, "since": since}
        self.participants = self.facts = self.changed = self.erased = 0
        self._stored: Counter[str] = Counter()
        self._moved: Counter[str] = Counter()
        self._points: Counter[str] = Counter()
        self._tiers: Counter[tuple[str | None, str | None]] = Counter()
        self._codes: Counter[tuple[str, str, str]] = Counter()
        self._clamped: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._largest: list[tuple[Any, ...]] = []

    def add(
        self,
        participants: int,
        facts: int,
        erased: int,
        stored: Mapping[str, int],
        changed: Iterable[Body],
    ) -> None:
        """So many were decided again; `stored` are their amounts together."""
        self.participants += participants
        self.facts += facts
        self.erased += erased
        self._stored.update(stored)
        for body in changed:
            self._take(body)

    @property
    def largest(self) -> list[Body]:
        """The changes that move most, the largest first."""
        return [one[-1] for one in sorted(self._largest, key=lambda one: one[:-1], reverse=True)]

    def _take(self, body: Body) -> None:
        self.changed += 1
        for name in AMOUNTS:
            self._moved[name] += body[name]["change"]
        points, tier = body["balance"]["change"], body["tier"]
        if points:
            side, sum_ = ("gaining", "gained") if points > 0 else ("losing", "lost")
            self._points.update({side: 1, sum_: abs(points)})
        if tier["from"] != tier["to"]:
            self._tiers[tier["from"], tier["to"]] += 1
        for name in _SETS:
            for way, codes in body[name].items():
                self._codes.update((name, code, way) for code in codes)
        for one in body["streaks"]:
            counts = one["current"]["change"], one["longest"]["change"]
            self._codes["streaks", one["code"], "longer" if max(counts) > 0 else "shorter"] += 1
        if body["clamped"]:
            short = sum(one["asked"] - one["taken"] for one in body["clamped"])
            debits = len(body["clamped"])
            self._clamped.update({"participants": 1, "debits": debits, "points": short})
        self._refused.update(one["kind"] for one in body["refused"])
        self._weigh(body)

    def _weigh(self, body: Body) -> None:
        """Keep it if it is one of the largest; of two equal ones the first."""
        earned, tier = body["total_earned"]["change"], body["tier"]
        codes = sum(len(body[name]["gained"]) + len(body[name]["lost"]) for name in _SETS)
        weight = (abs(body["balance"]["change"]), abs(earned), tier["from"] != tier["to"], codes)
        keep = heapq.heappush if len(self._largest) < LARGEST else heapq.heappushpop
        keep(self._largest, (*weight, -self.changed, body))

    def body(self) -> Body:
        """All sums, as they are shown."""
        stored, moved = self._stored, self._moved
        sums = {name: _move(stored[name], stored[name] + moved[name]) for name in AMOUNTS}
        points = ("gaining", "gained", "losing", "lost")
        return {
            **self._told,
            "participants": self.participants,
            "facts": self.facts,
            "changed": self.changed,
            "erased": self.erased,
            "points": {name: self._points[name] for name in points},
            **sums,
            "tiers": [
                {"from": old, "to": new, "participants": count}
                for (old, new), count in self._tiers.most_common()
            ],
            "badges": self._by_code("badges", "gained", "lost"),
            "challenges": self._by_code("challenges", "gained", "lost"),
            "streaks": self._by_code("streaks", "longer", "shorter"),
            "clamped": {name: self._clamped[name] for name in ("participants", "debits", "points")},
            "refused": [
                {"kind": kind, "facts": count} for kind, count in self._refused.most_common()
            ],
            "unknown": [*UNKNOWN],
        }

    def _by_code(self, name: str, *ways: str) -> list[Body]:
        codes = sorted({code for kind, code, _ in self._codes if kind == name})
        return [
            {"code": code, **{way: self._codes[name, code, way] for way in ways}} for code in codes
        ]
