"""Rules: a command on one participant becomes facts, or a refusal that leaves nothing.

Each module holds the rules of one subject. A rule takes a `Decision`, makes every check
before it records its first fact, and never sees a clock, a connection or the environment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.domain.program import Program

_NOBODY = Participant("")
"""What stood there before one that is new."""


class Decision:
    """A working copy of one participant, and the facts decided on it so far.

    Each recorded fact moves the copy on at once, so that the next rule sees it; one of whom
    nothing is recorded yet needs no copy. `now`, the program in force and new ids come from
    outside.
    """

    __slots__ = ("before", "facts", "new_id", "now", "participant", "program")

    def __init__(
        self,
        participant: Participant,
        program: Program,
        now: Instant,
        new_id: Callable[[], str],
    ) -> None:
        if participant.version:
            self.before, self.participant = participant, participant.copy()
        else:
            self.before, self.participant = _NOBODY, participant
        self.program = program
        self.now = now
        self.new_id = new_id
        self.facts: list[Fact] = []

    @classmethod
    def in_place(
        cls,
        participant: Participant,
        program: Program,
        now: Instant,
        new_id: Callable[[], str],
    ) -> Decision:
        """One that moves the very participant on; for rules that do not look at `before`."""
        decision = cls(_NOBODY, program, now, new_id)
        decision.participant = participant
        return decision

    @property
    def next_number(self) -> int:
        """The number that the next fact will have."""
        return self.participant.version + 1

    def record(
        self,
        kind: str,
        data: dict[str, Any],
        *,
        at: Instant | None = None,
        cause: int | None = None,
    ) -> Fact:
        """Add a fact that occurs at `at`, now by default, for the sake of the fact `cause`."""
        occurred_at = self.now if at is None else at
        fact = Fact(self.participant.version + 1, kind, data, occurred_at, cause)
        evolve(self.participant, fact)
        self.facts.append(fact)
        return fact
