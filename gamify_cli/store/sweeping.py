"""Recording what ran out: lots of points whose end has come, in every row that is due."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from gamify_cli.backend import Body, Write
from gamify_cli.domain.decide.interaction import settle
from gamify_cli.errors import StoreError
from gamify_cli.store import records
from gamify_cli.store.changes import Changes
from gamify_cli.store.session import UNLIMITED, Session

_BATCH = 500


class Sweep:
    """Settles due rows of one session, a batch a transaction."""

    def __init__(self, session: Session, changes: Changes) -> None:
        self._session = session
        self._changes = changes

    def run(self, write: Write, watch: Callable[[int], None] | None = None) -> Body:
        """Record all that is due by now; answer how many participants and facts it took.

        `watch` hears after each batch how many participants were looked at.
        """
        participants = facts = seen = 0
        while not self._session.missing:
            counts = self._session.change(partial(self._settle_batch, write), write)
            participants += sum(count > 0 for count in counts)
            facts += sum(counts)
            seen += len(counts)
            if watch:
                watch(seen)
            if len(counts) < _BATCH or write.dry_run:
                break
        return {"participants": participants, "facts": facts}

    def before_reading(self, write: Write) -> None:
        """Settle what a query over many rows would misread; a read-only store stays as it is."""
        with self._session.reading():
            is_due = self._session.one(self._session.sql.FIND_DUE, self._limits(1)) is not None
        if is_due:
            with suppress(StoreError):
                self.run(write)

    def _settle_batch(self, write: Write) -> list[int]:
        """How many facts each due row took; a rehearsal looks at all of them at once."""
        sql = self._session.sql
        find, limit = (sql.FIND_DUE, UNLIMITED) if write.dry_run else (sql.LOCK_DUE, _BATCH)
        rows = list(self._session.rows(find, self._limits(limit)))
        return [self._settle(row, write) for row in rows]

    def _settle(self, row: tuple[object, ...], write: Write) -> int:
        decision = self._changes.decision(records.participant(row))
        settle(decision, decision.now)
        if not write.dry_run:
            if decision.facts:
                self._changes.save(decision, write)
            participant = decision.participant
            due = {
                "participant_id": participant.participant_id,
                "next_due_at": participant.due_after(decision.now),
            }
            self._session.run(self._session.sql.UPDATE_DUE, due)
        return len(decision.facts)

    def _limits(self, limit: int) -> dict[str, int]:
        return {"now": self._session.now(), "limit": limit}
