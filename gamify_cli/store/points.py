"""The points of a local store's participants."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from gamify_cli.backend import NOW, Answer, Body, Each, HistoryQuery, Page, When, Write
from gamify_cli.domain import answers
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import points as rules
from gamify_cli.domain.instants import Instant
from gamify_cli.store.changes import Changes
from gamify_cli.store.readings import Readings, page


class PointsStore:
    """Implements `backend.Points` on one session."""

    def __init__(self, readings: Readings, changes: Changes) -> None:
        self._readings = readings
        self._changes = changes

    def award(self, participant_id: str, body: Body, write: Write) -> Answer:
        def rule(decision: Decision) -> Body:
            return answers.award(decision, rules.award(decision, **body))

        return self._changes.make(participant_id, "award", body, write, rule, outcome="awarded")

    def deduct(self, participant_id: str, body: Body, write: Write) -> Answer:
        def rule(decision: Decision) -> Body:
            return answers.deduction(decision, rules.deduct(decision, **body))

        return self._changes.make(participant_id, "deduct", body, write, rule, outcome="deducted")

    def balances(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._readings.each(ids, answers.points, when)

    def expiring(self, ids: Sequence[str], by: Instant | None, when: When = NOW) -> Each:
        return self._readings.each(ids, partial(answers.expiring, by=by), when)

    def transactions(self, participant_id: str, query: HistoryQuery) -> Page:
        kinds = tuple(query.kinds or answers.TRANSACTIONS)
        lines = self._readings.moves(participant_id, query._replace(kinds=kinds, limit=None))
        # A claim that was not paid is no transaction.
        moves = (line for line in lines if "amount" in line.data)
        bodies = (
            (str(line.number), answers.transaction(line.kind, line.data, line.occurred_at))
            for line in moves
        )
        return (yield from page(bodies, query.limit))
