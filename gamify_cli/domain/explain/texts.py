"""Facts in a few words, as an operator reads them. Data from people is in them as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gamify_cli.domain import facts, instants, jsontext
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant

Data = Mapping[str, Any]


def fact(one: Fact) -> str:
    """What a fact is."""
    tell = _TOLD.get(one.kind)
    return tell(one.data) if tell else one.kind.replace("_", " ")


def count(number: int, what: str, many: str | None = None) -> str:
    """A number of things: `1 tick`, `2 ticks`."""
    return f"{number:,} {what if number == 1 else many or f'{what}s'}"


def lot(expires_at: Instant | None) -> str:
    """Points by when they run out."""
    return "never run out" if expires_at is None else f"run out {instants.text(expires_at)}"


def where(tests: Mapping[str, Mapping[str, Any]] | None) -> str:
    """The conditions of a rule."""
    each = [f"{path} {test(one)}" for path, all_ in (tests or {}).items() for one in all_.items()]
    return " and ".join(each)


def test(one: tuple[str, Any]) -> str:
    """One test on a property: `gte 10`."""
    sign, operand = one
    return f"{sign} {jsontext.compact(operand)}"


def _quoted(text: str | None) -> str:
    return "" if text is None else f' "{text}"'


def _source(data: Data, by_hand: str) -> str:
    """What gave something: a rule, a challenge, or a person."""
    if "rule" in data:
        return f"rule {data['rule']}"
    return f"challenge {data['challenge']}" if "challenge" in data else by_hand


def _award(data: Data) -> str:
    return _source(data, f"awarded{_quoted(data.get('reason'))}")


def _deduction(data: Data) -> str:
    return f"deducted{_quoted(data.get('reason'))}"


def _tier(data: Data) -> str:
    what = "no tier" if data["code"] is None else f"tier {data['code']}"
    how = {"lost": "fell to ", "reached": "reached ", "assigned": "assigned "}[data["how"]]
    return f"{how}{what}{_quoted(data.get('reason'))}"


def _badge(data: Data) -> str:
    source = _source(data, "")
    return f"earned badge {data['code']}{f' by {source}' if source else ''}"


def _tick(data: Data) -> str:
    return f"ticked streak {data['code']} for {data['period']}"


def _restored(data: Data) -> str:
    return f"restored streak {data['code']}{_quoted(data['reason'])}"


_TOLD: dict[str, Callable[[Data], str]] = {
    facts.PROFILE_CHANGED: lambda _: "profile changed",
    facts.POINTS_AWARDED: _award,
    facts.POINTS_DEDUCTED: _deduction,
    facts.POINTS_EXPIRED: lambda _: "ran out",
    facts.TIER_CHANGED: _tier,
    facts.BADGE_EARNED: _badge,
    facts.STREAK_RECORDED: _tick,
    facts.STREAK_RESTORED: _restored,
    facts.STREAK_MOVED: lambda data: f"streak {data['code']} in another zone",
    facts.EVENT_RECORDED: lambda data: f"event {data['event']}",
    facts.CHALLENGE_ENROLLED: lambda data: f"enrolled in challenge {data['code']}",
    facts.CHALLENGE_COMPLETED: lambda data: f"completed challenge {data['code']}",
    facts.REVERSED: lambda data: f"undo of {data['operation']}",
    facts.REWARD_CLAIMED: lambda data: f"claimed {data['reward']}",
}
