"""What one event earned, by which rules, and why it earned no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gamify_cli.domain import conditions, facts, jsontext
from gamify_cli.domain.explain import texts
from gamify_cli.domain.explain.missed import missed
from gamify_cli.domain.explain.nodes import Node, Past, Step, View, node, total
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.domain.program import Program, Rule
from gamify_cli.errors import NotFound, nearest


class Event:
    """One event by its id, and all the facts that it led to."""

    def __init__(self, view: View, event_id: str) -> None:
        self._view = view
        self._id = event_id
        self._found: Step | None = None
        self._before = Participant(view.participant.participant_id)
        self._led_to: defaultdict[int | None, list[Step]] = defaultdict(list)

    def take(self, step: Step) -> None:
        fact = step.fact
        if fact.kind == facts.EVENT_RECORDED and fact.data["id"] == self._id:
            self._found = step
        elif self._found is None:
            evolve(self._before, fact)
        elif self._found in self._view.past.causes(step):
            self._led_to[fact.cause].append(step)

    def root(self) -> Node:
        if self._found is None:
            raise NotFound(
                f'event "{self._id}" not found', hint="see: gamify events list ID --json"
            )
        fact = self._found.fact
        program = self._view.programs(self._found.program)
        effects = _Effects(self._led_to, self._view.past, fact.number)
        nodes = [
            *(_rule(one, fact.data, effects) for one in program.rules.get(fact.data["event"], ())),
            *(_progress(*one) for one in fact.data.get("progress", {}).items()),
            *_counted(fact.data, program),
            *missed(fact, self._before, program),
            *effects.rest(),
        ]
        nodes = nodes or [_nothing(fact.data["event"], program)]
        return self._view.past.node(self._found, nodes, amount=total(nodes))


class _Effects:
    """What an event led to at once, each taken by the rule that gave it."""

    def __init__(self, led_to: Mapping[int | None, list[Step]], past: Past, event: int) -> None:
        self._led_to = led_to
        self._past = past
        self._left = [*led_to.get(event, ())]

    def taken(self, is_its: Callable[[Step], bool]) -> list[Node]:
        """Those that pass a test, which are no other's then."""
        found = [one for one in self._left if is_its(one)]
        self._left = [one for one in self._left if one not in found]
        return [self._node(one) for one in found]

    def rest(self) -> list[Node]:
        """Those that nothing took."""
        return self.taken(lambda _: True)

    def _node(self, step: Step) -> Node:
        below = [self._node(one) for one in self._led_to.get(step.fact.number, ())]
        paid = step.fact.data["amount"] if step.fact.kind == facts.POINTS_AWARDED else None
        return self._past.node(step, below, amount=total(below) if paid is None else paid)


def _rule(rule: Rule, data: Mapping[str, Any], effects: _Effects) -> Node:
    told: dict[str, Any] = {"rule": rule.code}
    if rule.code not in data.get("matched", ()):
        failed = [*_failed(rule, data)]
        return node(
            "rule", f"rule {rule.code}: does not match", failed, data=told | {"matched": False}
        )
    refused = [one for one in data.get("refused", ()) if one["rule"] == rule.code]
    given = effects.taken(lambda step: step.fact.data.get("rule") == rule.code)
    ticks = effects.taken(lambda step: _is_tick(step, rule)) if rule.streak else []
    nodes = [*given, *ticks, *map(_refusal, refused)]
    if not refused:
        nodes += _repeats(rule, given, ticks)
    told |= {"matched": True}
    return node("rule", f"rule {rule.code}: matches", nodes, amount=total(nodes), data=told)


def _is_tick(step: Step, rule: Rule) -> bool:
    fact = step.fact
    return fact.kind == facts.STREAK_RECORDED and fact.data["code"] == rule.streak


def _refusal(refused: Mapping[str, Any]) -> Node:
    return node("refused", f"refused: {refused['reason']}", data={"reason": refused["reason"]})


def _repeats(rule: Rule, given: list[Node], ticks: list[Node]) -> Iterator[Node]:
    """What a rule could not give once more."""
    if rule.badge and not any(one["kind"] == facts.BADGE_EARNED for one in given):
        yield node("repeat", f"badge {rule.badge} was earned before")
    if rule.streak and not ticks:
        yield node("repeat", f"streak {rule.streak} had its tick for that period")


def _failed(rule: Rule, data: Mapping[str, Any]) -> Iterator[Node]:
    """The conditions that the event's properties do not meet."""
    if data.get("redacted"):
        yield node("condition", "its properties were erased")
        return
    properties = data.get("properties", {})
    for path, tests in (rule.where or {}).items():
        for test, operand in tests.items():
            if conditions.hold({path: {test: operand}}, properties):
                continue
            value = conditions.at(properties, path)
            is_missing = value is conditions.MISSING
            was = "it is missing" if is_missing else f"it was {jsontext.compact(value)}"
            told = {"property": path, "test": test, "operand": operand}
            text = f"{path} {texts.test((test, operand))}: {was}"
            yield node("condition", text, data=told | ({} if is_missing else {"value": value}))


def _progress(code: str, objectives: list[str]) -> Node:
    text = f"counts for challenge {code}: {', '.join(objectives)}"
    return node("progress", text, data={"challenge": code, "objectives": objectives})


def _counted(data: Mapping[str, Any], program: Program) -> Iterator[Node]:
    """The badges that so many of such events earn."""
    for badge in program.badges.values() if data.get("counted") else ():
        criterion = badge.criterion or {}
        if criterion.get("event") == data["event"]:
            text = f"counts for badge {badge.code}, which takes {criterion['at_least']:,}"
            yield node("counted", text, data={"badge": badge.code, "needed": criterion["at_least"]})


def _nothing(event_name: str, program: Program) -> Node:
    near = nearest(event_name, program.rules)
    text = f"no rule is for events {event_name}{f'; {near}' if near else ''}"
    return node("nothing", text, data={"program": program.version})
