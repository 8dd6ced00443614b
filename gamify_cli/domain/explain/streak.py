"""Why a streak counts what it counts: its runs of periods, what bridged gaps, when it lapses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from itertools import chain
from typing import Any

from gamify_cli.domain import facts, instants, views_streaks
from gamify_cli.domain.explain import texts
from gamify_cli.domain.explain.changes import Changes
from gamify_cli.domain.explain.nodes import Node, Step, View, node, of_rule, reversed_fields
from gamify_cli.domain.explain.periods import Periods
from gamify_cli.domain.program import Streak as Definition
from gamify_cli.domain.streaks import Calendar
from gamify_cli.errors import NotFound, nearest


class Streak:
    """One streak of one participant. Raises NotFound for a code that no program had."""

    def __init__(self, view: View, code: str) -> None:
        self._view = view
        self._streak = _find(view, code)
        self._kept = view.participant.streaks.get(code)
        self._changes = Changes(view)
        self._periods = Periods(self._calendar(), view)

    def take(self, step: Step) -> None:
        fact = step.fact
        if self._streak.code in reversed_fields(fact, "merge").get("streaks", {}):
            self._changes.add(step)
        if fact.data.get("code") != self._streak.code:
            return
        if fact.kind in (facts.STREAK_RECORDED, facts.STREAK_RESTORED):
            self._periods.add(step)
        elif fact.kind == facts.STREAK_MOVED:
            self._changes.add(step)

    def root(self) -> Node:
        code, kept = self._streak.code, self._kept
        if kept is None:
            changes = self._changes.nodes()
            text = f"{self._streak.name}: {'no tick is left' if changes else 'never ticked'}"
            return node("streak", text, [*changes, *self._rules()], data={"code": code})
        standing = views_streaks.standing(
            self._view.participant, self._view.program, code, self._view.now
        )
        current, longest = standing["current_count"], standing["longest_count"]
        told = {name: standing[name] for name in _TOLD}
        nodes = [
            self._lapse(kept),
            *self._bearing(kept),
            *self._periods.nodes(kept),
            *self._changes.nodes(),
        ]
        text = f"{self._streak.name}: {current:,} now, {longest:,} longest"
        return node("streak", text, nodes, data=told)

    def _calendar(self) -> Calendar:
        # Days have the same numbers in every zone.
        period = self._kept["period"] if self._kept else self._streak.period
        return Calendar(period, self._streak.week_starts, UTC)

    def _lapse(self, kept: dict[str, Any]) -> Node:
        now, lapses_at = self._view.now, kept["lapses_at"]
        at, risk = instants.text(lapses_at), instants.text(kept["at_risk_at"])
        if lapses_at <= now:
            text = f"lapsed {at}: no tick came in time"
        elif kept["at_risk_at"] <= now:
            text = f"at risk: it lapses {at} unless a tick comes"
        else:
            text = f"safe until {risk}; it lapses {at} unless a tick comes"
        data = {"at_risk_at": risk, "lapses_at": at, "lapsed": lapses_at <= now}
        return node("lapse", text, data=data)

    def _bearing(self, kept: dict[str, Any]) -> Iterator[Node]:
        """The missed periods that it bears."""
        streak = self._streak
        if streak.grace:
            text = f"grace: {texts.count(streak.grace, 'missed period')} in each gap"
            yield node("grace", text, data={"grace": streak.grace})
        if streak.stock:
            left = max(0, streak.stock - kept["spent"])
            every = streak.earn_every
            earned = f", one more for every {texts.count(every, 'tick')}" if every else ""
            text = f"freezes: {left:,} of {streak.stock:,} left{earned}"
            data = {"left": left, "stock": streak.stock, "earn_every": every}
            yield node("freezes", text, data=data)

    def _rules(self) -> Iterator[Node]:
        """The rules that tick it."""
        rules = chain.from_iterable(self._view.program.rules.values())
        return (of_rule(one) for one in rules if one.streak == self._streak.code)


_TOLD = (
    "code",
    "name",
    "current_count",
    "longest_count",
    "last_recorded_at",
    "is_at_risk",
    "period",
)


def _find(view: View, code: str) -> Definition:
    try:
        return view.program.streak(code)
    except KeyError:
        raise NotFound(
            f'streak "{code}" not found', hint=nearest(code, view.program.streaks)
        ) from None
