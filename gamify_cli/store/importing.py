"""Many inputs at a time: a group is one transaction, each input in it all or nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import partial

from gamify_cli.backend import Answer, Entry, Imported, Source, Write
from gamify_cli.domain import answers_events, jsontext, vocabulary
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import events as rules
from gamify_cli.domain.decide import profile as profile_rules
from gamify_cli.domain.participant import Participant
from gamify_cli.errors import Conflict, GamifyError, NotFound, Unavailable, UsageError
from gamify_cli.store import records
from gamify_cli.store.changes import Changes, new_id
from gamify_cli.store.programs import Programs
from gamify_cli.store.requests import KeptRequest
from gamify_cli.store.session import Row, Session

RECORD = "record_event"
"""The operation under which the keys of events are kept, imported or not."""

Entries = Sequence[Entry | GamifyError]
Result = Imported | GamifyError
Results = Iterator[Result]


class _Import(ABC):
    """Implements `backend.Importer` on one session, but for what a group does."""

    done = 0

    def __init__(self, session: Session, write: Write, source: Source) -> None:
        if source.resume:
            raise NotFound("there is no import to resume")
        self._session = session
        self._write = write
        self.operation = write.operation.operation
        self.now = session.now()

    def record(self, entries: Entries, _lines: int) -> Results:
        try:
            results = self._transaction(entries)
        except Unavailable:
            if self._write.dry_run or len(entries) < 2:
                raise
            for entry in entries:
                yield from self._transaction([entry])
        else:
            yield from results

    @abstractmethod
    def _transaction(self, entries: Entries) -> list[Result]:
        """What came of each, which is durable together."""

    def finish(self) -> None:  # noqa: B027 (nothing to do, for any)
        """Every group is durable already."""


class ParticipantImporter(_Import):
    """Creates participants, or replaces the members given."""

    def __init__(self, session: Session, changes: Changes, write: Write, source: Source) -> None:
        super().__init__(session, write, source)
        self._changes = changes

    def _transaction(self, entries: Entries) -> list[Result]:
        changes_any = any(isinstance(one, Entry) for one in entries) and not self._write.dry_run
        with self._session.group() if changes_any else nullcontext():
            return [self._register(entry) for entry in entries]

    def _register(self, entry: Entry | GamifyError) -> Result:
        if isinstance(entry, GamifyError):
            return entry

        def rule(decision: Decision) -> dict[str, object]:
            profile_rules.register(decision, entry.body)
            return {}

        write = self._write._replace(idempotency_key=None)
        try:
            answer = self._changes.make(entry.participant_id, "create", {}, write, rule)
        except (UsageError, Conflict) as error:
            return error
        return Imported(answer.outcome)


class EventImporter(_Import):
    """Records events with all that they earn."""

    def __init__(self, session: Session, programs: Programs, write: Write, source: Source) -> None:
        super().__init__(session, write, source)
        self._programs = programs
        self._counted: set[str] = set()

    def _transaction(self, entries: Entries) -> list[Result]:
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
        self.results: list[Result] = []

    def load(self, entries: Entries) -> None:
        """Read every participant of the group by its key."""
        ids = {one.participant_id for one in entries if isinstance(one, Entry)}
        asked = {"ids": jsontext.compact(sorted(ids))}
        rows = self._session.rows(self._session.sql.FIND_PARTICIPANTS, asked)
        self.states = {row[0]: records.participant(row) for row in rows}
        self._known = set(self.states)
        if self._write.dry_run:
            rehearsed = self._session.rehearsal.participants
            self.states |= {one: rehearsed[one] for one in ids & rehearsed.keys()}

    def decide(self, entry: Entry | GamifyError) -> Result:
        """The answer to one event, or its error, which changes nothing."""
        if isinstance(entry, GamifyError):
            return entry
        try:
            vocabulary.participant_id(entry.participant_id)
            return self._once(entry) if entry.idempotency_key else _imported(self._record(entry))
        except (UsageError, Conflict) as error:
            return error

    def _once(self, entry: Entry) -> Imported:
        """The answer that was given under the key of an event, or that is kept from now on."""
        one, write = entry.participant_id, self._write
        write = write._replace(idempotency_key=entry.idempotency_key)
        kept = KeptRequest(self._session, one, RECORD, entry.body, write)
        if replay := kept.answer():
            return Imported("unchanged", replay.body["event_id"])
        answer = self._record(entry)
        kept.keep(answer, 200, self.states[one].recorded_at)
        return _imported(answer)

    def _record(self, entry: Entry) -> Answer:
        one = entry.participant_id
        before = self.states.get(one) or Participant(one)
        now = max(self._session.now(), before.recorded_at)
        decision = Decision(before, self._program, now, new_id)
        body = answers_events.recorded(rules.record(decision, **entry.body))
        after = decision.participant
        after.recorded_at = now
        self.states[one] = self.touched[one] = after
        self._facts += [records.fact_row(one, fact, now, self._origin) for fact in decision.facts]
        return Answer(body, "recorded")

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


def _imported(answer: Answer) -> Imported:
    return Imported("created", answer.body["event_id"])
