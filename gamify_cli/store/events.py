"""The events of a local store's participants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamify_cli.backend import Answer, Body, HistoryQuery, Page, Source, Write
from gamify_cli.domain import answers_events, facts
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import events as rules
from gamify_cli.store.changes import Changes
from gamify_cli.store.importing import RECORD, EventImporter
from gamify_cli.store.programs import Programs
from gamify_cli.store.readings import Readings, page
from gamify_cli.store.session import Session

if TYPE_CHECKING:
    from gamify_cli.backend.nouns import Importer


class EventStore:
    """Implements `backend.Events` on one session."""

    def __init__(
        self, session: Session, programs: Programs, readings: Readings, changes: Changes
    ) -> None:
        self._session = session
        self._programs = programs
        self._readings = readings
        self._changes = changes

    def record(self, participant_id: str, body: Body, write: Write) -> Answer:
        def rule(decision: Decision) -> Body:
            return answers_events.recorded(rules.record(decision, **body))

        return self._changes.make(participant_id, RECORD, body, write, rule, outcome="recorded")

    def list(self, participant_id: str, query: HistoryQuery, event_name: str | None) -> Page:
        every = query._replace(kinds=(facts.EVENT_RECORDED,), limit=None)
        bodies = (
            (str(line.number), answers_events.row(line.data, line.occurred_at))
            for line in self._readings.standing(participant_id, every)
            if event_name in (None, line.data["event"])
        )
        return (yield from page(bodies, query.limit))

    def importer(self, write: Write, source: Source) -> Importer:
        return EventImporter(self._session, self._programs, write, source)
