"""What is found in a part of a store, and what of it adds up over all parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gamify_cli.domain.reversing import Reversal, still_counts
from gamify_cli.store.verifying.drifts import Drift


class Claim(NamedTuple):
    """Who has a code, as the journal tells it or the stock."""

    claim_id: str | None
    participant_id: str | None
    operation: str | None


Code = tuple[str, str]
"""The id of a reward, and a code of it."""


class Taken:
    """What one participant took of stocks that are numbers, as its facts tell it in their order.

    `claims` have their number, their operation, and what they are counted by.
    """

    def __init__(self) -> None:
        self.claims: list[tuple[int, str, tuple[str, int | None]]] = []
        self.reversals: list[Reversal] = []

    def counting(self) -> Iterator[tuple[str, int | None]]:
        """What was not given back."""
        if self.claims:
            counts = still_counts(self.reversals[::-1])
            yield from (what for number, one, what in self.claims if counts(number, one))


class Findings:
    """What is found in a range; `is_whole` unless a journal in it lacks something.

    `operations` has how many participants and facts each operation with a row of its own has,
    `codes` who claimed each code, `claims` how many claims without a code each reward has under
    each version of the program, `undone` which operation undid another one at last.
    """

    def __init__(self) -> None:
        self.is_whole = True
        self.participants = 0
        self.facts = 0
        self.drifts: list[Drift] = []
        self.operations: dict[str, tuple[int, int]] = {}
        self.codes: list[tuple[Code, Claim]] = []
        self.claims: Counter[tuple[str, int | None]] = Counter()
        self.undone: dict[str, str] = {}

    def reversed(self, operation: str, undoing: str) -> None:
        """Take in that one operation undid another; the ids tell which did at last."""
        self.undone[operation] = max(undoing, self.undone.get(operation, ""))

    def count(self, shared: Mapping[str, int]) -> None:
        """Count one more participant, with so many facts of each operation."""
        for operation, facts in shared.items():
            self._sum(operation, 1, facts)

    def add(self, other: Findings) -> None:
        """Add up all but the drifts, which are told as they come."""
        self.is_whole = self.is_whole and other.is_whole
        self.participants += other.participants
        self.facts += other.facts
        for operation, sums in other.operations.items():
            self._sum(operation, *sums)
        self.codes += other.codes
        self.claims += other.claims
        for operation, undoing in other.undone.items():
            self.reversed(operation, undoing)

    def _sum(self, operation: str, participants: int, facts: int) -> None:
        before = self.operations.get(operation, (0, 0))
        self.operations[operation] = (before[0] + participants, before[1] + facts)
