"""Facts: what happened to one participant, in the words of the journal.

A fact is never changed or removed. Its number is its place in the participant's own
journal, from 1 without gaps; the number of the latest is the participant's version.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from gamify_cli.domain.instants import Instant

REGISTERED = "registered"
"""data: any of display_name, avatar_url, attributes, as they were given"""

PROFILE_CHANGED = "profile_changed"
"""data: display_name and avatar_url, new value or null; attributes, the whole new object;
attributes_patch, a merge patch (RFC 7396) on the object that was there"""

DEACTIVATED = "deactivated"
ACTIVATED = "activated"

POINTS_AWARDED = "points_awarded"
"""data: id, amount, balance afterwards; reason, metadata, expires_at, rule or challenge
that paid them, where given"""

POINTS_DEDUCTED = "points_deducted"
"""data: id, amount, balance afterwards, lots drained by expires_at; reason, metadata"""

POINTS_EXPIRED = "points_expired"
"""data: id, amount, balance afterwards, expires_at of the lot that ran out"""

TIER_CHANGED = "tier_changed"
"""data: code or null, how (reached, lost, assigned); held, the level that points had earned
when it was assigned; reason"""

BADGE_EARNED = "badge_earned"
"""data: code; metadata, rule or challenge that gave it, where given"""

STREAK_RECORDED = "streak_recorded"
"""data: code; period, the first day of the one that was ticked; paid, those of the periods that
freezes paid for, where they did; state of the streak afterwards"""

STREAK_RESTORED = "streak_restored"
"""data: code, reason; covered, how many missed periods it bridges; state afterwards"""

STREAK_MOVED = "streak_moved"
"""data: code; state afterwards, which lapses as the participant's new zone says"""

EVENT_RECORDED = "event_recorded"
"""data: id, event; where they are any: properties, matched rules, those refused with reason and
until when, counted (by its name, for badges), limits used as {rule: [per, start of the window,
start of the oldest one to keep]}, progress as {challenge: [objective]}"""

CHALLENGE_ENROLLED = "challenge_enrolled"
"""data: code"""

CHALLENGE_COMPLETED = "challenge_completed"
"""data: code"""

REWARD_CLAIMED = "reward_claimed"
"""data: id, reward, balance afterwards; code where it has one; where it was paid, amount and the
lots drained by expires_at"""

REVERSED = "reversed"
"""data: operation that was undone; id, amount, what the balance changed by, and balance afterwards,
where it did; dropped, the numbers of facts that the rules do not allow any more, where there are;
change, all the rest of it, as `reversing` has it"""

ERASED = "erased"
"""data: none; what was personal until then is gone from all facts before it"""

POINTS = (POINTS_AWARDED, POINTS_DEDUCTED, POINTS_EXPIRED)
"""The kinds that move points and do nothing else."""

KINDS = (
    REGISTERED,
    PROFILE_CHANGED,
    DEACTIVATED,
    ACTIVATED,
    *POINTS,
    TIER_CHANGED,
    BADGE_EARNED,
    STREAK_RECORDED,
    STREAK_RESTORED,
    STREAK_MOVED,
    EVENT_RECORDED,
    CHALLENGE_ENROLLED,
    CHALLENGE_COMPLETED,
    REWARD_CLAIMED,
    REVERSED,
    ERASED,
)


class Fact(NamedTuple):
    """One line of a participant's journal; `cause` is the number of the fact that led to it."""

    number: int
    kind: str
    data: dict[str, Any]
    occurred_at: Instant
    cause: int | None = None
