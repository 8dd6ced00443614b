"""One participant as the fold of its facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn

from gamify_cli.domain import facts, jsontext
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant

TIERS_KEPT = 50
"""So many of the newest tier changes stand in the row; what is older is in the journal."""


class _Nothing(dict[Any, Any]):
    """An object without members that all participants share: nobody can put one in."""

    # A default has to have one, as what cannot change does.
    __hash__ = object.__hash__  # type: ignore[assignment] # a dict has none

    def __setitem__(self, _name: Any, _value: Any) -> NoReturn:
        raise TypeError("make it the participant's own before anything is kept in it")


_NOTHING = _Nothing()


@dataclass(slots=True)
class Participant:
    """The state of one participant; version 0 means that it has no facts, so does not exist;
    one that `is_void` has facts, but all that anybody did was reversed.

    Amounts are whole points; `attributes` is compact JSON text. The fields up to `version`
    are stored as columns, those after it in one document. `lots` are the points that expire,
    by the instant at which they do; the rest of the balance never does. `streaks` has the
    `streaks.StreakState` of each code as a JSON object, replaced whole by each of its facts.
    `claims` counts those of each reward, `events` those of each name that a badge is earned by.
    `limits` has {"per", "counts"} of each limited rule: its uses by the start of their window;
    `challenges` the `challenges.Enrolment` of each code.
    """

    participant_id: str
    display_name: str | None = None
    avatar_url: str | None = None
    attributes: str = "{}"
    is_active: bool = True
    is_void: bool = False
    balance: int = 0
    total_earned: int = 0
    total_spent: int = 0
    tier: str | None = None
    rewards_claimed: int = 0
    total_events: int = 0
    first_seen_at: Instant = 0
    last_seen_at: Instant = 0
    recorded_at: Instant = 0
    version: int = 0
    points_at: Instant | None = None
    lots: dict[Instant, int] = field(default=_NOTHING)
    tier_since: Instant | None = None
    tier_held: int | None = None
    tiers: list[list[Any]] = field(default_factory=list)
    badges: dict[str, Instant] = field(default=_NOTHING)
    streaks: dict[str, dict[str, Any]] = field(default=_NOTHING)
    claims: dict[str, int] = field(default=_NOTHING)
    event_at: Instant | None = None
    events: dict[str, int] = field(default=_NOTHING)
    limits: dict[str, dict[str, Any]] = field(default=_NOTHING)
    challenges: dict[str, dict[str, Any]] = field(default=_NOTHING)
    erased_at: Instant | None = None

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded of it that was not reversed."""
        return self.version > 0 and not self.is_void

    def due_after(self, now: Instant) -> Instant | None:
        """The earliest instant at which it will read differently, as seen from `now`.

        A lot that ran out is due until it was recorded, a lapse only as long as it is to come.
        """
        if not self.lots and not self.streaks:
            return None
        lapses = (streak["lapses_at"] for streak in self.streaks.values())
        return min((*self.lots, *(at for at in lapses if at > now)), default=None)

    def copy(self) -> Participant:
        """Another one to fold facts into; what stands in its lists and objects is never changed."""
        twin = Participant(*_VALUES(self))
        for name in _OBJECTS:
            if kept := getattr(self, name):
                setattr(twin, name, kept.copy())
        return twin


_VALUES = attrgetter(*Participant.__slots__)
_OBJECTS = [one.name for one in fields(Participant) if one.default is _NOTHING]


def evolve(participant: Participant, fact: Fact) -> None:
    """Fold one recorded fact in; knows no rule, so that old journals read as before."""
    fold = _FOLDS.get(fact.kind)
    if fold is None:
        raise ValueError(f"unknown kind of fact: {fact.kind}")
    participant.version = fact.number
    fold(participant, fact)


def _register(participant: Participant, fact: Fact) -> None:
    participant.first_seen_at = participant.last_seen_at = fact.occurred_at
    participant.is_void = False
    _change_profile(participant, fact)


def _change_profile(participant: Participant, fact: Fact) -> None:
    data = fact.data
    participant.display_name = data.get("display_name", participant.display_name)
    participant.avatar_url = data.get("avatar_url", participant.avatar_url)
    if "attributes" in data:
        participant.attributes = jsontext.compact(data["attributes"])
    if "attributes_patch" in data:
        stored = jsontext.stored(participant.attributes)
        participant.attributes = jsontext.compact(jsontext.merge(stored, data["attributes_patch"]))


def _deactivate(participant: Participant, _: Fact) -> None:
    participant.is_active = False


def _activate(participant: Participant, _: Fact) -> None:
    participant.is_active = True


def _award(participant: Participant, fact: Fact) -> None:
    amount = fact.data["amount"]
    participant.balance += amount
    participant.total_earned += amount
    expires_at = fact.data.get("expires_at")
    if expires_at is not None:
        lots = participant.lots = participant.lots or {}
        lots[expires_at] = lots.get(expires_at, 0) + amount
    participant.points_at = fact.occurred_at
    _see(participant, fact)


def _deduct(participant: Participant, fact: Fact) -> None:
    participant.balance -= fact.data["amount"]
    participant.total_spent += fact.data["amount"]
    for expires_at, drained in fact.data.get("lots", ()):
        participant.lots[expires_at] -= drained
        if not participant.lots[expires_at]:
            del participant.lots[expires_at]
    participant.points_at = fact.occurred_at
    _see(participant, fact)


def _expire(participant: Participant, fact: Fact) -> None:
    participant.balance -= fact.data["amount"]
    del participant.lots[fact.data["expires_at"]]
    participant.points_at = fact.occurred_at


def _change_tier(participant: Participant, fact: Fact) -> None:
    participant.tier = fact.data["code"]
    participant.tier_since = fact.occurred_at
    participant.tier_held = fact.data.get("held")
    participant.tiers = [*participant.tiers, [participant.tier, fact.occurred_at]][-TIERS_KEPT:]
    if fact.data["how"] == "assigned":
        _see(participant, fact)


def _earn_badge(participant: Participant, fact: Fact) -> None:
    badges = participant.badges = participant.badges or {}
    badges[fact.data["code"]] = fact.occurred_at
    _see(participant, fact)


def _tick_streak(participant: Participant, fact: Fact) -> None:
    _keep_streak(participant, fact)
    _see(participant, fact)


def _keep_streak(participant: Participant, fact: Fact) -> None:
    streaks = participant.streaks = participant.streaks or {}
    streaks[fact.data["code"]] = fact.data["state"]


def _record_event(participant: Participant, fact: Fact) -> None:
    data, at = fact.data, fact.occurred_at
    participant.total_events += 1
    participant.event_at = at if participant.event_at is None else max(at, participant.event_at)
    if "counted" in data:
        events = participant.events = participant.events or {}
        events[data["event"]] = events.get(data["event"], 0) + 1
    for code, use in data.get("limits", {}).items():
        limits = participant.limits = participant.limits or {}
        limits[code] = _used(limits.get(code), *use)
    for code, objectives in data.get("progress", {}).items():
        kept = participant.challenges[code]
        progress = dict(kept["progress"])
        for one in objectives:
            count, latest = progress.get(one, (0, at))
            progress[one] = [count + 1, max(at, latest)]
        participant.challenges[code] = {**kept, "progress": progress}
    _see(participant, fact)


def _used(
    kept: dict[str, Any] | None, per: str, window: Instant, oldest: Instant
) -> dict[str, Any]:
    """The uses of a rule with one more in `window`, without those before the oldest."""
    old = kept["counts"] if kept and kept["per"] == per else {}
    counts = {start: uses for start, uses in old.items() if int(start) >= oldest}
    # JSON has no members but those named by text.
    counts[str(window)] = counts.get(str(window), 0) + 1
    return {"per": per, "counts": counts}


def _enroll(participant: Participant, fact: Fact) -> None:
    enrolment = {"enrolled_at": fact.occurred_at, "progress": {}, "completed_at": None}
    challenges = participant.challenges = participant.challenges or {}
    challenges[fact.data["code"]] = enrolment
    _see(participant, fact)


def _complete(participant: Participant, fact: Fact) -> None:
    code = fact.data["code"]
    kept = participant.challenges[code]
    participant.challenges[code] = {**kept, "completed_at": fact.occurred_at}


def _claim(participant: Participant, fact: Fact) -> None:
    reward = fact.data["reward"]
    claims = participant.claims = participant.claims or {}
    claims[reward] = claims.get(reward, 0) + 1
    participant.rewards_claimed += 1
    if "amount" in fact.data:
        _deduct(participant, fact)
    else:
        _see(participant, fact)


def _reverse(participant: Participant, fact: Fact) -> None:
    # Few participants have one, and reading the others takes no module for it.
    from gamify_cli.domain.reversing import reverse

    reverse(participant, fact.data)


def _erase(participant: Participant, fact: Fact) -> None:
    participant.display_name = participant.avatar_url = None
    participant.attributes = "{}"
    participant.erased_at = fact.occurred_at


def _see(participant: Participant, fact: Fact) -> None:
    participant.last_seen_at = max(participant.last_seen_at, fact.occurred_at)


_FOLDS: dict[str, Callable[[Participant, Fact], None]] = {
    facts.REGISTERED: _register,
    facts.PROFILE_CHANGED: _change_profile,
    facts.DEACTIVATED: _deactivate,
    facts.ACTIVATED: _activate,
    facts.POINTS_AWARDED: _award,
    facts.POINTS_DEDUCTED: _deduct,
    facts.POINTS_EXPIRED: _expire,
    facts.TIER_CHANGED: _change_tier,
    facts.BADGE_EARNED: _earn_badge,
    facts.STREAK_RECORDED: _tick_streak,
    facts.STREAK_RESTORED: _keep_streak,
    facts.STREAK_MOVED: _keep_streak,
    facts.EVENT_RECORDED: _record_event,
    facts.CHALLENGE_ENROLLED: _enroll,
    facts.CHALLENGE_COMPLETED: _complete,
    facts.REWARD_CLAIMED: _claim,
    facts.REVERSED: _reverse,
    facts.ERASED: _erase,
}
