"""What the rehearsals of one command led to so far: each is judged after those before it.

It is kept in memory, beside the store. A transaction that is rolled back at the end would
show the same, but hold the write lock for as long as ids come from a pipe, write to the log,
and fail on a store that may only be read.
"""

from __future__ import annotations

from collections import Counter

from gamify_cli.domain.participant import Participant

RequestKey = tuple[str, ...]
"""The participant, the name of the operation, and the idempotency key."""


class Rehearsal:
    """What stands in place of what is stored, or comes on top of it, until `operation` is over.

    `participants` as they would be saved, `requests` with the fingerprint and the answer that
    would be kept, how many `claims` of each reward would have taken from its stock.
    """

    def __init__(self, operation: str = "") -> None:
        self.operation = operation
        self.participants: dict[str, Participant] = {}
        self.requests: dict[RequestKey, tuple[str, str]] = {}
        self.claims: Counter[str] = Counter()
