"""Many events at a time: a group is one transaction, each event in it all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from gamify_cli.backend import Answer, Body, EventEntry, Write
from gamify_cli.domain import answers_events, jsontext, vocabulary
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import events as rules
from gamify_cli.domain.participant import Participant
from gamify_cli.errors import Conflict, GamifyError, Unavailable, UsageError
from gamify_cli.store import records
from gamify_cli.store.changes import new_id
from gamify_cli.store.programs import Programs
from gamify_cli.store.requests import KeptRequest
from gamify_cli.store.session import Row, Session

RECORD = "record_event"
"""The operation under which the keys of events are kept, imported or not."""

Entries = Sequence[EventEntry | GamifyError]
Results = Iterator[Body | GamifyError]


class EventImporter:
    """Implements `backend.EventImporter` on one session."""

    def __init__(self, session: Session, programs: Programs, write: Write) -> None:
        self._session = session
        self._programs = programs
        self._write = write
        self._counted: set[str] = set()

    def record(self, entries: Entries) -> Results:
        try:
            results = self._transaction(entries)
        except Unavailable:
            if self._write.dry_run or len(entries) < 2:
                raise
            for entry in entries:
                yield from self._transaction([entry])
        else:
            yield from results

    def _transaction(self, entries: Entries) -> list[Body | GamifyError]:
        group = self._session.change(partial(self._group, entries), self._write)
        self._counted |= group.touched.keys()
        return group.results

    def _group(self, entries: Entries) -> _Group:
        group = _Group(self._session, self._programs, self._write)
        group.load(entries)
        group.results = [group.decide(entry) for entry in entries]
        group.save(group.touched.keys() - self._counted)
        return group


class _Group:
    """Events decided one after the other on states that were read once; then saved together."""

    def __init__(self, session: Session, programs: Programs, write: Write) -> None:
        self._session = session
        self._program = programs.current()
        self._write = write
        program = self._program.version or None
        self._origin = records.Origin(write.operation.operation, None, None, program)
        self._facts: list[Row] = []
        self._known: set[str] = set()
        self.states: dict[str, Participant] = {}
        self.touched: dict[str, Participant] = {}
        self.results: list[Body | GamifyError] = []

    def load(self, entries: Entries) -> None:
        """Read every participant of the group by its key."""
        ids = {one.participant_id for one in entries if isinstance(one, EventEntry)}
        asked = {"ids": jsontext.compact(sorted(ids))}
        rows = self._session.rows(self._session.sql.FIND_PARTICIPANTS, asked)
        self.states = {row[0]: records.participant(row) for row in rows}
        self._known = set(self.states)
        if self._write.dry_run:
            rehearsed = self._session.rehearsal.participants
            self.states |= {one: rehearsed[one] for one in ids & rehearsed.keys()}

    def decide(self, entry: EventEntry | GamifyError) -> Body | GamifyError:
        """The answer to one event, or its error, which changes nothing."""
        if isinstance(entry, GamifyError):
            return entry
        try:
            vocabulary.participant_id(entry.participant_id)
            return self._record(entry) if entry.idempotency_key is None else self._once(entry)
        except (UsageError, Conflict) as error:
            return error

    def _once(self, entry: EventEntry) -> Body:
        """The answer that was given under the key of an event, or that is kept from now on."""
        one, write = entry.participant_id, self._write
        write = write._replace(idempotency_key=entry.idempotency_key)
        kept = KeptRequest(self._session, one, RECORD, entry.body, write)
        if replay := kept.answer():
            return replay.body
        body = self._record(entry)
        kept.keep(Answer(body, "recorded"), 200, self.states[one].recorded_at)
        return body

    def _record(self, entry: EventEntry) -> Body:
        one = entry.participant_id
        before = self.states.get(one) or Participant(one)
        now = max(self._session.now(), before.recorded_at)
        decision = Decision(before, self._program, now, new_id)
        body = answers_events.recorded(rules.record(decision, **entry.body))
        after = decision.participant
        after.recorded_at = now
        self.states[one] = self.touched[one] = after
        self._facts += [records.fact_row(one, fact, now, self._origin) for fact in decision.facts]
        return body

    def save(self, uncounted: set[str]) -> None:
        """Keep all rows and append all facts; `uncounted` are new to the operation."""
        if self._write.dry_run:
            self._session.rehearsal.participants |= self.touched
            return
        if not self._facts:
            return
        session, operation = self._session, self._write.operation._asdict()
        del operation["shared"]
        counts = {"participants": len(uncounted), "facts": len(self._facts)}
        now = max(one.recorded_at for one in self.touched.values())
        session.run(session.sql.COUNT_OPERATION, operation | counts | {"recorded_at": now})
        known = [records.participant_values(one) for one in self._changed(known=True)]
        session.run_all(session.sql.UPDATE_PARTICIPANT, known)
        new = [records.participant_values(one) for one in self._changed(known=False)]
        session.run_all(session.sql.INSERT_PARTICIPANT, new)
        session.run_all(session.sql.APPEND_FACT, self._facts)

    def _changed(self, *, known: bool) -> Iterator[Participant]:
        return (one for id_, one in self.touched.items() if (id_ in self._known) is known)
