"""Answers about rewards, in the shapes that the API documents (source: vendor)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gamify_cli.domain import instants
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.program import Program, Reward

Body = dict[str, Any]


def claim(decision: Decision, fact: Fact) -> Body:
    """The answer to a claim; `points_deducted` is 0 for one that was not paid."""
    reward = decision.program.reward(fact.data["reward"])
    return {
        "claim_id": fact.data["id"],
        "participant_id": decision.participant.participant_id,
        "reward_name": reward.name,
        "reward_type": reward.type,
        "code_value": fact.data.get("code"),
        "points_deducted": fact.data.get("amount", 0),
        "new_balance": fact.data["balance"],
    }


def offers(rewards: Iterable[tuple[Reward, int | None]]) -> Body:
    """What can be claimed, each with how much of it is left: None for no limit."""
    shown = [
        {
            "id": reward.id,
            "name": reward.name,
            "type": reward.type,
            "description": reward.description,
            "points_cost": reward.points_cost,
            "available_codes": left,
            "max_claims_per_user": reward.max_claims_per_user,
            "expires_at": reward.expires_at,
        }
        for reward, left in rewards
    ]
    return {"rewards": shown, "total": len(shown)}


def claimed(program: Program, data: Body, occurred_at: Instant) -> Body:
    """One line of a participant's claims, from the data of its fact."""
    reward = program.reward(data["reward"])
    return {
        "claim_id": data["id"],
        "reward_id": reward.id,
        "name": reward.name,
        "type": reward.type,
        "code": data.get("code"),
        "points_deducted": data.get("amount", 0),
        "claimed_at": instants.text(occurred_at),
    }
