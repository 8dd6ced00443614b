"""Rules: a command on one participant becomes facts, or a refusal that leaves nothing.

Each module holds the rules of one subject. A rule takes a `Decision`, makes every check
before it records its first fact, and never sees a clock, a connection or the environment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant, evolve


class Decision:
    """A working copy of one participant, and the facts decided on it so far.

    Each recorded fact moves the copy on at once, so that the next rule sees it.
    """

    def __init__(self, participant: Participant, now: Instant) -> None:
        self.participant = replace(participant)
        self.now = now
        self.facts: list[Fact] = []

    def record(self, kind: str, data: dict[str, Any]) -> None:
        """Add a fact that occurs now."""
        fact = Fact(self.participant.version + 1, kind, data, self.now)
        evolve(self.participant, fact)
        self.facts.append(fact)
