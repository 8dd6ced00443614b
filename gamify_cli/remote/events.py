"""The events of a server's participants, recorded one by one or in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gamify_cli import wire
from gamify_cli.backend import Answer, Body, Each, EventEntry, HistoryQuery, Page, Write
from gamify_cli.domain import jsontext, vocabulary
from gamify_cli.errors import GamifyError
from gamify_cli.remote.calls import Calls, history, participant_path, timed
from gamify_cli.remote.groups import grouped


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
        batches = grouped(good, _size, most=wire.MAX_BATCH)
        results = (result for batch in batches for result in self._sent(batch))
        for entry in entries:
            yield next(results) if isinstance(entry, EventEntry) else entry

    def _sent(self, batch: list[Body]) -> Iterator[Body | GamifyError]:
        # Each batch is a request of its own, whatever key the events go by.
        write = self._write._replace(idempotency_key=None)
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


def _size(item: Body) -> int:
    return len(jsontext.exact(item).encode("utf-8", "replace"))
