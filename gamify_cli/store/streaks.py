"""The streaks of a local store's participants."""

from __future__ import annotations

from collections.abc import Sequence

from gamify_cli.backend import NOW, Answer, Body, Each, When, Write
from gamify_cli.domain import views_streaks
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import streaks as rules
from gamify_cli.domain.instants import Instant
from gamify_cli.store.changes import Changes
from gamify_cli.store.readings import Readings


class StreakStore:
    """Implements `backend.Streaks` on one session."""

    def __init__(self, readings: Readings, changes: Changes) -> None:
        self._readings = readings
        self._changes = changes

    def record(
        self, participant_id: str, code: str, timestamp: Instant | None, write: Write
    ) -> Answer:
        def rule(decision: Decision) -> Body:
            rules.record(decision, code, timestamp=timestamp)
            return views_streaks.ticked(decision, code)

        request = {"streak_code": code, "timestamp": timestamp}
        return self._changes.make(
            participant_id, "record_streak", request, write, rule, outcome="ticked"
        )

    def restore(self, participant_id: str, code: str, reason: str, write: Write) -> Answer:
        def rule(decision: Decision) -> Body:
            rules.restore(decision, code, reason=reason)
            return views_streaks.listed(decision.participant, decision.program, decision.now)

        request = {"streak_code": code, "reason": reason}
        return self._changes.make(
            participant_id, "restore_streak", request, write, rule, outcome="restored"
        )

    def list(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._readings.each(ids, views_streaks.listed, when)
