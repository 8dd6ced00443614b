"""The shapes of what is shown of a simulation."""

from __future__ import annotations

from gamify_cli.domain.shapes import Shape

_AMOUNTS = ("balance", "total_earned", "total_spent", "expiring")
_MOVES = tuple(f"{name}.{member}" for name in _AMOUNTS for member in ("from", "to", "change"))
_TIER_MOVE = ("tier.from", "tier.to")
SIMULATED = Shape(
    "simulated",
    (
        "participant_id",
        *_MOVES,
        *_TIER_MOVE,
        *(f"{name}.{way}" for name in ("badges", "challenges") for way in ("gained", "lost")),
        "streaks",
        "clamped",
        "refused",
    ),
    (
        "participant_id",
        "balance.to",
        "balance.change",
        *_TIER_MOVE,
        "badges.gained",
        "badges.lost",
    ),
    lists={
        "streaks": ("code", "current", "longest"),
        "clamped": ("number", "kind", "asked", "taken"),
        "refused": ("number", "kind", "reason"),
    },
)
_SUMS = ("name", "since", "participants", "facts", "changed", "erased")
_POINTS_SUMS = tuple(f"points.{name}" for name in ("gaining", "gained", "losing", "lost"))
_CLAMPED = tuple(f"clamped.{name}" for name in ("participants", "debits", "points"))
SIMULATION = Shape(
    "simulation",
    (
        *(f"summary.{name}" for name in (*_SUMS, *_POINTS_SUMS, *_MOVES)),
        *(f"summary.{name}" for name in ("tiers", "badges", "challenges", "streaks")),
        *(f"summary.{name}" for name in (*_CLAMPED, "refused", "unknown")),
        "participants",
    ),
    (),
    lists={
        "participants": (
            *("participant_id", *_AMOUNTS, "tier", "badges", "challenges"),
            *("streaks", "clamped", "refused"),
        ),
    },
    rows=SIMULATED,
)
