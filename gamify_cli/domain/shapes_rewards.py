"""The shapes of what is shown of rewards and leaderboards."""

from __future__ import annotations

from gamify_cli.domain.shapes import Shape

CLAIM = Shape(
    "claim",
    (
        "claim_id",
        "participant_id",
        "reward_name",
        "reward_type",
        "code_value",
        "points_deducted",
        "new_balance",
    ),
    ("participant_id", "reward_name", "code_value", "points_deducted", "new_balance"),
)
REWARDS = Shape(
    "rewards",
    ("rewards", "total"),
    ("rewards", "total"),
    lists={
        "rewards": (
            "id",
            "name",
            "type",
            "description",
            "points_cost",
            "available_codes",
            "max_claims_per_user",
            "expires_at",
        )
    },
)
CLAIMS = Shape(
    "claims",
    ("participant_id", "rewards", "total"),
    ("participant_id", "rewards", "total"),
    lists={
        "rewards": (
            "claim_id",
            "reward_id",
            "name",
            "type",
            "code",
            "points_deducted",
            "claimed_at",
        )
    },
)
LOADED = Shape(
    "loaded",
    ("reward_id", "loaded", "duplicates", "duplicate_lines", "available_codes"),
    ("reward_id", "loaded", "duplicates", "available_codes"),
    free=("duplicate_lines",),
)
LEADERBOARD = Shape(
    "leaderboard",
    ("leaderboard_code", "period", "entries", "total_participants"),
    ("leaderboard_code", "period", "entries", "total_participants"),
    lists={"entries": ("rank", "participant_id", "display_name", "score", "change")},
)
RANK = Shape(
    "rank",
    ("participant_id", "rank", "score", "total_participants", "percentile"),
    ("participant_id", "rank", "score", "total_participants", "percentile"),
)
