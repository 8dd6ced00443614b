"""Answers about rewards and leaderboards (source: vendor; loaded codes: ours)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gamify_cli.domain.output_values import Number, Output, Place, Time
from gamify_cli.domain.program_values import BoardPeriod, RewardType


class Claim(Output):
    """The answer to a claim; `points_deducted` is 0 for one that was not paid."""

    claim_id: str
    participant_id: str
    reward_name: str
    reward_type: RewardType
    code_value: str | None
    points_deducted: Number
    new_balance: Number


class Offer(Output):
    """A reward, with how many are left: null for no limit."""

    id: str
    name: str
    type: RewardType
    description: str | None
    points_cost: Number
    available_codes: Number | None
    max_claims_per_user: Place | None
    expires_at: Time | None


class Offers(Output):
    """What can be claimed."""

    rewards: list[Offer]
    total: Number


class Claimed(Output):
    """One line of a participant's claims."""

    claim_id: str
    reward_id: str
    name: str
    type: RewardType
    code: str | None
    points_deducted: Number
    claimed_at: Time


class Claims(Output):
    """What a participant claimed, newest first."""

    participant_id: str
    rewards: list[Claimed]
    total: Number


class Loaded(Output):
    """How many codes are new and how many were there, with the first places of those."""

    reward_id: str
    loaded: Number
    duplicates: Number
    duplicate_lines: list[Place]
    available_codes: Number


class Entry(Output):
    """One participant of a leaderboard; `change` is null for all time."""

    rank: Place
    participant_id: str
    display_name: str | None
    score: int
    change: Literal["up", "down", "same", "new"] | None


class Ranking(Output):
    """The best in their order."""

    leaderboard_code: str
    period: BoardPeriod
    entries: list[Entry]
    total_participants: Number


class Rank(Output):
    """Where one participant stands; `percentile` is how many of a hundred stand below."""

    participant_id: str
    rank: Place
    score: int
    total_participants: Place
    percentile: Annotated[float, Field(ge=0, le=100)]
