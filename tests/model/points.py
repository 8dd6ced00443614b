"""What the rules promise of points: lots that run out, what spending drains, what was when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from model.streaks import text


@dataclass
class Purse:
    """The points of one participant: those that last, and lots by the time when they run out."""

    lasting: int = 0
    lots: dict[datetime, int] = field(default_factory=dict)
    earned: int = 0
    spent: int = 0
    latest: datetime | None = None
    moves: list[dict[str, Any]] = field(default_factory=list)
    past: list[Purse] = field(default_factory=list)

    @property
    def balance(self) -> int:
        return self.lasting + sum(self.lots.values())

    def totals(self) -> dict[str, int]:
        assert self.balance >= 0
        return {
            "balance": self.balance,
            "total_earned": self.earned,
            "total_spent": self.spent,
        }

    def twin(self) -> Purse:
        return replace(self, lots=dict(self.lots), moves=list(self.moves), past=list(self.past))

    def left(self, at: datetime) -> int:
        return self.lasting + sum(left for until, left in self.lots.items() if until > at)

    def add(self, amount: int, at: datetime, until: datetime | None) -> None:
        self.earned += amount
        if until is None:
            self.lasting += amount
        else:
            self.lots[until] = self.lots.get(until, 0) + amount
        self.moved("award", amount, at, until)

    def take(self, kind: str, amount: int, at: datetime) -> None:
        self.spent += amount
        rest = amount
        for until in sorted(self.lots):
            drained = min(rest, self.lots[until])
            self.lots[until] -= drained
            rest -= drained
        self.lots = {until: left for until, left in self.lots.items() if left}
        self.lasting -= rest
        self.moved(kind, -amount, at)

    def run_out(self, now: datetime) -> Iterator[datetime]:
        """Take out each lot that has run out, the soonest first."""
        for until in sorted(until for until in self.lots if until <= now):
            self.moved("expire", -self.lots.pop(until), until, until)
            yield until

    def moved(self, kind: str, amount: int, at: datetime, until: datetime | None = None) -> None:
        self.latest = at
        self.moves.append(
            {
                "type": kind,
                "amount": amount,
                "balance_after": self.balance,
                "expires_at": until and text(until),
                "created_at": text(at),
            }
        )
        self.past.append(replace(self, lots=dict(self.lots), moves=[], past=[]))

    def at(self, time: datetime) -> Purse:
        """What it was then: nothing is ever dated before what was recorded earlier."""
        known = [one for one in self.past if one.latest and one.latest <= time]
        purse = known[-1].twin() if known else Purse()
        list(purse.run_out(time))
        return purse

    def expiring(self, by: datetime) -> dict[str, Any]:
        lots = [(text(until), left) for until, left in sorted(self.lots.items())]
        return {
            "expiring": sum(left for until, left in self.lots.items() if until <= by),
            "lots": [
                {"remaining": left, "expires_at": until}
                for until, left in [*lots, (None, self.lasting)]
                if left
            ],
        }


def until(at: datetime, days: int | None) -> datetime | None:
    """When points of that life run out."""
    return None if days is None else at + timedelta(days=days)
