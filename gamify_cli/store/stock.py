"""What is left of each reward: a row a code, or one row that counts down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gamify_cli.backend import Body, Write
from gamify_cli.domain import jsontext
from gamify_cli.domain.decide import rewards as rules
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.program import Reward
from gamify_cli.store.session import Session

TOLD = 20
"""So many repeated codes are named by their places."""

_CODES = "codes"


@dataclass
class Load:
    """What became of codes: how many are new, how many were there, and the first places of those.

    Places count from 1.
    """

    loaded: int = 0
    repeats: int = 0
    places: list[int] = field(default_factory=list)

    def sift(self, group: Sequence[str], known: set[str]) -> list[str]:
        """Count the next codes, and return those that are not known; now they are."""
        new = []
        for number, code in enumerate(group, self.loaded + self.repeats + 1):
            if code not in known:
                known.add(code)
                new.append(code)
            elif len(self.places) < TOLD:
                self.places.append(number)
        self.loaded += len(new)
        self.repeats += len(group) - len(new)
        return new


class Stock:
    """The stock of every reward on one session; called inside its transactions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def left(self, reward: Reward) -> int | None:
        """How many can still be claimed; None for no limit."""
        if isinstance(reward.stock, int):
            row = self._session.one(self._session.sql.FIND_COUNTER, {"reward_id": reward.id})
            # It is below zero where the program lowered the number below what was claimed.
            return max(0, row[0]) if row else reward.stock
        if reward.stock == _CODES:
            (count,) = self._session.one(
                self._session.sql.COUNT_CODES, {"reward_id": reward.id}
            ) or (0,)
            return int(count)
        return None

    def next(self, reward: Reward, write: Write) -> rules.Stock:
        """What the next claim gets; a rehearsal sees no code, for it may soon be another's."""
        if write.dry_run:
            left = self.left(reward)
            return left and max(0, left - self._session.rehearsal.claims[reward.id])
        if isinstance(reward.stock, int):
            return self._locked_left(reward, reward.stock)
        return self._locked_code(reward) if reward.stock == _CODES else None

    def _locked_left(self, reward: Reward, stock: int) -> int:
        sql, one = self._session.sql, {"reward_id": reward.id}
        self._session.run(sql.START_COUNTER, one | {"remaining": stock})
        row = self._session.one(sql.LOCK_COUNTER, one)
        return max(0, row[0]) if row else 0

    def _locked_code(self, reward: Reward) -> str | Literal[0]:
        """A code that nobody else is taking or, if there is none, the one that gets free."""
        sql, one = self._session.sql, {"reward_id": reward.id}
        row = self._session.one(sql.LOCK_CODE, one) or self._session.one(sql.AWAIT_CODE, one)
        return str(row[0]) if row else 0

    def take(self, reward: Reward, claim: Fact, participant_id: str, write: Write) -> None:
        """Take from the stock what a claim got."""
        if write.dry_run:
            self._session.rehearsal.claims[reward.id] += 1
        elif isinstance(reward.stock, int):
            self._session.run(
                self._session.sql.CHANGE_COUNTER, {"reward_id": reward.id, "change": -1}
            )
        elif reward.stock == _CODES:
            taken = {
                "reward_id": reward.id,
                "code": claim.data["code"],
                "claim_id": claim.data["id"],
                "participant_id": participant_id,
                "operation": write.operation.operation,
            }
            self._session.run(self._session.sql.TAKE_CODE, taken)

    def load(self, reward: Reward, groups: Iterable[Sequence[str]], *, dry_run: bool) -> Load:
        """Add codes but those that are there already; a rehearsal only tells them apart."""
        rehearsed: set[str] = set()
        load = Load()
        for group in groups:
            known = self._known(reward, group) | rehearsed.intersection(group)
            new = load.sift(group, known)
            if dry_run:
                rehearsed.update(new)
            else:
                self._session.run(self._session.sql.KEEP_CODES, _asked(reward, sorted(new)))
        return load

    def _known(self, reward: Reward, codes: Sequence[str]) -> set[str]:
        return {
            row[0]
            for row in self._session.rows(self._session.sql.FIND_CODES, _asked(reward, codes))
        }

    def follow(self, before: Body, after: Body) -> None:
        """Move the counters as a new program moves its numbers: what was claimed stays claimed.

        Both are documents of programs.
        """
        dropped = before.get("inactive", {}).get("rewards", ())
        was = {entry["id"]: entry["stock"] for entry in (*dropped, *before.get("rewards", ()))}
        for entry in after["rewards"]:
            reward_id, old, new = entry["id"], was.get(entry["id"]), entry["stock"]
            if not isinstance(old, int) or old == new:
                continue
            if isinstance(new, int):
                counter = {"reward_id": reward_id, "change": new - old}
                self._session.run(self._session.sql.CHANGE_COUNTER, counter)
            else:
                self._session.run(self._session.sql.DROP_COUNTER, {"reward_id": reward_id})


def _asked(reward: Reward, codes: Sequence[str]) -> dict[str, str]:
    return {"reward_id": reward.id, "codes": jsontext.compact(codes)}
