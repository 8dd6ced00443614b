"""Rules of points: awards, deductions, and the lots that they fill and drain (source: vendor)."""

from __future__ import annotations

from typing import Any

from gamify_cli.domain import facts, vocabulary
from gamify_cli.domain.decide import Decision, interaction
from gamify_cli.domain.decide.consequences import follow
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import DAY, Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.errors import Conflict, Rejected, UsageError


def award(
    decision: Decision,
    amount: int,
    *,
    reason: str | None = None,
    metadata: dict[str, Any] | None = None,
    expires_at: Instant | None = None,
    occurred_at: Instant | None = None,
) -> Fact:
    """Add points, dated `occurred_at` or now; they last until `expires_at`, or as the program says.

    Raises UsageError for a bad value, Conflict for an inactive participant or a time before
    its latest points.
    """
    at = _checked_time(decision, amount, reason, metadata, occurred_at)
    if expires_at is None and decision.program.expiry_days is not None:
        expires_at = at + decision.program.expiry_days * DAY
    if expires_at is not None and expires_at <= at:
        raise UsageError("expires_at must lie after the award")
    interaction.begin(decision, at)
    more = {"reason": reason, "metadata": metadata, "expires_at": expires_at}
    return _move(decision, facts.POINTS_AWARDED, amount, amount, more, at)


def deduct(
    decision: Decision,
    amount: int,
    *,
    reason: str | None = None,
    metadata: dict[str, Any] | None = None,
    occurred_at: Instant | None = None,
) -> Fact:
    """Spend points, those that expire soonest first.

    Raises Rejected if there are too few, otherwise as `award` does.
    """
    at = _checked_time(decision, amount, reason, metadata, occurred_at)
    available = available_at(decision.participant, at)
    if amount > available:
        raise insufficient(available, amount)
    interaction.begin(decision, at)
    drained = drain(decision.participant, amount)
    more = {"reason": reason, "metadata": metadata, "lots": drained or None}
    return _move(decision, facts.POINTS_DEDUCTED, amount, -amount, more, at)


def earn(
    decision: Decision,
    amount: int,
    source: dict[str, str],
    at: Instant,
    *,
    cause: int,
    days: int | None = None,
) -> Fact:
    """Points that a rule or a challenge, `source`, pays for the fact `cause`, which was at `at`.

    They are dated no earlier than the latest points, and last `days`, or as the program says.
    """
    at = max(at, decision.participant.points_at or at)
    days = decision.program.expiry_days if days is None else days
    more = {**source, "expires_at": None if days is None else at + days * DAY}
    return _move(decision, facts.POINTS_AWARDED, amount, amount, more, at, cause)


def insufficient(available: int, requested: int) -> Rejected:
    """The refusal to spend more than there is (source: vendor)."""
    return Rejected(f"Insufficient points. Available: {available}, requested: {requested}")


def available_at(participant: Participant, at: Instant) -> int:
    """The balance less what will have run out by `at`."""
    return participant.balance - sum(n for lot, n in participant.lots.items() if lot <= at)


def drain(participant: Participant, amount: int) -> list[tuple[Instant, int]]:
    """From which lots an amount is taken, soonest-expiring first; the rest comes from no lot."""
    drained = []
    for expires_at in sorted(participant.lots):
        taken = min(amount, participant.lots[expires_at])
        drained.append((expires_at, taken))
        amount -= taken
        if not amount:
            break
    return drained


def _checked_time(
    decision: Decision,
    amount: int,
    reason: str | None,
    metadata: dict[str, Any] | None,
    occurred_at: Instant | None,
) -> Instant:
    vocabulary.amount(amount)
    if reason is not None:
        vocabulary.reason(reason)
    if metadata is not None:
        vocabulary.metadata(metadata)
    at = interaction.time_of(decision, occurred_at, "occurred_at")
    interaction.require_active(decision)
    latest = decision.participant.points_at
    if latest is not None and at < latest:
        raise Conflict(
            f'participant "{decision.participant.participant_id}" has later points already',
            hint="points can be dated back in order alone",
        )
    return at


def _move(
    decision: Decision,
    kind: str,
    amount: int,
    change: int,
    more: dict[str, Any],
    at: Instant,
    cause: int | None = None,
) -> Fact:
    """Record the fact with its new balance, then what follows for tiers and badges."""
    balance = decision.participant.balance + change
    given = {name: value for name, value in more.items() if value is not None}
    data = {"id": decision.new_id(), "amount": amount, "balance": balance, **given}
    fact = decision.record(kind, data, at=at, cause=cause)
    follow(decision, at, fact.number)
    return fact
