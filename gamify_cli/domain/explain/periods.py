"""The periods of a streak as runs and gaps, each with the facts that made it what it is."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from gamify_cli.domain import facts, streaks
from gamify_cli.domain.explain import texts
from gamify_cli.domain.explain.nodes import Node, Step, View, more, node, shortened
from gamify_cli.domain.streaks import Calendar, Marks

_SAVES = 500
"""Of so many facts it is known which gaps they bridged: more than periods have marks."""

_SAID = {
    streaks.TICKED: ("ticked", "ticked"),
    streaks.GRACED: ("graced", "missed, within grace"),
    streaks.FROZEN: ("frozen", "missed, saved by a freeze"),
    streaks.RESTORED: ("restored", "missed, restored by hand"),
    streaks.MISSED: ("missed", "missed"),
    streaks.ABSENT: ("absent", "that the zone skipped"),
}
"""What a mark is called, and how it is told."""

_UNITS = {"daily": "day", "weekly": "week", "monthly": "month"}


class _Span(NamedTuple):
    """Periods in a row with one mark, by their numbers."""

    mark: str
    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class Periods:
    """What the ticks and restores of one streak did to its periods."""

    def __init__(self, calendar: Calendar, view: View) -> None:
        self._calendar = calendar
        self._limit, self._past = view.limit, view.past
        self._ticks: deque[tuple[Step, tuple[Step, ...]]] = deque(maxlen=view.limit)
        self._saves: deque[Step] = deque(maxlen=_SAVES)

    def add(self, step: Step) -> None:
        """Take the tick or restore in that was read last."""
        data = step.fact.data
        if step.fact.kind == facts.STREAK_RECORDED:
            self._ticks.append((step, self._past.causes(step)))
        if data.get("paid") or data.get("covered"):
            self._saves.append(step)

    def nodes(self, kept: Mapping[str, Any]) -> list[Node]:
        """Runs and gaps, newest first, each run with its parts; `kept` is the streak's state."""
        last = self._calendar.number_of(date.fromisoformat(kept["until"]))
        marks = Marks(streaks.unpack(kept["marks"]), last, kept["older"])
        ticks = defaultdict(list)
        for step, causes in self._ticks:
            ticks[self._number(step.fact.data["period"])].append(
                self._past.node(step, self._past.because(causes))
            )
        return shortened([*self._runs(marks, ticks)], self._limit)

    def _runs(self, marks: Marks, ticks: Mapping[int, list[Node]]) -> Iterator[Node]:
        groups = groupby([*_spans(marks)][::-1], key=lambda span: span.mark == streaks.MISSED)
        older = marks.older
        for is_gap, group in groups:
            spans = [*group]
            below = [self._span(one, ticks) for one in spans]
            if is_gap or all(one.mark == streaks.ABSENT for one in spans):
                yield from below
                continue
            count = sum(one.length for one in spans if one.mark == streaks.TICKED)
            if older and spans[-1].first == marks.first:
                count, older = count + older, 0
                below += _older(marks.older)
            below = shortened(below, self._limit, "part")
            dates = self._dates(spans[-1].first, spans[0].last)
            text = f"run of {texts.count(count, 'tick')}, {dates}"
            yield node("run", text, below, data=self._told(spans[-1].first, spans[0].last, count))
        yield from _older(older)

    def _span(self, span: _Span, ticks: Mapping[int, list[Node]]) -> Node:
        kind, said = _SAID[span.mark]
        what = texts.count(span.length, _UNITS[self._calendar.period])
        text = f"{what} {said}, {self._dates(span.first, span.last)}"
        data = self._told(span.first, span.last, span.length)
        if span.mark != streaks.TICKED:
            saves = reversed(self._saves)
            return node(
                kind, text, map(self._past.node, filter(self._saved(span), saves)), data=data
            )
        numbers = [one for one in range(span.last, span.first - 1, -1) if one in ticks]
        told = [one for number in numbers for one in reversed(ticks[number])]
        return node(kind, text, [*told, *more(span.length - len(numbers), "tick")], data=data)

    def _saved(self, span: _Span) -> Callable[[Step], bool]:
        """Whether a fact bridged any of some periods in the way that they are marked."""

        def saved(step: Step) -> bool:
            data = step.fact.data
            if span.mark == streaks.FROZEN:
                paid = map(self._number, data.get("paid", ()))
                return any(span.first <= number <= span.last for number in paid)
            if span.mark == streaks.RESTORED and "covered" in data:
                last = self._number(data["state"]["until"])
                return last - data["covered"] < span.last and span.first <= last
            return False

        return saved

    def _number(self, day: str) -> int:
        return self._calendar.number_of(date.fromisoformat(day))

    def _days(self, first: int, last: int) -> list[str]:
        return [self._calendar.first_day(number).isoformat() for number in (first, last)]

    def _dates(self, first: int, last: int) -> str:
        return " to ".join(dict.fromkeys(self._days(first, last)))

    def _told(self, first: int, last: int, count: int) -> dict[str, Any]:
        return {**dict(zip(("from", "to"), self._days(first, last), strict=True)), "count": count}


def _spans(marks: Marks) -> Iterator[_Span]:
    number = marks.first
    for mark, group in groupby(marks.text):
        length = len([*group])
        yield _Span(mark, number, number + length - 1)
        number += length


def _older(count: int) -> list[Node]:
    """The ticks that came before periods have marks."""
    if not count:
        return []
    text = f"{texts.count(count, 'tick')} before that, which are counted alone"
    return [node("older", text, data={"count": count})]
