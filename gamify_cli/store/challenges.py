"""The challenges of a local store's participants."""

from __future__ import annotations

from collections.abc import Sequence

from gamify_cli.backend import NOW, Answer, Body, Each, When, Write
from gamify_cli.domain import views_challenges
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import challenges as rules
from gamify_cli.store.changes import Changes
from gamify_cli.store.readings import Readings


class ChallengeStore:
    """Implements `backend.Challenges` on one session."""

    def __init__(self, readings: Readings, changes: Changes) -> None:
        self._readings = readings
        self._changes = changes

    def enroll(self, participant_id: str, code: str, write: Write) -> Answer:
        def rule(decision: Decision) -> Body:
            rules.enroll(decision, code)
            return views_challenges.reading(decision.participant, decision.program, decision.now)

        request = {"challenge_code": code}
        return self._changes.make(
            participant_id, "enroll", request, write, rule, outcome="enrolled"
        )

    def list(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._readings.each(ids, views_challenges.reading, when)
