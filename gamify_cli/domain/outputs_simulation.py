"""Answers about what another program would make of everyone (source: ours)."""

from __future__ import annotations

from pydantic import Field

from gamify_cli.domain.output_values import Number, Output, Place, Time


class Move(Output):
    """A number as it is, as it would be, and the difference."""

    from_: int = Field(alias="from")
    to: int
    change: int


class _TierMove(Output):
    from_: str | None = Field(alias="from")
    to: str | None


class _Codes(Output):
    gained: list[str]
    lost: list[str]


class _StreakMove(Output):
    code: str
    current: Move
    longest: Move


class _Root(Output):
    number: Place
    kind: str


class _Debit(Output):
    asked: Number
    taken: Number


class Clamped(_Debit, _Root):
    """A fact that took more points than there would be."""


class _Reason(Output):
    reason: str


class Refused(_Reason, _Root):
    """A fact that would be refused, and why."""


class _Amounts(Output):
    balance: Move
    total_earned: Move
    total_spent: Move
    expiring: Move


class _Rest(Output):
    tier: _TierMove
    badges: _Codes
    challenges: _Codes
    streaks: list[_StreakMove]
    clamped: list[Clamped]
    refused: list[Refused]


class _Whose(Output):
    participant_id: str


class Simulated(_Rest, _Amounts, _Whose):
    """What changes of a participant; `expiring` is what of the balance has an end."""


class _Points(Output):
    gaining: Number
    gained: Number
    losing: Number
    lost: Number


class _TierMoves(_TierMove):
    participants: Place


class _CodeSums(Output):
    code: str
    gained: Number
    lost: Number


class _StreakSums(Output):
    code: str
    longer: Number
    shorter: Number


class _ClampedSums(Output):
    participants: Number
    debits: Number
    points: Number


class _RefusedSums(Output):
    kind: str
    facts: Place


class _SummaryRest(Output):
    tiers: list[_TierMoves]
    badges: list[_CodeSums]
    challenges: list[_CodeSums]
    streaks: list[_StreakSums]
    clamped: _ClampedSums
    refused: list[_RefusedSums]
    unknown: list[str]


class _Counts(Output):
    name: str
    since: Time | None
    participants: Number
    facts: Number
    changed: Number
    erased: Number
    points: _Points


class Summary(_SummaryRest, _Amounts, _Counts):
    """How many participants and facts were decided again, and how much changes together.

    `since` is null where all there is was decided. The amounts are those of everybody, `points`
    the balances that rise and those that fall. What those `erased` did cannot be decided again.
    `unknown` says what no simulation can know.
    """


class Simulation(Output):
    """All that a program would change: the sums, and each participant that changes."""

    summary: Summary
    participants: list[Simulated]


class _Stored(Output):
    balance: int = 0
    total_earned: int = 0
    total_spent: int = 0
    expiring: int = 0


class SimulationPart(Output):
    """What a program would change of some participants; `next` is the cursor that goes on.

    `stored` are the amounts of all of them together, as they are; those `erased` come on top.
    """

    participants: Number
    facts: Number
    erased: Number
    stored: _Stored
    changed: list[Simulated]
    next: str | None
