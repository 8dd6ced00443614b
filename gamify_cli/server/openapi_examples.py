"""An example of each body and of the main answers, by the names of their models and shapes."""

from __future__ import annotations

from typing import Any

_PID = "user_123"
_TIME = "2026-02-14T10:00:00Z"
_OWN = {
    "participant_id": _PID,
    "display_name": "Jane Doe",
    "avatar_url": "https://example.com/avatar.png",
    "attributes": {"plan": "premium"},
}
_EVENT = {
    "participant_id": _PID,
    "event_name": "purchase_completed",
    "properties": {"amount_usd": 12.5},
    "timestamp": _TIME,
}
_AWARD = {"participant_id": _PID, "amount": 100, "reason": "Welcome bonus"}

EXAMPLES: dict[str, Any] = {
    "CreateParticipant": _OWN,
    "UpdateParticipant": {"display_name": "Jane Smith", "attributes": {"plan": None}},
    "AwardPoints": {**_AWARD, "expires_at": "2027-12-31T23:59:59Z"},
    "DeductPoints": {"participant_id": _PID, "amount": 30, "reason": "Refund"},
    "AwardBatch": {"awards": [_AWARD, {"participant_id": "user_456", "amount": 50}]},
    "AwardBadge": {"participant_id": _PID, "badge_code": "first_steps"},
    "AssignTier": {"participant_id": _PID, "tier_code": "gold", "reason": "Partner"},
    "RecordStreak": {"participant_id": _PID, "streak_code": "daily_login"},
    "RestoreStreak": {"reason": "We were down"},
    "RecordEvent": _EVENT,
    "RecordEvents": {"events": [{**_EVENT, "idempotency_key": "order-1001"}]},
    "EnrollChallenge": {"participant_id": _PID},
    "ClaimReward": {"participant_id": _PID, "points_deduction": True},
    "LoadCodes": {"codes": ["SAVE10-A1", "SAVE10-A2"]},
    "Erase": {"new_id": True},
    "UndoOperation": {"on_short": "clamp"},
    "Nothing": {},
    "Program": {
        "name": "demo",
        "tiers": [{"code": "bronze", "name": "Bronze", "level": 1, "points_required": 0}],
        "rules": [{"code": "login", "event": "login", "points": 5}],
    },
    "profile": {
        **_OWN,
        "points": {"balance": 1500, "total_earned": 5000, "total_spent": 3500},
        "tier": {
            "code": "gold",
            "name": "Gold",
            "level": 3,
            "color": "#FFD700",
            "achieved_at": "2026-01-15T10:30:00Z",
            "next_tier": {
                "code": "platinum",
                "name": "Platinum",
                "points_required": 10000,
                "points_remaining": 8500,
            },
        },
        "badges": [
            {
                "code": "first_steps",
                "name": "First Steps",
                "rarity": "common",
                "earned": True,
                "earned_at": "2026-01-01T00:00:00Z",
            }
        ],
        "streaks": {"current": 7, "longest": 14, "last_activity_at": _TIME},
        "rewards_claimed": 3,
        "total_events": 42,
        "first_seen_at": "2026-01-01T00:00:00Z",
        "last_seen_at": _TIME,
        "is_active": True,
    },
    "award": {
        "transaction_id": "9f0d3c6f2f7a4d51b8a0e6c1",
        "participant_id": _PID,
        "amount": 100,
        "new_balance": 1600,
        "tier_upgrade": None,
        "badges_unlocked": [],
    },
    "deduction": {
        "transaction_id": "9f0d3c6f2f7a4d51b8a0e6c2",
        "participant_id": _PID,
        "amount": 30,
        "new_balance": 1570,
    },
    "event_answer": {
        "event_id": "9f0d3c6f2f7a4d51b8a0e6c3",
        "fact_id": 17,
        "status": "processed",
        "effects": [{"rule": "purchase", "type": "points", "amount": 25}],
        "refused": [],
    },
}
