"""What of a store is in sight as of other times than now."""

from __future__ import annotations

from typing import NamedTuple

from gamify_cli.backend import When
from gamify_cli.domain.instants import Instant
from gamify_cli.store.session import UNLIMITED


class Sight(NamedTuple):
    """Facts that occurred up to `until` and were recorded up to `known_at`, as read at `moment`.

    They are judged under the program that was in force `under` a time. It `is_past` where that
    may be less than all there is now.
    """

    moment: Instant
    until: Instant
    known_at: Instant
    under: Instant
    is_past: bool

    @classmethod
    def of(cls, when: When, now: Instant) -> Sight:
        """What is in sight of the times asked for.

        With `known_at` alone it is all that was known then, read at that moment.
        """
        known = now if when.known_at is None else when.known_at
        moment = known if when.at is None else when.at
        until = UNLIMITED if when.at is None else when.at
        known_at = UNLIMITED if known >= now else known
        under = min(moment, known)
        return cls(moment, until, known_at, under, is_past=under < now)
