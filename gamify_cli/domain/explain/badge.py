"""Why a participant has a badge, or what is met and missing of each way to earn it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from gamify_cli.domain import challenges, facts
from gamify_cli.domain.decide.consequences import level
from gamify_cli.domain.explain.changes import Changes
from gamify_cli.domain.explain.nodes import Node, Step, View, node, of_rule, reversed_fields
from gamify_cli.domain.program import Badge as Definition
from gamify_cli.domain.program import Challenge
from gamify_cli.errors import NotFound, nearest


class Badge:
    """One badge of one participant. Raises NotFound for a code that no program had."""

    def __init__(self, view: View, code: str) -> None:
        self._view = view
        self._badge = _find(view, code)
        self._changes = Changes(view)

    def take(self, step: Step) -> None:
        fact = step.fact
        badges = reversed_fields(fact, "merge").get("badges", {})
        is_earned = fact.kind == facts.BADGE_EARNED and fact.data["code"] == self._badge.code
        if is_earned or self._badge.code in badges:
            self._changes.add(step)

    def root(self) -> Node:
        code, program = self._badge.code, self._view.program
        earned = code in self._view.participant.badges
        ways = [*self._ways()]
        if not ways and code in program.badges:
            text = f"given by hand alone: gamify badges award ID {code}"
            ways = [node("by_hand", text)]
        if code not in program.badges:
            ways.append(node("inactive", "the program in force has it no more"))
        text = f"{self._badge.name}: {'earned' if earned else 'not earned'}"
        data = {"code": code, "name": self._badge.name, "earned": earned}
        return node("badge", text, [*self._changes.nodes(), *ways], data=data)

    def _ways(self) -> Iterator[Node]:
        program, code = self._view.program, self._badge.code
        if self._badge.criterion is not None:
            yield _criterion(self._badge.criterion, self._view)
        rules = chain.from_iterable(program.rules.values())
        yield from (of_rule(one) for one in rules if one.badge == code)
        for challenge in program.challenges.values():
            if (challenge.reward or {}).get("badge") == code:
                yield challenge_node(challenge, self._view)


def challenge_node(challenge: Challenge, view: View) -> Node:
    """How far a participant is in a challenge."""
    enrolment = view.participant.challenges.get(challenge.code)
    what = f"challenge {challenge.code}"
    if enrolment is None:
        return node("challenge", f"{what}: not enrolled", data={"challenge": challenge.code})
    status = challenges.status(challenge, enrolment, view.now)
    below = [
        _measured("objective", one.id, challenges.count(enrolment, one), one.target)
        for one in challenge.objectives
    ]
    data = {"challenge": challenge.code, "status": status}
    return node("challenge", f"{what}: {status}", below, data=data)


def _find(view: View, code: str) -> Definition:
    try:
        return view.program.badge(code)
    except KeyError:
        raise NotFound(
            f'badge "{code}" not found', hint=nearest(code, view.program.badges)
        ) from None


def _criterion(criterion: Mapping[str, Any], view: View) -> Node:
    person = view.participant
    if "tier" in criterion:
        wanted = view.program.tier(criterion["tier"])
        return _measured(
            "criterion", f"tier {wanted.name}", level(person, view.program), wanted.level
        )
    if "event" in criterion:
        name = criterion["event"]
        has, what = person.events.get(name, 0), f"event {name}"
        return _measured("criterion", what, has, criterion["at_least"])
    if "streak" in criterion:
        code = criterion["streak"]
        has = person.streaks.get(code, {}).get("longest", 0)
        return _measured("criterion", f"longest streak {code}", has, criterion["at_least"])
    ((name, needed),) = criterion.items()
    return _measured("criterion", name.replace("_", " "), getattr(person, name), needed)


def _measured(kind: str, what: str, has: int, needed: int) -> Node:
    """Something that takes a number of something."""
    missing = max(0, needed - has)
    state = "met" if not missing else f"{missing:,} missing"
    data = {"has": has, "needed": needed, "missing": missing, "met": not missing}
    return node(kind, f"{what} {has:,} of {needed:,}: {state}", data=data)
