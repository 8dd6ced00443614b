"""The programs of a local store, of which the newest is in force."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gamify_cli.backend import Answer, Body, SimulatedPart, Write
from gamify_cli.domain import instants, jsontext
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.program import KINDS, NONE, Program, key_of
from gamify_cli.errors import NotFound
from gamify_cli.store.requests import KeptRequest
from gamify_cli.store.session import Row, Session
from gamify_cli.store.sight import Sight
from gamify_cli.store.stock import Stock

_LAST_VERSION = 2**63 - 1


class Programs:
    """Implements `backend.Programs` on one session.

    Each transaction reads the newest program; one that was read is not built again.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._row: Row | None = None
        self._known = NONE

    def current(self) -> Program:
        """The program in force now."""
        row = self._session.one(self._session.sql.FIND_PROGRAM)
        # Not by its version alone, since that of one that was taken back is given again.
        if row != self._row:
            self._known = Program(row[0], jsontext.stored(row[1])) if row else NONE
            self._row = row
        return self._known

    def seen(self, sight: Sight) -> Program:
        """The program that was in force then; before the first one, the first."""
        if not sight.is_past:
            return self.current()
        row = self._session.one(self._session.sql.FIND_PROGRAM_AT, {"at": sight.under})
        return Program(row[0], jsontext.stored(row[1]), self.current()) if row else NONE

    def by_version(self) -> Callable[[int | None], Program]:
        """The program of each version that a fact names, None for none; in this transaction."""
        newest = self.current()
        known: dict[int | None, Program] = {None: NONE, newest.version: newest}

        def own(version: int | None) -> Program:
            if version not in known:
                row = self._version(version or 0)
                known[version] = Program(row[0], jsontext.stored(row[1]), newest) if row else NONE
            return known[version]

        return own

    def apply(self, document: Body, write: Write) -> Answer:
        def work() -> Answer:
            kept = KeptRequest(self._session, "", "program apply", document, write)
            if replay := kept.answer():
                return replay
            answer, now = self._decide(document)
            if not write.dry_run:
                self._save(answer, write, now)
            kept.keep(answer, 200, now)
            return answer

        return self._session.change(work, write)

    def compare(self, document: Body) -> Answer:
        with self._session.reading():
            return self._decide(document)[0]

    def simulate(self, document: Body, since: Instant | None) -> Iterator[SimulatedPart]:
        from gamify_cli.store import simulating

        return simulating.simulate(self._session, document, since)

    def simulate_some(self, document: Body, since: Instant | None, first: str) -> SimulatedPart:
        from gamify_cli.store import simulating

        return simulating.simulate_some(self._session, document, since, first)

    def at(self, version: int | None = None) -> Body:
        with self._session.reading():
            newest = self.current().version
            if not newest:
                raise NotFound("no program is in force", hint="write one: gamify program init")
            chosen = newest if version is None else version
            row = self._version(chosen) if 0 < chosen <= newest else None
            if row is None:
                raise NotFound(f"program version {chosen} not found", hint=f"newest is {newest}")
            return _body(row)

    def codes(self, kind: str) -> list[str]:
        """What the active definitions of a kind are known by; nothing for what is no kind."""
        if kind not in KINDS:
            return []
        with self._session.reading():
            entries = self.current().document.get(kind, ())
        return [str(entry[key_of(kind)]) for entry in entries]

    def versions(self) -> Iterator[Body]:
        every = {"first": 0, "last": _LAST_VERSION}
        with self._session.reading():
            for row in self._session.rows(self._session.sql.FIND_VERSIONS, every):
                yield _body(row)

    def _version(self, version: int) -> Row | None:
        return self._session.one(
            self._session.sql.FIND_VERSIONS, {"first": version, "last": version}
        )

    def _decide(self, document: Body) -> tuple[Answer, Instant]:
        """What applying leads to, and when."""
        from gamify_cli.domain import program_diff

        current = self.current()
        row = self._version(current.version)
        before, latest = dict(current.document), row[2] if row else 0
        if row and not program_diff.changes(before, document):
            body = _summary(current.version, latest, before)
            return Answer(body, "unchanged", before, before), latest
        now = max(self._session.now(), latest)
        after = program_diff.succeed(before, document)
        body = _summary(current.version + 1, now, after)
        return Answer(body, "applied", before, after), now

    def _save(self, answer: Answer, write: Write, now: Instant) -> None:
        if answer.outcome != "applied":
            return
        version = answer.body["version"]
        operation = write.operation._asdict() | {"recorded_at": now, "program": version}
        self._session.run(self._session.sql.KEEP_OPERATION, operation)
        program = {
            "version": version,
            "document": jsontext.compact(answer.after),
            "applied_at": now,
            "operation": write.operation.operation,
        }
        self._session.run(self._session.sql.KEEP_PROGRAM, program)
        Stock(self._session).follow(answer.before or {}, answer.after or {})


def _summary(version: int, applied_at: Instant, document: Body) -> Body:
    counts = {kind: len(document[kind]) for kind in KINDS}
    applied = {"version": version, "applied_at": instants.text(applied_at)}
    return {**applied, "name": document["name"], **counts}


def _body(row: Row) -> Body:
    version, document, applied_at, operation = row
    return {
        "version": version,
        "applied_at": instants.text(applied_at),
        "operation": operation,
        **jsontext.stored(document),
    }
