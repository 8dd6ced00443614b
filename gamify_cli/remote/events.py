"""The events of a server's participants, recorded one by one or in batches."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from gamify_cli import wire
from gamify_cli.backend import Answer, Body, Each, EventEntry, HistoryQuery, Page, Write
from gamify_cli.domain import jsontext, vocabulary
from gamify_cli.errors import GamifyError
from gamify_cli.remote.calls import Calls, history, participant_path, timed

_MOST_BYTES = 900_000
"""Of a request, with room below the limit of a body."""


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

    def importer(self, write: Write) -> EventBatches:
        return EventBatches(self._calls, write)


class EventBatches:
    """Implements `backend.EventImporter`; a rehearsal remembers the events of a batch alone."""

    def __init__(self, calls: Calls, write: Write) -> None:
        self._calls = calls
        self._write = write

    def record(self, entries: Sequence[EventEntry | GamifyError]) -> Each:
        good = [_item(entry) for entry in entries if isinstance(entry, EventEntry)]
        results = (result for batch in _batches(good) for result in self._sent(batch))
        for entry in entries:
            yield next(results) if isinstance(entry, EventEntry) else entry

    def _sent(self, batch: list[Body]) -> Iterator[Body | GamifyError]:
        # Each batch is a request of its own, whatever key the events go by.
        write = self._write._replace(idempotency_key=os.urandom(16).hex())
        path = "/events/batch"
        body = self._calls.write("POST", path, {"events": batch}, write, "recorded").body
        rows = self._calls.rows(path, body, "results")
        if len(rows) != len(batch):
            raise self._calls.incomplete(path)
        for row in rows:
            if row.get("ok") is not True:
                yield wire.item_error(row)
            elif "event_id" in row:
                yield row
            else:
                raise self._calls.incomplete(path)


def _item(entry: EventEntry) -> Body:
    item = {"participant_id": entry.participant_id, **timed(entry.body, "timestamp")}
    if entry.idempotency_key is not None:
        item["idempotency_key"] = entry.idempotency_key
    return item


def _batches(items: Sequence[Body]) -> Iterator[list[Body]]:
    """Items in groups that one request can hold."""
    batch: list[Body] = []
    size = 0
    for item in items:
        length = len(jsontext.exact(item).encode("utf-8", "replace"))
        if batch and (len(batch) == wire.MAX_BATCH or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += length + 1
    if batch:
        yield batch
