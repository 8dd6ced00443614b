"""What of a store is in sight as of other times than now."""

from __future__ import annotations

from gamify_cli.backend import When
from gamify_cli.domain.instants import Instant
from gamify_cli.store.session import UNLIMITED


class Sight:
    """Facts that occurred up to `until` and were recorded up to `known_at`, as read at `moment`.

    They are judged under the program that was in force `under` a time. It `is_past` where that
    may be less than all there is now. With `when.known_at` alone it is all that was known then,
    read at that moment.
    """

    # Every command waits for this module, and a tuple with names takes longer to make than it.
    __slots__ = ("is_past", "known_at", "moment", "under", "until")

    def __init__(self, when: When, now: Instant) -> None:
        known = now if when.known_at is None else when.known_at
        self.moment = known if when.at is None else when.at
        self.until = UNLIMITED if when.at is None else when.at
        self.known_at = UNLIMITED if known >= now else known
        self.under = min(self.moment, known)
        self.is_past = self.under < now
