"""The program in force: what can be earned, and how. Values alone.

A program is read from its document: the validated program file with every default filled in,
and under `inactive` the definitions that this version dropped. Those can no longer be earned,
but what was earned keeps its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

KINDS = ("tiers", "badges", "streaks", "challenges", "rewards", "leaderboards", "rules")
"""The lists of a document, in its order."""

SETTINGS = ("name", "timezone", "tier_basis", "tier_downgrade", "expires")
"""Its other members."""

ADDED = frozenset({"version", "applied_at", "operation", "inactive"})
"""What a store adds to the document of a program file."""


def key_of(kind: str) -> str:
    """The member by which the definitions of a kind are known."""
    return "id" if kind == "rewards" else "code"


class Tier(NamedTuple):
    """A level that points reach; `points_required` rises with `level`."""

    code: str
    name: str
    level: int
    points_required: int
    color: str | None


class Badge(NamedTuple):
    """A mark that is earned once; without a criterion it is awarded by hand."""

    code: str
    name: str
    rarity: str
    description: str | None
    icon: str | None
    criterion: Mapping[str, Any] | None


class Streak(NamedTuple):
    """Periods in a row; `timezone` is None for the program's, or "participant".

    `freezes` is None or {"stock", "earn_every": number or None}.
    """

    code: str
    name: str
    period: str
    timezone: str | None
    week_starts: str
    grace: int
    freezes: Mapping[str, Any] | None

    @property
    def stock(self) -> int:
        """How many freezes there are at most, and from the start."""
        return int(self.freezes["stock"]) if self.freezes else 0

    @property
    def earn_every(self) -> int | None:
        """After how many ticks a freeze comes back; None for never."""
        return self.freezes["earn_every"] if self.freezes else None


class Objective(NamedTuple):
    """So many events of one name, once the objectives named by `after` are reached."""

    id: str
    event: str
    target: int
    after: Sequence[str]


class Challenge(NamedTuple):
    """Objectives to reach within a window: None, {"days"} or {"from", "to"}.

    `reward` is None or {"points", "badge"}, either of them None.
    """

    code: str
    name: str
    window: Mapping[str, Any] | None
    objectives: tuple[Objective, ...]
    reward: Mapping[str, Any] | None


class Reward(NamedTuple):
    """What points buy; `stock` is a number, "codes" or "unlimited"."""

    id: str
    name: str
    description: str | None
    expires_at: str | None
    type: str
    points_cost: int
    max_claims_per_user: int | None
    stock: int | str


class Leaderboard(NamedTuple):
    """A ranking by `metric` over the windows of `period`."""

    code: str
    name: str
    metric: str
    period: str


class Rule(NamedTuple):
    """What an event earns.

    `where` is None or tests by the path of a property, {"order.total": {"gte": 5}}; `points`
    None, a number or {"property", "times", "rounding"}; `expires` None or {"days"}; `limit`
    None or {"times", "per"}.
    """

    code: str
    event: str
    where: Mapping[str, Mapping[str, Any]] | None
    points: int | Mapping[str, Any] | None
    expires: Mapping[str, Any] | None
    streak: str | None
    badge: str | None
    limit: Mapping[str, Any] | None


class Program:
    """One version of the program; version 0 is none at all.

    `document` has the members of the program file (api.md §5) and `inactive`, an object of
    the same lists. `newest` names what this version does not know yet: a fact may be dated
    before the version under which it was decided.
    """

    def __init__(
        self, version: int, document: Mapping[str, Any], newest: Program | None = None
    ) -> None:
        self.version = version
        self.document = document
        self._newest = newest

    @property
    def timezone(self) -> str:
        """Where days, weeks and months are cut."""
        return str(self.document.get("timezone", "UTC"))

    @property
    def tier_basis(self) -> str:
        """`balance` or `total_earned`: what tiers are measured by."""
        return str(self.document.get("tier_basis", "balance"))

    @property
    def tier_downgrade(self) -> bool:
        """Whether spending may lower a tier."""
        return bool(self.document.get("tier_downgrade", False))

    @property
    def expiry_days(self) -> int | None:
        """How long points last unless said otherwise; None for ever."""
        expires = self.document.get("expires")
        return None if expires is None else int(expires["days"])

    @cached_property
    def tiers(self) -> tuple[Tier, ...]:
        """The active tiers, lowest first."""
        tiers = (Tier(**entry) for entry in self.document.get("tiers", ()))
        return tuple(sorted(tiers, key=lambda tier: tier.level))

    @cached_property
    def _tiers(self) -> dict[str, Tier]:
        return {tier.code: tier for tier in self.tiers}

    @cached_property
    def badges(self) -> dict[str, Badge]:
        """The active badges by code, in the program's order."""
        return {entry["code"]: Badge(**entry) for entry in self.document.get("badges", ())}

    @cached_property
    def streaks(self) -> dict[str, Streak]:
        """The active streaks by code."""
        return {entry["code"]: Streak(**entry) for entry in self.document.get("streaks", ())}

    @cached_property
    def challenges(self) -> dict[str, Challenge]:
        """The active challenges by code."""
        return {entry["code"]: _challenge(entry) for entry in self.document.get("challenges", ())}

    @cached_property
    def rewards(self) -> dict[str, Reward]:
        """The active rewards by id."""
        return {entry["id"]: Reward(**entry) for entry in self.document.get("rewards", ())}

    @cached_property
    def leaderboards(self) -> dict[str, Leaderboard]:
        """The active leaderboards by code."""
        boards = self.document.get("leaderboards", ())
        return {entry["code"]: Leaderboard(**entry) for entry in boards}

    @cached_property
    def rules(self) -> dict[str, list[Rule]]:
        """The active rules by the event they act on, in the program's order."""
        rules: dict[str, list[Rule]] = {}
        for entry in self.document.get("rules", ()):
            rules.setdefault(entry["event"], []).append(Rule(**entry))
        return rules

    @cached_property
    def counted_events(self) -> frozenset[str]:
        """The names of the events that badges are earned by."""
        criteria = (badge.criterion or {} for badge in self.badges.values())
        return frozenset(one["event"] for one in criteria if "event" in one)

    def tier(self, code: str) -> Tier:
        """A tier that was reached, active or not."""
        return self._tiers.get(code) or Tier(**self._definition("tiers", code))

    def badge(self, code: str) -> Badge:
        """A badge that was earned, active or not."""
        return self.badges.get(code) or Badge(**self._definition("badges", code))

    def streak(self, code: str) -> Streak:
        """A streak that was ticked, active or not."""
        return self.streaks.get(code) or Streak(**self._definition("streaks", code))

    def challenge(self, code: str) -> Challenge:
        """A challenge that was enrolled in, active or not."""
        return self.challenges.get(code) or _challenge(self._definition("challenges", code))

    def reward(self, id_: str) -> Reward:
        """A reward that was claimed, active or not."""
        return self.rewards.get(id_) or Reward(**self._definition("rewards", id_))

    def _definition(self, kind: str, code: str) -> Mapping[str, Any]:
        dropped = self.document.get("inactive", {}).get(kind, ())
        for entry in (*self.document.get(kind, ()), *dropped):
            if entry[key_of(kind)] == code:
                found: Mapping[str, Any] = entry
                return found
        if self._newest is not None:
            return self._newest._definition(kind, code)
        raise KeyError(f"{kind} {code}")


def _challenge(entry: Mapping[str, Any]) -> Challenge:
    objectives = tuple(Objective(**objective) for objective in entry["objectives"])
    return Challenge(**{**entry, "objectives": objectives})


NONE = Program(0, {})
"""What is in force before the first program is applied."""
