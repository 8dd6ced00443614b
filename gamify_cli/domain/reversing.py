"""What undo books: the difference between what a participant is and what it is to be.

As one fact, that is folded in without any rule:

    {"operation": the one undone, "amount": signed change of the balance, "balance" afterwards,
     "change": {"add": {counter: number}, "lots": {expires_at: number}, "set": {field: value},
                "merge": {field: {code: new value, or null for none}}}}

Numbers are added, so that they mean the same where facts in between are left out; `amount` and
`balance` are there where the balance changes, each member of `change` where it has any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from gamify_cli.domain import jsontext
from gamify_cli.domain.participant import Participant

_COUNTERS = ("total_earned", "total_spent", "rewards_claimed", "total_events")
_MAPS = ("badges", "streaks", "claims", "events", "limits", "challenges")
_FIELDS = (
    "display_name",
    "avatar_url",
    "attributes",
    "is_active",
    "is_void",
    "tier",
    "first_seen_at",
    "last_seen_at",
    "points_at",
    "tier_since",
    "tier_held",
    "tiers",
    "event_at",
)


_counters_of = attrgetter(*_COUNTERS)
_maps_of = attrgetter(*_MAPS)
_fields_of = attrgetter(*_FIELDS)


def difference(operation: str, now: Participant, then: Participant) -> dict[str, Any]:
    """Data of the fact that makes `then` of `now`, whose version it leaves alone."""
    data: dict[str, Any] = {"operation": operation}
    if amount := then.balance - now.balance:
        data |= {"amount": amount, "balance": then.balance}
    change = {name: differ(now, then) for name, differ in _CHANGED.items()}
    return data | {"change": {name: value for name, value in change.items() if value}}


def _added(now: Participant, then: Participant) -> dict[str, int]:
    both = zip(_COUNTERS, _counters_of(now), _counters_of(then), strict=True)
    return {name: new - old for name, old, new in both if old != new}


def _lots(now: Participant, then: Participant) -> dict[str, int]:
    if now.lots == then.lots:
        return {}
    left, new = now.lots, then.lots
    changes = {at: new.get(at, 0) - left.get(at, 0) for at in {**left, **new}}
    return {str(at): change for at, change in changes.items() if change}


def _set(now: Participant, then: Participant) -> dict[str, Any]:
    both = zip(_FIELDS, _fields_of(now), _fields_of(then), strict=True)
    values = {name: new for name, old, new in both if old != new}
    if "attributes" in values:
        values["attributes"] = jsontext.stored(values["attributes"])
    return values


def _merged(now: Participant, then: Participant) -> dict[str, dict[str, Any]]:
    both = zip(_MAPS, _maps_of(now), _maps_of(then), strict=True)
    return {name: _changes(old, new) for name, old, new in both if old != new}


def _changes(now: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    return {code: then.get(code) for code in {**now, **then} if now.get(code) != then.get(code)}


_CHANGED: dict[str, Callable[[Participant, Participant], dict[str, Any]]] = {
    "add": _added,
    "lots": _lots,
    "set": _set,
    "merge": _merged,
}


def reverse(participant: Participant, data: Mapping[str, Any]) -> None:
    """Fold such a difference in; raises ValueError for a field that none has."""
    change = data["change"]
    participant.balance += data.get("amount", 0)
    for name, number in change.get("add", {}).items():
        _require(name, _COUNTERS)
        setattr(participant, name, getattr(participant, name) + number)
    if "lots" in change:
        lots = dict(participant.lots)
        for at, number in change["lots"].items():
            lots[int(at)] = lots.get(int(at), 0) + number
        participant.lots = {at: left for at, left in lots.items() if left}
    for name, value in change.get("set", {}).items():
        _require(name, _FIELDS)
        setattr(participant, name, jsontext.compact(value) if name == "attributes" else value)
    for name, changes in change.get("merge", {}).items():
        _require(name, _MAPS)
        merged = {**getattr(participant, name), **changes}
        kept = {code: value for code, value in merged.items() if value is not None}
        setattr(participant, name, kept)


def _require(name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise ValueError(f"no difference is in {name}")


class Reversal(NamedTuple):
    """A fact that reversed something: its number, the operation that booked it, its data."""

    number: int
    operation: str
    data: Mapping[str, Any]


def reversed_before(reversals: Iterable[Reversal]) -> dict[str, int]:
    """The operations that are reversed; facts of theirs before these numbers do not count.

    Reversals are all of a participant, newest first: one that was reversed itself reverses
    nothing.
    """
    found: dict[str, int] = {}
    for one in reversals:
        if one.number >= found.get(one.operation, 0):
            found.setdefault(one.data["operation"], one.number)
    return found


def still_counts(reversals: Sequence[Reversal]) -> Callable[[int, str], bool]:
    """Whether a fact, by its number and operation, is neither reversed nor refused since."""
    found = reversed_before(reversals)
    refused = frozenset(reversals[0].data.get("dropped", ())) if reversals else frozenset()
    return lambda number, operation: number >= found.get(operation, 0) and number not in refused
