"""What every interaction begins with: times, an active participant, points that ran out."""

from __future__ import annotations

from gamify_cli.domain import facts
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide.consequences import judge_tiers
from gamify_cli.domain.instants import SECOND, Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.errors import Conflict, Erased, UsageError

AHEAD = 60 * SECOND
"""How far a client's clock may be ahead; such a time counts as now."""


def time_of(decision: Decision, given: Instant | None, name: str) -> Instant:
    """When it occurs: as given, or now. Raises UsageError for a time in the future."""
    if given is None or decision.now < given <= decision.now + AHEAD:
        return decision.now
    if given > decision.now:
        raise UsageError(f"{name} lies in the future")
    return given


def require_active(decision: Decision) -> None:
    """Raise Conflict for a participant that was deactivated."""
    participant = decision.participant
    if not participant.is_active:
        raise Conflict(
            f'participant "{participant.participant_id}" is inactive',
            hint="activate it first: gamify participants activate",
        )


def require_kept(participant: Participant) -> None:
    """Raise Erased for a participant whose personal data were erased: nothing is added to it."""
    if participant.erased_at is not None:
        raise Erased(
            f'participant "{participant.participant_id}" was erased',
            hint="it can be read, and takes no more changes; the same person needs another id",
        )


def begin(decision: Decision, at: Instant) -> None:
    """Take the participant to `at`: create it if it is unknown, and settle what is due."""
    if not decision.participant.exists:
        decision.record(facts.REGISTERED, {}, at=at, cause=decision.next_number + 1)
    settle(decision, at)


def settle(decision: Decision, until: Instant) -> None:
    """Record each lot that ran out by `until`, dated when it did, and what follows for the tier."""
    participant = decision.participant
    for expires_at in sorted(lot for lot in participant.lots if lot <= until):
        amount = participant.lots[expires_at]
        data = {
            "id": decision.new_id(),
            "amount": amount,
            "balance": participant.balance - amount,
            "expires_at": expires_at,
        }
        expired = decision.record(facts.POINTS_EXPIRED, data, at=expires_at)
        judge_tiers(decision, expires_at, expired.number)
