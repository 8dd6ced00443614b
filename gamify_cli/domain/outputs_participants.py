"""Answers about participants: registrations, profiles, states, lists, histories.

Sources: created, profile and state: seed; the rest: ours.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, RootModel

from gamify_cli.domain.output_values import ABSENT, Free, Number, Output, Place, Time
from gamify_cli.domain.program_values import Rarity


class Points(Output):
    """The balance is what was earned, less spent and expired."""

    balance: Number
    total_earned: Number
    total_spent: Number


class NextTier(Output):
    """The tier above, and what is missing to it."""

    code: str
    name: str
    points_required: Number
    points_remaining: Number


class ProfileTier(Output):
    """The tier with progress to the next one, which is null at the top."""

    code: str
    name: str
    level: Place
    color: str | None
    achieved_at: Time
    next_tier: NextTier | None


class EarnedBadge(Output):
    """A badge of a profile."""

    code: str
    name: str
    rarity: Rarity
    earned: Literal[True]
    earned_at: Time


class BestStreak(Output):
    """The highest current count, then the longest, then the latest."""

    current: Number
    longest: Number
    last_activity_at: Time


class _Own(Output):
    participant_id: str
    display_name: str | None
    avatar_url: str | None
    attributes: Free
    points: Points
    tier: ProfileTier | None
    badges: list[EarnedBadge]
    streaks: BestStreak | None
    rewards_claimed: Number
    total_events: Number


class Created(_Own):
    """The answer to a registration."""

    is_active: bool
    created_at: Time


class Profile(_Own):
    """The rich profile."""

    first_seen_at: Time
    last_seen_at: Time
    is_active: bool


class PlainTier(Output):
    """The tier without its progress."""

    code: str
    name: str
    level: Place


class StateBadge(Output):
    """A badge of a state, earned or not."""

    code: str
    earned: bool
    earned_at: Time | None


class PlainStreak(Output):
    """The best streak without its time."""

    current: Number
    longest: Number


class ChallengeCounts(Output):
    """How many challenges are active and completed."""

    active: Number
    completed: Number


class RewardCounts(Output):
    """How many rewards were claimed."""

    total_claimed: Number


class State(Output):
    """The sections that were asked for, in this order; the others are left out."""

    participant_id: str
    points: Points = ABSENT
    tier: PlainTier | None = ABSENT
    badges: list[StateBadge] = ABSENT
    streaks: PlainStreak | None = ABSENT
    challenges: ChallengeCounts = ABSENT
    rewards: RewardCounts = ABSENT


class Found(Output):
    """One of several participants that were asked for (source: ours)."""

    ok: Literal[True]
    participant: Profile | State


class Refused(Output):
    """One of several that was refused; the others were not."""

    ok: Literal[False]
    detail: str
    code: str
    hint: str | None = ABSENT


class FoundParticipants(Output):
    """What there is of each participant, in the order in which they were asked for."""

    results: list[Found | Refused]


class Row(Output):
    """One line of a list."""

    participant_id: str
    display_name: str | None
    balance: Number
    total_earned: Number
    total_spent: Number
    tier: str | None
    rewards_claimed: Number
    total_events: Number
    first_seen_at: Time
    last_seen_at: Time
    is_active: bool
    version: Place
    attributes: Free


class RowPage(Output):
    """Participants in the order asked for; `next` is the cursor that goes on."""

    participants: list[Row]
    next: str | None


class Count(Output):
    """How many participants there are on all pages together."""

    count: Number


class Rows(RootModel[RowPage | Count]):
    """A page, or how many there are."""


class Backup(Output):
    """A backup that was made of the store."""

    path: str
    made_at: Time


class Erased(Output):
    """The receipt of an erasure.

    It tells how many facts and command lines lost something, and which backups were made
    before: they hold it still.
    """

    participant_id: str
    erased_at: Time
    facts: Number
    commands: Number
    backups: list[Backup]


class FactRow(Output):
    """One line of a journal; `cause` is the number of the fact that led to it."""

    number: Place
    kind: str
    data: Free
    occurred_at: Time
    recorded_at: Time
    cause: Place | None
    operation: str
    command: str
    actor: str


class Facts(Output):
    """A participant's journal, newest first; `next` is the cursor that goes on."""

    facts: list[FactRow]
    next: str | None


class KeptAnswer(Output):
    """An answer that is kept under an idempotency key; null once it was erased."""

    operation_name: str
    idempotency_key: str
    status: Place
    recorded_at: Time
    answer: Free | None


class Bundle(Output):
    """Everything that is known about one participant; its facts from the first on."""

    participant_id: str
    profile: Profile
    state: State
    facts: list[FactRow]
    requests: list[KeptAnswer]
    backups: list[Backup]


class ChangedField(Output):
    """One value that differs; `field` is a path, and what is missing is null."""

    field: str
    from_: Any = Field(alias="from")
    to: Any


class Difference(Output):
    """What became of a participant between two times, and the facts that occurred in between."""

    participant_id: str
    from_: Time = Field(alias="from")
    to: Time
    changes: list[ChangedField]
    facts: list[FactRow]
