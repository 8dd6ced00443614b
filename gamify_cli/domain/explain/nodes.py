"""What every explanation is made of: nodes of a tree, each a fact or something said about facts.

A node is an object of kind, text (a line for people), amount (points that it adds to what stands
above it, or None), those of `_OF_FACTS` (None unless it is a fact), data (details) and nodes below
it. Where nodes below one have amounts, it has their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from gamify_cli.domain import facts, instants
from gamify_cli.domain.explain import texts
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.legible import legible
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program, Rule

Node = dict[str, Any]

_OF_FACTS = ("number", "cause", "occurred_at", "operation", "command", "actor", "undone_by")


class Step(NamedTuple):
    """A fact with who did it, and the program version that decided it.

    What is due, but not recorded yet, has None for all of them.
    """

    fact: Fact
    operation: str | None = None
    command: str | None = None
    actor: str | None = None
    program: int | None = None


class View(NamedTuple):
    """What is explained: a participant as it reads `now` under the program in force.

    At most `limit` facts are told one by one, None for all; `programs` finds the program of
    a version, `past` knows what was read of the journal.
    """

    participant: Participant
    program: Program
    now: Instant
    limit: int | None
    programs: Callable[[int | None], Program]
    past: Past


class Explained(Protocol):
    """One value that is explained; it reads all facts in their order before it is told."""

    def take(self, step: Step) -> None:
        """Read the next fact."""

    def root(self) -> Node:
        """The tree; raises NotFound for what the journal does not have."""


class Past:
    """What is known of the journal at the fact that is read."""

    def __init__(self) -> None:
        self._group: dict[int, Step] = {}
        self._undone: dict[str, str] = {}

    def take(self, step: Step) -> None:
        """Read the next fact."""
        data, operation = step.fact.data, step.operation
        if step.fact.kind == facts.REVERSED and operation is not None:
            self._undone[data["operation"]] = operation
            return
        # What a root leads to follows it at once, so that no more than that is held.
        if step.fact.cause is None:
            self._group = {}
        self._group[step.fact.number] = step

    def undone_by(self, operation: str | None) -> str | None:
        """The operation that took another one back, unless it was taken back itself."""
        chain = [operation]
        while chain[-1] in self._undone:
            chain.append(self._undone[chain[-1]])
        return chain[1] if len(chain) % 2 == 0 else None

    def causes(self, step: Step) -> tuple[Step, ...]:
        """The facts that led to the one read last, the nearest first."""
        found: list[Step] = []
        # An undo names what it took back, which is no reason for it.
        cause = None if step.fact.kind == facts.REVERSED else step.fact.cause
        while cause in self._group:
            found.append(self._group[cause])
            cause = found[-1].fact.cause
        return tuple(found)

    def node(self, step: Step, nodes: Iterable[Node] = (), *, amount: int | None = None) -> Node:
        """A fact, with who did it; once all were read."""
        fact = step.fact
        return {
            **node(fact.kind, texts.fact(fact), nodes, amount=amount, data=legible(fact.data)),
            "number": fact.number if step.operation else None,
            "cause": fact.cause,
            "occurred_at": instants.text(fact.occurred_at),
            "operation": step.operation,
            "command": step.command,
            "actor": step.actor,
            "undone_by": self.undone_by(step.operation),
        }

    def because(self, causes: Sequence[Step]) -> list[Node]:
        """The facts that led to one, each below what it led to."""
        below: list[Node] = []
        for cause in reversed(causes):
            below = [self.node(cause, below)]
        return below


def node(
    kind: str,
    text: str,
    nodes: Iterable[Node] = (),
    *,
    amount: int | None = None,
    data: dict[str, Any] | None = None,
) -> Node:
    """Something said about facts."""
    return {
        "kind": kind,
        "text": text,
        "amount": amount,
        **dict.fromkeys(_OF_FACTS),
        "data": data or {},
        "nodes": list(nodes),
    }


def of_rule(rule: Rule) -> Node:
    """A rule, by what it is for."""
    tests = texts.where(rule.where)
    text = f"rule {rule.code}: for event {rule.event}{tests and f' where {tests}'}"
    return node("rule", text, data={"rule": rule.code, "event": rule.event})


def more(count: int, what: str = "", *, amount: int | None = None) -> list[Node]:
    """A node for so many that are left out, each a `what`; none for nothing."""
    if not count:
        return []
    whats = f" {what if count == 1 else f'{what}s'}" if what else ""
    text = f"and {count:,} more{whats}"
    return [node("more", text, amount=amount, data={"count": count})]


def total(nodes: Iterable[Node]) -> int | None:
    """What some nodes add up to; None if none of them has an amount."""
    amounts = [one["amount"] for one in nodes if one["amount"] is not None]
    return sum(amounts) if amounts else None


def shortened(nodes: list[Node], limit: int | None, what: str = "") -> list[Node]:
    """The first nodes, and one for the rest."""
    rest = [] if limit is None else nodes[limit:]
    shown = nodes[: len(nodes) - len(rest)]
    return [*shown, *more(len(rest), what, amount=total(rest))]


def reversed_fields(fact: Fact, how: str) -> dict[str, Any]:
    """What an undo changed in the way `how` (see `reversing`); nothing for another fact."""
    if fact.kind != facts.REVERSED:
        return {}
    changed: dict[str, Any] = fact.data["change"].get(how, {})
    return changed
