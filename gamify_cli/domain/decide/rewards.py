"""Rules of rewards: who may claim one, and what it costs."""

from __future__ import annotations

from typing import Any

from gamify_cli.domain import facts, instants
from gamify_cli.domain.decide import Decision, interaction
from gamify_cli.domain.decide.consequences import follow
from gamify_cli.domain.decide.points import available_at, drain, insufficient
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.program import Program, Reward
from gamify_cli.errors import Conflict, NotFound, nearest

Stock = str | int | None
"""What is there to claim, locked by the store: one code, so many left, or None for no limit."""

_CLAIM = ("id", "reward", "code")


def find(program: Program, reward_id: str) -> Reward:
    """An active reward by its id; raises NotFound."""
    if reward_id not in program.rewards:
        raise NotFound(f'reward "{reward_id}" not found', hint=nearest(reward_id, program.rewards))
    return program.rewards[reward_id]


def claim(decision: Decision, reward: Reward, *, pay: bool, stock: Stock) -> Fact:
    """Hand out a reward, for its points if `pay` is set, else for nothing (source: vendor).

    Raises Conflict for an inactive participant and for a reward that is past its end, used up
    or claimed as often as one may; Rejected if there are too few points.
    """
    interaction.require_active(decision)
    _check_reward(decision, reward, stock)
    cost = reward.points_cost if pay else 0
    available = available_at(decision.participant, decision.now)
    if cost > available:
        raise insufficient(available, cost)
    data: dict[str, Any] = {"id": decision.new_id(), "reward": reward.id}
    if isinstance(stock, str):
        data["code"] = stock
    return keep(decision, data, cost)


def keep(decision: Decision, data: dict[str, Any], cost: int) -> Fact:
    """A claim that was granted: `data` has its id, reward and code; raises Conflict.

    There are as many points as it costs.
    """
    interaction.require_active(decision)
    interaction.begin(decision, decision.now)
    fact = decision.record(facts.REWARD_CLAIMED, _data(decision, data, cost))
    if cost:
        follow(decision, decision.now, fact.number)
    return fact


def _check_reward(decision: Decision, reward: Reward, stock: Stock) -> None:
    expires_at = reward.expires_at
    if expires_at is not None and decision.now >= instants.parse(expires_at, decision.now):
        raise Conflict(f'reward "{reward.id}" expired at {expires_at}')
    cap = reward.max_claims_per_user
    if cap is not None and decision.participant.claims.get(reward.id, 0) >= cap:
        who = f'participant "{decision.participant.participant_id}"'
        raise Conflict(f'{who} has claimed reward "{reward.id}" as often as one may: {cap:,}')
    if stock == 0:
        codes = reward.stock == "codes"
        raise Conflict(
            f'reward "{reward.id}" is sold out',
            hint=f"load more: gamify rewards load-codes {reward.id} FILE" if codes else None,
        )


def _data(decision: Decision, claim: dict[str, Any], cost: int) -> dict[str, Any]:
    participant = decision.participant
    data: dict[str, Any] = {name: claim[name] for name in _CLAIM if name in claim}
    if cost:
        data["amount"] = cost
    data["balance"] = participant.balance - cost
    if cost and (drained := drain(participant, cost)):
        data["lots"] = drained
    return data
