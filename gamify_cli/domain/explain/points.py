"""Why a participant has its points: each lot with what filled it, and what was taken from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gamify_cli.domain import facts, instants
from gamify_cli.domain.explain import texts
from gamify_cli.domain.explain.nodes import Node, Step, View, more, node
from gamify_cli.domain.instants import Instant

Lot = Instant | None
"""The lot of points that run out at an instant; None for those that never do."""

Parts = Mapping[Lot, int]


class _Move(NamedTuple):
    """A fact that moved points, by how much in which lots, and what led to it."""

    step: Step
    parts: Parts
    causes: tuple[Step, ...]


@dataclass
class _Filled:
    """What is left of a lot, and what came and went: the newest moves, and sums of the others."""

    rest: int = 0
    moves: deque[_Move] = field(default_factory=deque)
    older: int = 0
    older_amount: int = 0


class Points:
    """The lots of one participant; holds no more moves than are told."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._lots: dict[Lot, _Filled] = {}
        self._newest: deque[_Move] = deque()
        self._moved = self._gone = 0

    def take(self, step: Step) -> None:
        fact = step.fact
        moved = _PARTS[fact.kind](fact.data) if fact.kind in _PARTS else {}
        if not moved:
            return
        move = _Move(step, moved, self._view.past.causes(step))
        self._moved += 1
        self._newest.append(move)
        for lot, amount in move.parts.items():
            filled = self._lots.setdefault(lot, _Filled())
            filled.rest += amount
            filled.moves.append(move)
        limit = self._view.limit
        if limit is not None and len(self._newest) > limit:
            self._forget(self._newest.popleft())

    def _forget(self, move: _Move) -> None:
        """Keep the sums alone of the oldest move, and nothing of a lot that nothing is left of."""
        for lot, amount in move.parts.items():
            filled = self._lots[lot]
            filled.moves.popleft()
            filled.older += 1
            filled.older_amount += amount
            if lot is not None and not filled.rest and not filled.moves:
                del self._lots[lot]
                self._gone += 1

    def root(self) -> Node:
        person = self._view.participant
        dated: list[tuple[Lot, _Filled]] = sorted(
            (lot, one) for lot, one in self._lots.items() if lot is not None
        )
        undated = self._lots.get(None)
        nodes = [
            *self._listed([one for one in dated if one[1].rest]),
            *([self._lot(None, undated)] if undated else []),
            *self._used_up([one for one in reversed(dated) if not one[1].rest]),
        ]
        expired = person.total_earned - person.total_spent - person.balance
        sums = {
            "balance": person.balance,
            "total_earned": person.total_earned,
            "total_spent": person.total_spent,
            "expired": expired,
        }
        told = f"points: earned {person.total_earned:,}, spent {person.total_spent:,}"
        text = f"{told}, ran out {expired:,}" if nodes else "points, and never had any"
        return node(
            "points", text, nodes, amount=person.balance, data={**sums, "moves": self._moved}
        )

    def _listed(self, lots: list[tuple[Lot, _Filled]], others: int = 0) -> list[Node]:
        """The first lots, and one node for the rest, with `others` of which nothing is left."""
        limit = len(lots) if self._view.limit is None else self._view.limit
        rest = lots[limit:]
        left = sum(filled.rest for _, filled in rest)
        shown = [self._lot(*one) for one in lots[:limit]]
        return [*shown, *more(len(rest) + others, "lot", amount=left)]

    def _used_up(self, lots: list[tuple[Lot, _Filled]]) -> list[Node]:
        """The lots that nothing is left of, the latest first."""
        count = len(lots) + self._gone
        if not count:
            return []
        text = f"left of {texts.count(count, 'lot')}, used up or run out"
        nodes = self._listed(lots, self._gone)
        return [node("used_up", text, nodes, amount=0, data={"count": count})]

    def _lot(self, lot: Lot, filled: _Filled) -> Node:
        past = self._view.past
        moves = [
            past.node(move.step, past.because(move.causes), amount=move.parts[lot])
            for move in reversed(filled.moves)
        ]
        older = more(filled.older, amount=filled.older_amount)
        data = {"rest": filled.rest, "expires_at": instants.text_or_none(lot)}
        return node("lot", texts.lot(lot), [*moves, *older], amount=filled.rest, data=data)


def parts(data: Mapping[str, Any]) -> Parts:
    """From which lots a debit took its points, as negative amounts."""
    drained: dict[Lot, int] = {lot: -amount for lot, amount in data.get("lots", ())}
    rest = data.get("amount", 0) + sum(drained.values())
    return {**drained, None: -rest} if rest else drained


def _reversed(data: Mapping[str, Any]) -> Parts:
    changed: dict[Lot, int] = {int(at): n for at, n in data["change"].get("lots", {}).items()}
    rest = data.get("amount", 0) - sum(changed.values())
    return {**changed, None: rest} if rest else changed


_PARTS: dict[str, Callable[[Mapping[str, Any]], Parts]] = {
    facts.POINTS_AWARDED: lambda data: {data.get("expires_at"): data["amount"]},
    facts.POINTS_DEDUCTED: parts,
    facts.POINTS_EXPIRED: lambda data: {data["expires_at"]: -data["amount"]},
    facts.REWARD_CLAIMED: parts,
    facts.REVERSED: _reversed,
}
