"""The tiers of a local store's participants."""

from __future__ import annotations

from collections.abc import Sequence

from gamify_cli.backend import NOW, Answer, Body, Each, When, Write
from gamify_cli.domain import answers
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import tiers as rules
from gamify_cli.store.changes import Changes
from gamify_cli.store.readings import Readings


class TierStore:
    """Implements `backend.Tiers` on one session."""

    def __init__(self, readings: Readings, changes: Changes) -> None:
        self._readings = readings
        self._changes = changes

    def show(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._readings.each(ids, answers.tier, when)

    def assign(self, participant_id: str, code: str, body: Body, write: Write) -> Answer:
        def rule(decision: Decision) -> Body:
            rules.assign(decision, code, **body)
            return answers.tier(decision.participant, decision.program, decision.now)

        request = {"tier_code": code, **body}
        return self._changes.make(
            participant_id, "assign_tier", request, write, rule, outcome="assigned"
        )
