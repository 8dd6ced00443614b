"""Imports: what many inputs lead to, a batch in one transaction, each input all or nothing.

The rules are those of single commands. An import happens at one instant and makes its ids from
its lines, so that a part of it that is done again leads to the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import partial

from gamify_cli.backend import Entry, Imported, Source, Write
from gamify_cli.domain import answers_events, vocabulary
from gamify_cli.domain.decide import events as rules
from gamify_cli.domain.decide import profile as profile_rules
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import Conflict, GamifyError, Unavailable, UsageError
from gamify_cli.store.batches import Batch
from gamify_cli.store.programs import Programs
from gamify_cli.store.progress import Progress
from gamify_cli.store.requests import KeptRequests
from gamify_cli.store.session import Session

RECORD = "record_event"
"""The operation under which the keys of events are kept, imported or not."""

Entries = Sequence[Entry | GamifyError]
Result = Imported | GamifyError
Results = Iterator[Result]

_CREATED, _UPDATED, _UNCHANGED = Imported("created"), Imported("updated"), Imported("unchanged")
_FIRST = 100
_FEW = 1_000
"""Up to so many entries in a group, nothing is made ready for more."""

_REMEMBERED = 200_000
"""So many participants are known to be counted without a look into the journal."""


class _Import(ABC):
    """Implements `backend.Importer` on one session, but for what one entry leads to.

    `kind` is what is imported; a transaction has at most `most` entries. Of ids in any order each
    one rewrites most pages of the indexes, so that fewer are faster; of 40,000 people it keeps
    other writers waiting for about a second.
    """

    kind: str
    most: int

    def __init__(self, session: Session, programs: Programs, write: Write, source: Source) -> None:
        self._session = session
        self._programs = programs
        self._progress = Progress(session, self.kind, write, source)
        self._is_stream = source.hash is None
        self._counted: set[str] = set()

    @property
    def operation(self) -> str:
        return self._progress.operation

    @property
    def now(self) -> Instant:
        return self._progress.now

    @property
    def done(self) -> int:
        return self._progress.done

    def record(self, entries: Entries, lines: int) -> Results:
        if len(entries) > _FEW:
            self._session.expect_many()
        start = 0
        while start < len(entries):
            # What makes the store is done twice: first in memory, to see if it changes anything.
            stop = start + (_FIRST if self._session.missing else self.most)
            part = entries[start:stop]
            yield from self._part(part, lines if stop >= len(entries) else _last_line(part))
            start = stop

    def finish(self) -> None:
        self._progress.finish()

    def _part(self, entries: Entries, lines: int) -> Results:
        """What came of each; where they cannot be written together, one by one."""
        try:
            results = self._transaction(entries, lines)
        except Unavailable:
            if self._progress.write.dry_run or len(entries) < 2:
                raise
            for entry in entries:
                yield from self._transaction([entry], _last_line([entry]))
        else:
            yield from results

    def _transaction(self, entries: Entries, lines: int) -> list[Result]:
        if not any(isinstance(one, Entry) for one in entries):
            return [one for one in entries if isinstance(one, GamifyError)]
        work = partial(self._work, entries, lines)
        if self._progress.write.dry_run:
            batch, results = self._session.change(work, self._progress.write)
        else:
            batch, results = self._session.changed(work, is_keyed=True)
        self._progress.kept(batch.facts)
        if len(self._counted) > _REMEMBERED:
            self._counted.clear()
        self._counted |= batch.changed
        return results

    def _work(self, entries: Entries, lines: int) -> tuple[Batch, list[Result]]:
        ids = sorted({one.participant_id for one in entries if isinstance(one, Entry)})
        # What a stream brings may be of later than when it began.
        now = self._session.now() if self._is_stream else self.now
        batch = Batch(self._session, self._programs.current(), self._progress, now, ids)
        results = self._decided(entries, batch)
        batch.save(lines, self._counted)
        return batch, results

    @abstractmethod
    def _decided(self, entries: Entries, batch: Batch) -> list[Result]:
        """What each leads to; an error changes nothing."""


class ParticipantImporter(_Import):
    """Creates participants, or replaces the members given."""

    kind = "participants"
    most = 40_000

    def _decided(self, entries: Entries, batch: Batch) -> list[Result]:
        return [
            entry if isinstance(entry, GamifyError) else self._registered(entry, batch)
            for entry in entries
        ]

    def _registered(self, entry: Entry, batch: Batch) -> Result:
        line, one, body, _ = entry
        try:
            vocabulary.participant_id(one)
            if batch.is_new(one):
                new = profile_rules.registration(body) if isinstance(body, dict) else body
                batch.register(one, new)
                return _CREATED
            decision = batch.decision(one, line)
            profile_rules.register(decision, entry.given)
        except (UsageError, Conflict) as error:
            return error
        if not decision.facts:
            return _UNCHANGED
        batch.accept(decision)
        return _UPDATED if decision.before.exists else _CREATED


class EventImporter(_Import):
    """Records events with all that they earn."""

    kind = "events"
    most = 6_000

    def _decided(self, entries: Entries, batch: Batch) -> list[Result]:
        given = [one for one in entries if isinstance(one, Entry)]
        keys = [(one.participant_id, one.idempotency_key) for one in given if one.idempotency_key]
        dry_run = self._progress.write.dry_run
        kept = KeptRequests(self._session, RECORD, keys, dry_run=dry_run)
        results = [
            entry if isinstance(entry, GamifyError) else self._recorded(entry, batch, kept)
            for entry in entries
        ]
        batch.requests = kept.rows
        return results

    def _recorded(self, entry: Entry, batch: Batch, kept: KeptRequests) -> Result:
        one, key, body = entry.participant_id, entry.idempotency_key, entry.given
        try:
            vocabulary.participant_id(one)
            if key and (replayed := kept.answer(one, key, body)):
                return Imported("unchanged", replayed["event_id"])
            decision = batch.decision(one, entry.line)
            answer = answers_events.recorded(rules.record(decision, **body))
        except (UsageError, Conflict) as error:
            return error
        batch.accept(decision)
        if key:
            kept.keep(one, key, body, answer, 200, decision.now)
        return Imported("created", answer["event_id"])


def _last_line(entries: Entries) -> int:
    """The number of the last line of which anything is known."""
    return max((one.line for one in entries if isinstance(one, Entry)), default=0)
