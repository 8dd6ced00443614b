"""Answers about points, badges, tiers, streaks, events and challenges (source: vendor).

Of two bases the second has the first members: pydantic takes them from the last base on.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel

from gamify_cli.domain.output_values import ABSENT, Free, Number, Output, Place, Time
from gamify_cli.domain.outputs_participants import NextTier, Refused
from gamify_cli.domain.program_values import Amount, Rarity, StreakPeriod
from gamify_cli.domain.vocabulary import MAX_BATCH


class Deduction(Output):
    """The answer to a deduction."""

    transaction_id: str
    participant_id: str
    amount: Amount
    new_balance: Number


class TierUpgrade(Output):
    """From where to where points took a participant."""

    code: str
    name: str
    level: Place
    previous_code: str | None
    previous_level: Place | None


class Award(Deduction):
    """The answer to an award, with the tier and the badges that followed."""

    tier_upgrade: TierUpgrade | None
    badges_unlocked: list[str]


class _Item(Output):
    index: Number
    participant_id: str | None = ABSENT


class Failed(Refused, _Item):
    """An item of a batch that was refused; the others were not."""


class Awarded(Output):
    """An item of a batch of awards."""

    index: Number
    participant_id: str
    ok: Literal[True]
    transaction_id: str
    new_balance: Number


class AwardResults(Output):
    """What came of each award of a batch."""

    results: list[Awarded | Failed]
    succeeded: Number
    failed: Number


class Balance(Output):
    """A balance with its totals."""

    participant_id: str
    balance: Number
    total_earned: Number
    total_spent: Number


class Lot(Output):
    """Points that run out together, or never."""

    remaining: Place
    expires_at: Time | None


class Expiring(Output):
    """What runs out by a time; every lot, soonest first, never last."""

    participant_id: str
    by: Time
    expiring: Number
    lots: list[Lot]


class Transaction(Output):
    """One line of a points history; `amount` is negative where points went."""

    id: str
    type: Literal["award", "deduct", "expire", "claim", "reversal"]
    amount: int
    balance_after: Number
    reason: str | None
    metadata: Free | None
    expires_at: Time | None
    created_at: Time


class _Paged(Output):
    total: Number
    page: Place
    page_size: Annotated[int, Field(ge=1, le=MAX_BATCH)]


class _Transactions(Output):
    participant_id: str
    transactions: list[Transaction]


class TransactionPage(_Paged, _Transactions):
    """One page out of all by its number, newest recorded first."""


class TransactionList(_Transactions):
    """So many, newest recorded first; `next` is the cursor that goes on (source: ours)."""

    next: str | None


class Transactions(RootModel[TransactionPage | TransactionList]):
    """A points history, by page or by cursor."""


class BadgeAward(Output):
    """The answer to a badge given by hand; a repeat shows when it was first earned."""

    participant_id: str
    badge_code: str
    badge_name: str
    icon: str | None
    rarity: Rarity
    earned_at: Time
    already_earned: bool


class BadgeStanding(Output):
    """A badge, earned or not."""

    code: str
    name: str
    description: str | None
    icon: str | None
    rarity: Rarity
    earned: bool
    earned_at: Time | None


class Badges(Output):
    """All active badges, then earned ones that are no longer active."""

    participant_id: str
    badges: list[BadgeStanding]
    total: Number
    earned_count: Number


class CurrentTier(Output):
    """The tier without its progress."""

    code: str
    name: str
    level: Place
    color: str | None
    achieved_at: Time


class TierChange(Output):
    """When a tier was reached or assigned."""

    code: str
    name: str
    achieved_at: Time


class TierStanding(Output):
    """The tier, the next one, and the newest changes, oldest of them first."""

    participant_id: str
    current_tier: CurrentTier | None
    next_tier: NextTier | None
    tier_history: list[TierChange]


class Tick(Output):
    """The answer to a tick."""

    streak_code: str
    new_count: Number
    longest_count: Place
    is_new_record: bool
    already_recorded: bool


class StreakStanding(Output):
    """A streak as it stands now."""

    code: str
    name: str
    current_count: Number
    longest_count: Number
    last_recorded_at: Time | None
    is_at_risk: bool
    period: StreakPeriod


class Streaks(Output):
    """The active streaks, ticked or not; then ticked ones that are not active now."""

    participant_id: str
    streaks: list[StreakStanding]


class Effect(Output):
    """What an event led to; `rule` is null for what a challenge paid.

    One of points has an amount, any other a code.
    """

    rule: str | None
    type: Literal["points", "badge", "streak", "challenge"]
    code: str = ABSENT
    amount: Amount = ABSENT


class Refusal(Output):
    """Which rule gave something not, and why."""

    rule: str
    reason: str


class EventAnswer(Output):
    """The answer to an event; `fact_id` is its place in the participant's journal."""

    event_id: str
    fact_id: Place
    status: Literal["processed"]
    effects: list[Effect]
    refused: list[Refusal]


class Recorded(Output):
    """An item of a batch of events; `replayed` (ours) if its own key was used for it before."""

    index: Number
    ok: Literal[True]
    event_id: str
    replayed: Literal[True] = ABSENT


class EventResults(Output):
    """What came of each event of a batch."""

    results: list[Recorded | Failed]
    succeeded: Number
    failed: Number


class Event(Output):
    """One event of a list."""

    id: str
    event_name: str
    properties: Free
    occurred_at: Time


class _Events(Output):
    participant_id: str
    events: list[Event]


class EventPage(_Paged, _Events):
    """One page out of all by its number, newest recorded first."""


class EventList(_Events):
    """So many, newest recorded first; `next` is the cursor that goes on (source: ours)."""

    next: str | None


class Events(RootModel[EventPage | EventList]):
    """A participant's events, by page or by cursor."""


class ObjectiveStanding(Output):
    """How far an objective is."""

    id: str
    progress: Number
    target: Place
    completed: bool


class ChallengeStanding(Output):
    """How a challenge stands."""

    code: str
    name: str
    status: Literal["active", "completed", "expired"]
    objectives: list[ObjectiveStanding]
    enrolled_at: Time
    completed_at: Time | None


class Challenges(Output):
    """Those that a participant enrolled in, the earliest first."""

    participant_id: str
    challenges: list[ChallengeStanding]
