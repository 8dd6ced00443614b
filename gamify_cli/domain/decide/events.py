"""Rules of events: what each of them earns, by the earn rules of the program.

What each rule gives is judged before the event's fact, which says what was refused and why.
The facts of what is given follow it and name it as their cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gamify_cli.domain import conditions, facts, vocabulary
from gamify_cli.domain.conditions import Properties
from gamify_cli.domain.decide import Decision, badges, challenges, interaction, limits, points
from gamify_cli.domain.decide import streaks as streak_rules
from gamify_cli.domain.decide.consequences import judge_badges
from gamify_cli.domain.decide.limits import Refusal, Use
from gamify_cli.domain.decide.streaks import Place
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.program import Rule
from gamify_cli.errors import UsageError

Effect = dict[str, Any]
"""rule, None where a challenge did it; type: points, badge, streak or challenge; code, amount."""


class Recorded(NamedTuple):
    """An event's fact, what it earned, and what it did not."""

    fact: Fact
    effects: list[Effect]
    refused: list[Refusal]


class _Gift(NamedTuple):
    """What a rule gives for an event, why it gives no more, and what it uses of its limit."""

    rule: Rule
    amount: int | None = None
    badge: str | None = None
    place: Place | None = None
    use: Use | None = None
    refused: tuple[Refusal, ...] = ()

    @property
    def is_some(self) -> bool:
        return (self.amount, self.badge, self.place) != (None, None, None)


def record(
    decision: Decision,
    event_name: str,
    *,
    properties: dict[str, Any] | None = None,
    timestamp: Instant | None = None,
) -> Recorded:
    """Record an event at `timestamp`, or now, with all that it earns.

    Raises UsageError for a bad value or a time in the future, Conflict for an inactive
    participant; a rule refuses an effect at most.
    """
    vocabulary.event_name(event_name)
    given = vocabulary.properties({} if properties is None else properties)
    at = interaction.time_of(decision, timestamp, "timestamp")
    interaction.require_active(decision)
    interaction.begin(decision, at)
    rules = decision.program.rules.get(event_name, ())
    gifts = [_judge(decision, one, given, at) for one in rules if conditions.hold(one.where, given)]
    progress = challenges.progress(decision, event_name, at)
    data = _data(decision, event_name, given, gifts) | ({"progress": progress} if progress else {})
    fact = decision.record(facts.EVENT_RECORDED, data, at=at)
    judge_badges(decision, at, fact.number)
    effects = [effect for gift in gifts for effect in _give(decision, gift, fact)]
    effects += challenges.follow(decision, progress, fact)
    return Recorded(fact, effects, [refusal for gift in gifts for refusal in gift.refused])


def _data(
    decision: Decision, event_name: str, properties: Properties, gifts: list[_Gift]
) -> dict[str, Any]:
    """What an event's fact says, without what is empty."""
    some = {
        "properties": properties,
        "matched": [gift.rule.code for gift in gifts],
        "refused": [refusal.data() for gift in gifts for refusal in gift.refused],
        "counted": event_name in decision.program.counted_events,
        "limits": {gift.rule.code: gift.use for gift in gifts if gift.use and gift.is_some},
    }
    given = {name: value for name, value in some.items() if value}
    return {"id": decision.new_id(), "event": event_name, **given}


def _judge(decision: Decision, rule: Rule, properties: Properties, at: Instant) -> _Gift:
    use = limits.judge(decision, rule, at)
    if isinstance(use, Refusal):
        return _Gift(rule, refused=(use,))
    refused = []
    amount, place = None, None
    try:
        amount = _amount(rule, properties)
    except UsageError as error:
        refused.append(Refusal(rule.code, error.message))
    try:
        if rule.streak is not None:
            streak = decision.program.streaks[rule.streak]
            place = streak_rules.place_of(decision, streak, at)
    except UsageError as error:
        refused.append(Refusal(rule.code, error.message))
    return _Gift(rule, amount, rule.badge, place, use, tuple(refused))


def _amount(rule: Rule, properties: Properties) -> int | None:
    if rule.points is None or isinstance(rule.points, int):
        return rule.points
    # Most events need no decimal arithmetic.
    from gamify_cli.domain import amounts

    return amounts.of_property(rule.points, properties)


def _give(decision: Decision, gift: _Gift, event: Fact) -> Iterator[Effect]:
    rule, at, cause = gift.rule, event.occurred_at, event.number
    source = {"rule": rule.code}
    if gift.amount is not None:
        days = rule.expires["days"] if rule.expires else None
        points.earn(decision, gift.amount, source, at, cause=cause, days=days)
        yield {**source, "type": "points", "amount": gift.amount}
    if gift.badge is not None and badges.earn(decision, gift.badge, source, at, cause=cause):
        yield {**source, "type": "badge", "code": gift.badge}
    if gift.place is not None and streak_rules.tick(decision, gift.place, at, cause=cause):
        yield {**source, "type": "streak", "code": gift.place.streak.code}
