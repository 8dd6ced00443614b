"""One participant at a glance: a line for each value that can be explained, with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from gamify_cli.domain import facts, instants, views, views_challenges, views_streaks
from gamify_cli.domain.explain import texts
from gamify_cli.domain.explain.nodes import Node, Step, View, node
from gamify_cli.domain.explain.tier import standing


class Overview:
    """All of one participant."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._kinds: Counter[str] = Counter()
        self._moves = self._earning = 0
        self._event: int | None = None

    def take(self, step: Step) -> None:
        fact = step.fact
        self._kinds[fact.kind] += 1
        self._moves += "amount" in fact.data
        if fact.kind == facts.EVENT_RECORDED:
            counts = "progress" in fact.data or "counted" in fact.data
            self._earning += counts
            self._event = None if counts else fact.number
        elif self._event is not None and fact.cause == self._event:
            self._earning += 1
            self._event = None

    def root(self) -> Node:
        person, now = self._view.participant, self._view.now
        count, since = self._kinds.total(), instants.text(person.first_seen_at)
        parts: tuple[Callable[[], Node], ...] = (
            self._points,
            self._tier,
            self._badges,
            self._streaks,
            self._challenges,
            self._rewards,
            self._events,
        )
        text = f"{texts.count(count, 'fact')} since {since}"
        data = {
            "facts": count,
            "kinds": dict(sorted(self._kinds.items())),
            "at": instants.text(now),
        }
        return node("overview", text, [part() for part in parts], data=data)

    def _points(self) -> Node:
        person = self._view.participant
        lots = texts.count(len(person.lots), "lot that runs out", "lots that run out")
        text = f"points: {texts.count(self._moves, 'move')}, {lots}"
        data = {**views.points(person), "moves": self._moves, "lots": len(person.lots)}
        return node("points", text, amount=person.balance, data=data)

    def _tier(self) -> Node:
        found = standing(self._view, [])
        changes = self._kinds[facts.TIER_CHANGED]
        following = views.next_tier(self._view.participant, self._view.program)
        missing = f"; {following['points_remaining']:,} to {following['name']}" if following else ""
        text = f"tier: {found['text']}{missing}"
        return {**found, "text": text, "data": {**found["data"], "changes": changes}}

    def _badges(self) -> Node:
        earned, every = self._view.participant.badges, self._view.program.badges
        text = f"badges: {len(earned):,} earned of {len(every):,}{_named(earned)}"
        data = {"earned": list(earned), "of": len(every)}
        return node("badges", text, data=data)

    def _streaks(self) -> Node:
        person, program, now = self._view.participant, self._view.program, self._view.now
        every = [views_streaks.standing(person, program, code, now) for code in person.streaks]
        told = [f"{one['code']} {one['current_count']:,}" for one in every]
        text = f"streaks: {len(every):,} begun{_named(told)}"
        return node("streaks", text, data={"streaks": list(person.streaks)})

    def _challenges(self) -> Node:
        counts = views_challenges.counts(self._view.participant, self._view.program, self._view.now)
        text = f"challenges: {counts['active']:,} active, {counts['completed']:,} completed"
        return node("challenges", text, data=counts)

    def _rewards(self) -> Node:
        claims = self._view.participant.claims
        count = self._view.participant.rewards_claimed
        text = f"rewards: {count:,} claimed{_named(claims)}"
        return node("rewards", text, data={"claimed": count, "rewards": dict(claims)})

    def _events(self) -> Node:
        count = self._view.participant.total_events
        nothing = self._kinds[facts.EVENT_RECORDED] - self._earning
        text = f"events: {count:,} recorded, {nothing:,} earned nothing"
        return node("events", text, data={"recorded": count, "earned_nothing": nothing})


def _named(codes: Iterable[str]) -> str:
    names = list(codes)
    return f": {', '.join(names)}" if names else ""
