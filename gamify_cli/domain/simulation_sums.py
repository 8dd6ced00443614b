"""What a simulation comes to: sums over all changes, and the largest of them."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

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
SETS = ("badges", "challenges")


def moved(stored: int, then: int) -> Body:
    """A number as it is and as it would be."""
    return {"from": stored, "to": then, "change": then - stored}


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
        for name in SETS:
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
        codes = sum(len(body[name]["gained"]) + len(body[name]["lost"]) for name in SETS)
        weight = (abs(body["balance"]["change"]), abs(earned), tier["from"] != tier["to"], codes)
        keep = heapq.heappush if len(self._largest) < LARGEST else heapq.heappushpop
        keep(self._largest, (*weight, -self.changed, body))

    def body(self) -> Body:
        """All sums, as they are shown."""
        stored, change = self._stored, self._moved
        sums = {name: moved(stored[name], stored[name] + change[name]) for name in AMOUNTS}
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
