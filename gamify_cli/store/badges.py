"""The badges of a local store's participants."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from gamify_cli.backend import NOW, Answer, Body, Each, When, Write
from gamify_cli.domain import answers
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import badges as rules
from gamify_cli.store.changes import Changes
from gamify_cli.store.readings import Readings


class BadgeStore:
    """Implements `backend.Badges` on one session."""

    def __init__(self, readings: Readings, changes: Changes) -> None:
        self._readings = readings
        self._changes = changes

    def award(self, participant_id: str, code: str, body: Body, write: Write) -> Answer:
        def rule(decision: Decision) -> Body:
            rules.award(decision, code, **body)
            return answers.badge_award(decision, code)

        request = {"badge_code": code, **body}
        return self._changes.make(
            participant_id, "award_badge", request, write, rule, outcome="awarded"
        )

    def list(self, ids: Sequence[str], when: When = NOW, *, earned_only: bool) -> Each:
        return self._readings.each(ids, partial(answers.badges, earned_only=earned_only), when)
