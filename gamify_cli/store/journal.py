"""The whole journal of a store: out of one as rows, into another one by replaying them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from gamify_cli.backend import Body, Write
from gamify_cli.domain import instants, journal_file
from gamify_cli.domain.journal_file import ROWS
from gamify_cli.domain.jsontext import Kept
from gamify_cli.errors import Conflict
from gamify_cli.store.replaying import Batch, Replay
from gamify_cli.store.session import Session


class JournalStore:
    """Implements `backend.Journal` on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def dump(self) -> Iterator[Body]:
        session, sql = self._session, self._session.sql
        statements = {
            "operation": sql.DUMP_OPERATIONS,
            "program": sql.DUMP_PROGRAMS,
            "stock": sql.DUMP_STOCK,
            "request": sql.DUMP_REQUESTS,
            "fact": sql.DUMP_FACTS,
        }
        with session.reading():
            (identity, *_) = session.one(sql.FIND_STORE) or (None,)
            identity = None if session.missing else identity
            yield journal_file.header(sql.REVISION, identity, instants.text(session.now()))
            for kind, (columns, _, document) in ROWS.items():
                for values in session.stream(statements[kind]):
                    row = dict(zip(columns, values, strict=True))
                    if document:
                        row[document] = Kept(row[document])
                    yield {kind: row}

    def restore(
        self, lines: Iterable[Sequence[str]], write: Write, watch: Callable[[int], None]
    ) -> Body:
        session, replay = self._session, Replay(self._session.sql.REVISION)
        batches = replay.batches(lines)
        # A file that is no journal makes no store.
        next(batches)
        with session.reading() if write.dry_run else session.writing():
            self._require_empty()
            for batch in batches:
                if not write.dry_run:
                    self._keep(batch)
                watch(replay.counts["fact"])
        header, counts = replay.header, replay.counts
        return {
            "store": header.get("store"),
            "exported_at": header.get("exported_at"),
            **{name: counts[kind] for name, kind in _COUNTED.items()},
        }

    def _require_empty(self) -> None:
        if self._session.one(self._session.sql.FIND_ANYTHING) is not None:
            raise Conflict(
                f"the store {self._session.place} is not empty",
                hint="a journal goes into a store of its own: choose another by --store",
            )

    def _keep(self, batch: Batch) -> None:
        run_all, sql = self._session.run_all, self._session.sql
        for kind, statement in (
            ("operation", sql.RESTORE_OPERATION),
            ("program", sql.RESTORE_PROGRAM),
            ("stock", sql.RESTORE_STOCK),
            ("request", sql.KEEP_REQUEST),
        ):
            run_all(statement, batch.rows[kind])
        run_all(sql.INSERT_PARTICIPANT, batch.new)
        run_all(sql.UPDATE_PARTICIPANT, batch.known)
        run_all(sql.APPEND_FACT, batch.rows["fact"])


_COUNTED = {
    "participants": "participant",
    "facts": "fact",
    "operations": "operation",
    "programs": "program",
    "codes": "stock",
    "requests": "request",
}
"""What is told of each kind of row."""
