"""The events of a server's participants, recorded one by one or in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gamify_cli.backend import Answer, Body, HistoryQuery, Page, Source, Write
from gamify_cli.domain import vocabulary
from gamify_cli.remote.calls import Calls, history, participant_path, timed
from gamify_cli.remote.imports import EventBatches

if TYPE_CHECKING:
    from gamify_cli.backend.nouns import Importer


class EventCalls:
    """Implements `backend.Events` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def record(self, participant_id: str, body: Body, write: Write) -> Answer:
        one = vocabulary.participant_id(participant_id)
        whole = {"participant_id": one, **timed(body, "timestamp")}
        return self._calls.write("POST", "/events", whole, write, "recorded")

    def list(self, participant_id: str, query: HistoryQuery, event_name: str | None) -> Page:
        path = participant_path(participant_id) + "/events"
        parameters = {"event_name": event_name, **history(query)}
        return self._calls.page(path, parameters, "events", query.limit)

    def importer(self, write: Write, source: Source) -> Importer:
        return EventBatches(self._calls, write, source)
