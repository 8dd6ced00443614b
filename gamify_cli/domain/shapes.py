"""The shapes of what is shown: their fields in order, for columns and for choosing by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gamify_cli.domain import program
from gamify_cli.errors import UsageError, nearest


class Shape(NamedTuple):
    """A documented body.

    `fields` are the paths of its single values in order. `lists` names the members that hold
    objects, with their fields; `free` those that hold any JSON. `table` are the fields of a
    list on a terminal. `rows` is the shape of what is shown alone in every format but json.
    """

    name: str
    fields: tuple[str, ...]
    table: tuple[str, ...]
    lists: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    free: tuple[str, ...] = ()
    rows: Shape | None = None

    @property
    def has_ids(self) -> bool:
        """Whether each body is of one participant."""
        return "participant_id" in self.fields

    def check(self, path: str) -> None:
        """Raise UsageError unless `path` names a field or a group of fields."""
        if path not in self.paths and path.split(".")[0] not in self.free:
            raise UsageError(
                f'unknown field "{path}" in --fields',
                hint=nearest(path, self.paths) or f"the fields are {', '.join(self.fields)}",
            )

    @property
    def paths(self) -> list[str]:
        """Every field, then every group of fields."""
        members = [f"{name}.{member}" for name, all_ in self.lists.items() for member in all_]
        paths = [*self.fields, *members]
        groups = {path.rsplit(".", n)[0] for path in paths for n in range(1, path.count(".") + 1)}
        return [*paths, *sorted(groups - set(paths))]


_POINTS = ("points.balance", "points.total_earned", "points.total_spent")
_TIER = ("tier.code", "tier.name", "tier.level")
_NEXT_TIER = ("code", "name", "points_required", "points_remaining")
_OWN = ("participant_id", "display_name", "avatar_url", "attributes")
_BADGE = ("code", "name", "rarity", "earned", "earned_at")
_GAMIFICATION = (
    *_POINTS,
    *_TIER,
    "tier.color",
    "tier.achieved_at",
    *(f"tier.next_tier.{member}" for member in _NEXT_TIER),
    "badges",
    "streaks.current",
    "streaks.longest",
    "streaks.last_activity_at",
    "rewards_claimed",
    "total_events",
)
_SUMMARY = ("participant_id", "display_name", "points.balance", "tier.name", "is_active")

CREATED = Shape(
    "created",
    (*_OWN, *_GAMIFICATION, "is_active", "created_at"),
    _SUMMARY,
    lists={"badges": _BADGE},
    free=("attributes",),
)
PROFILE = Shape(
    "profile",
    (*_OWN, *_GAMIFICATION, "first_seen_at", "last_seen_at", "is_active"),
    _SUMMARY,
    lists={"badges": _BADGE},
    free=("attributes",),
)
STATE = Shape(
    "state",
    (
        "participant_id",
        *_POINTS,
        *_TIER,
        "badges",
        "streaks.current",
        "streaks.longest",
        "challenges.active",
        "challenges.completed",
        "rewards.total_claimed",
    ),
    ("participant_id", "points.balance", "tier.name", "streaks.current", "rewards.total_claimed"),
    lists={"badges": ("code", "earned", "earned_at")},
)
ERASED = Shape(
    "erased",
    ("participant_id", "erased_at", "facts", "commands", "backups"),
    ("participant_id", "erased_at", "facts", "commands"),
    lists={"backups": ("path", "made_at")},
)
BUNDLE = Shape(
    "bundle",
    ("participant_id", "profile", "state", "facts", "requests", "backups"),
    ("participant_id",),
    free=("profile", "state", "facts", "requests", "backups"),
)
ROW = Shape(
    "row",
    (
        "participant_id",
        "display_name",
        "balance",
        "total_earned",
        "total_spent",
        "tier",
        "rewards_claimed",
        "total_events",
        "first_seen_at",
        "last_seen_at",
        "is_active",
        "version",
        "attributes",
    ),
    ("participant_id", "display_name", "balance", "tier", "last_seen_at", "is_active"),
    free=("attributes",),
)
FACT = Shape(
    "fact",
    (
        "number",
        "kind",
        "data",
        "occurred_at",
        "recorded_at",
        "cause",
        "operation",
        "command",
        "actor",
    ),
    ("number", "kind", "data", "occurred_at", "actor", "operation"),
    free=("data",),
)
DIFFERENCE = Shape(
    "difference",
    ("participant_id", "from", "to", "changes", "facts"),
    ("participant_id", "from", "to", "changes", "facts"),
    lists={"changes": ("field", "from", "to"), "facts": FACT.fields},
    free=("data",),
)
VERSION = Shape("version", ("gamify", "python", "sqlite"), ("gamify", "python", "sqlite"))

_TRANSACTION = (
    "id",
    "type",
    "amount",
    "balance_after",
    "reason",
    "metadata",
    "expires_at",
    "created_at",
)
_UPGRADE = ("code", "name", "level", "previous_code", "previous_level")
DEDUCTION = Shape(
    "deduction",
    ("transaction_id", "participant_id", "amount", "new_balance"),
    ("participant_id", "amount", "new_balance"),
)
AWARD = Shape(
    "award",
    (
        *DEDUCTION.fields,
        *(f"tier_upgrade.{member}" for member in _UPGRADE),
        "badges_unlocked",
    ),
    ("participant_id", "amount", "new_balance", "tier_upgrade.name", "badges_unlocked"),
)
BALANCE = Shape(
    "balance",
    ("participant_id", "balance", "total_earned", "total_spent"),
    ("participant_id", "balance", "total_earned", "total_spent"),
)
EXPIRING = Shape(
    "expiring",
    ("participant_id", "by", "expiring", "lots"),
    ("participant_id", "by", "expiring"),
    lists={"lots": ("remaining", "expires_at")},
)
TRANSACTION = Shape(
    "transaction",
    _TRANSACTION,
    ("created_at", "type", "amount", "balance_after", "reason", "expires_at"),
    free=("metadata",),
)
BADGE_AWARD = Shape(
    "badge_award",
    (
        "participant_id",
        "badge_code",
        "badge_name",
        "icon",
        "rarity",
        "earned_at",
        "already_earned",
    ),
    ("participant_id", "badge_name", "earned_at", "already_earned"),
)
BADGES = Shape(
    "badges",
    ("participant_id", "badges", "total", "earned_count"),
    ("participant_id", "earned_count", "total"),
    lists={"badges": ("code", "name", "description", "icon", "rarity", "earned", "earned_at")},
)
TIER = Shape(
    "tier",
    (
        "participant_id",
        *(f"current_tier.{member}" for member in ("code", "name", "level", "color", "achieved_at")),
        *(f"next_tier.{member}" for member in _NEXT_TIER),
        "tier_history",
    ),
    ("participant_id", "current_tier.name", "next_tier.name", "next_tier.points_remaining"),
    lists={"tier_history": ("code", "name", "achieved_at")},
)

_DEFINITIONS = {
    "tiers": program.Tier._fields,
    "badges": program.Badge._fields,
    "streaks": program.Streak._fields,
    "challenges": program.Challenge._fields,
    "rewards": program.Reward._fields,
    "leaderboards": program.Leaderboard._fields,
    "rules": program.Rule._fields,
}
PROGRAM = Shape(
    "program",
    ("version", "applied_at", "operation", *program.SETTINGS, *program.KINDS, "inactive"),
    ("version", "applied_at", "name", "operation"),
    lists=_DEFINITIONS,
    free=("expires", "inactive"),
)
APPLIED = Shape(
    "applied",
    ("version", "applied_at", "name", *program.KINDS),
    ("version", "applied_at", "name"),
)
CHECKED = Shape("checked", ("file", "name", *program.KINDS), ("file", "name"))
CHANGE = Shape(
    "change",
    ("change", "kind", "code", "member", "before", "after", "definition"),
    ("change", "kind", "code", "member", "before", "after"),
    free=("before", "after", "definition"),
)

TICK = Shape(
    "tick",
    ("streak_code", "new_count", "longest_count", "is_new_record", "already_recorded"),
    ("streak_code", "new_count", "longest_count", "is_new_record", "already_recorded"),
)
STREAKS = Shape(
    "streaks",
    ("participant_id", "streaks"),
    ("participant_id", "streaks"),
    lists={
        "streaks": (
            "code",
            "name",
            "current_count",
            "longest_count",
            "last_recorded_at",
            "is_at_risk",
            "period",
        )
    },
)

EVENT_ANSWER = Shape(
    "event_answer",
    ("event_id", "fact_id", "status", "effects", "refused"),
    ("event_id", "status", "effects", "refused"),
    lists={"effects": ("rule", "type", "code", "amount"), "refused": ("rule", "reason")},
)
IMPORT = Shape(
    "import",
    (
        "operation",
        "file_hash",
        "lines",
        "created",
        "updated",
        "unchanged",
        "failed",
        "resumed_at",
        "complete",
    ),
    ("lines", "created", "updated", "unchanged", "failed", "complete"),
)
EVENT = Shape(
    "event",
    ("id", "event_name", "properties", "occurred_at"),
    ("occurred_at", "event_name", "properties"),
    free=("properties",),
)
CHALLENGES = Shape(
    "challenges",
    ("participant_id", "challenges"),
    ("participant_id", "challenges"),
    lists={"challenges": ("code", "name", "status", "objectives", "enrolled_at", "completed_at")},
)
