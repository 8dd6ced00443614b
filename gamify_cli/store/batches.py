"""A batch of an import: states read once, decided on one after the other, then saved together."""

from __future__ import annotations

from collections.abc import Set

from gamify_cli.domain import jsontext
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program
from gamify_cli.store import records
from gamify_cli.store.progress import Ids, Progress
from gamify_cli.store.session import Row, Session


class Batch:
    """What one transaction of an import decides and saves; `now` is when all of it happens.

    `requests` are rows of answers that are kept under keys.
    """

    def __init__(
        self, session: Session, program: Program, progress: Progress, now: Instant, ids: list[str]
    ) -> None:
        """It locks and reads the participants with these `ids`, which are sorted."""
        self._session = session
        self._program = program
        self._progress = progress
        self._now = now
        self._ids = ids
        self._new_id = Ids(progress.operation)
        self._origin = records.Origin(progress.operation, None, None, program.version or None)
        self._facts: dict[str, list[Row]] = {}
        self.requests: list[Row] = []
        self._stored = self._load()
        self._states = dict(self._stored)
        if progress.write.dry_run:
            rehearsed = session.rehearsal.participants
            self._states |= {one: rehearsed[one] for one in ids if one in rehearsed}

    @property
    def facts(self) -> int:
        """How many there are to append."""
        return sum(map(len, self._facts.values()))

    @property
    def changed(self) -> Set[str]:
        """Those who were stored before and changed."""
        return self._facts.keys() & self._stored.keys()

    def decision(self, participant_id: str, line: int) -> Decision:
        """A decision on what the batch made of a participant; no time runs back."""
        before = self._states.get(participant_id) or Participant(participant_id)
        self._new_id.at(line)
        return Decision(before, self._program, max(self._now, before.recorded_at), self._new_id)

    def accept(self, decision: Decision) -> None:
        """Take its facts in."""
        after, now = decision.participant, decision.now
        after.recorded_at = now
        one = after.participant_id
        self._states[one] = after
        rows = [records.fact_row(one, fact, now, self._origin) for fact in decision.facts]
        self._facts.setdefault(one, []).extend(rows)

    def save(self, lines: int, counted: Set[str]) -> None:
        """Write all of it, with `lines` of the input done.

        `counted` are participants whom the operation is known to count already.
        """
        if self._progress.write.dry_run:
            states = {one: self._states[one] for one in self._facts}
            self._session.rehearsal.participants |= states
            return
        self._progress.keep(lines, self._uncounted(counted) if self._facts else 0, self.facts)
        if not self._facts:
            return
        # In the order of the indexes, neighbours go to the same page.
        order = [one for one in self._ids if one in self._facts]
        rows = {one: records.participant_row(self._states[one]) for one in order}
        session, sql, stored = self._session, self._session.sql, self._stored
        known = [records.update_row(row) for one, row in rows.items() if one in stored]
        session.run_all(sql.UPDATE_PARTICIPANT, known)
        session.run_all(
            sql.INSERT_PARTICIPANT, [row for one, row in rows.items() if one not in stored]
        )
        session.run_all(sql.APPEND_FACT, [row for one in order for row in self._facts[one]])
        session.run_all(sql.KEEP_REQUEST, sorted(self.requests))

    def _load(self) -> dict[str, Participant]:
        sql = self._session.sql
        is_rehearsal = self._progress.write.dry_run
        find = sql.FIND_PARTICIPANTS if is_rehearsal else sql.LOCK_PARTICIPANTS
        rows = self._session.rows(find, {"ids": jsontext.compact(self._ids)})
        return {row[0]: records.participant(row) for row in rows}

    def _uncounted(self, counted: Set[str]) -> int:
        """How many of those changed have no fact of this operation yet."""
        begun, stored, changed = self._progress.now, self._stored, self._facts.keys()
        maybe = [
            one for one in changed - counted if one in stored and stored[one].recorded_at >= begun
        ]
        asked = {"ids": jsontext.compact(maybe), "operation": self._progress.operation}
        found = list(self._session.rows(self._session.sql.FIND_CHANGED, asked)) if maybe else ()
        return len(changed) - len(changed & counted) - len(found)
