"""Many inputs for a server: events in batches, participants one by one in their order."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from gamify_cli import wire
from gamify_cli.backend import Body, Entry, Imported, Outcome, Source, Write
from gamify_cli.domain import jsontext
from gamify_cli.errors import Conflict, GamifyError, NoRoute, UsageError, WrongMethod
from gamify_cli.remote.calls import Calls, timed
from gamify_cli.remote.groups import grouped
from gamify_cli.remote.workers import in_order

Results = Iterator[Imported | GamifyError]


class _Calling(ABC):
    """Implements `backend.Importer` but for what is sent; a server keeps no place to go on at."""

    done = 0

    def __init__(self, calls: Calls, write: Write, source: Source) -> None:
        if source.resume:
            raise UsageError(
                "a server cannot resume an import",
                hint="import the file again: what is there already stays unchanged",
            )
        self._calls = calls
        self._write = write
        self.operation = write.operation.operation
        self.now = time.time_ns() // 1_000

    def record(self, entries: Sequence[Entry | GamifyError], _lines: int) -> Results:
        results = self._sent([entry for entry in entries if isinstance(entry, Entry)])
        for entry in entries:
            yield next(results) if isinstance(entry, Entry) else entry

    @abstractmethod
    def _sent(self, entries: Sequence[Entry]) -> Results:
        """What came of each."""

    def finish(self) -> None:  # noqa: B027 (nothing to do, for any)
        """Nothing is kept of an import."""


class EventBatches(_Calling):
    """Events; a rehearsal remembers those of a batch alone."""

    def _sent(self, entries: Sequence[Entry]) -> Results:
        for batch in grouped(map(_item, entries), _size, most=wire.MAX_BATCH):
            yield from self._batch(batch)

    def _batch(self, batch: list[Body]) -> Results:
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
                outcome: Outcome = "unchanged" if row.get("replayed") else "created"
                yield Imported(outcome, str(row["event_id"]))
            else:
                raise self._calls.incomplete(path)


class ParticipantPosts(_Calling):
    """Participants; each is one request."""

    def _sent(self, entries: Sequence[Entry]) -> Results:
        # Requests run side by side, and of two on one participant the later line is to win.
        for some in _each_once(entries):
            yield from in_order(self._post, some, self._calls.jobs)

    def _post(self, entry: Entry) -> Imported | GamifyError:
        write = self._write._replace(idempotency_key=entry.idempotency_key)
        body = {"participant_id": entry.participant_id, **entry.given}
        try:
            answer = self._calls.write("POST", "/participants", body, write, "updated")
        except (NoRoute, WrongMethod):
            raise
        except (UsageError, Conflict) as error:
            return error
        return Imported("unchanged" if answer.outcome == "replayed" else answer.outcome)


def _each_once(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """The entries in their order, cut before each participant that comes again."""
    some: list[Entry] = []
    ids: set[str] = set()
    for entry in entries:
        if entry.participant_id in ids:
            yield some
            some, ids = [], set()
        some.append(entry)
        ids.add(entry.participant_id)
    yield some


def _item(entry: Entry) -> Body:
    item = {"participant_id": entry.participant_id, **timed(entry.given, "timestamp")}
    if entry.idempotency_key is not None:
        item["idempotency_key"] = entry.idempotency_key
    return item


def _size(item: Body) -> int:
    return len(jsontext.exact(item).encode("utf-8", "replace"))
