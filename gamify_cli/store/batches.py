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

_Outcome = tuple[Participant, Row, list[Row]]
"""A participant as it is now, and its row; the rows of its new facts."""

_SHORT = len(records.NEWCOMER)


class Batch:
    """What one transaction of an import decides and saves; `now` is when all of it happens.

    `facts` counts those to append, `requests` are rows of answers that are kept under keys.
    """

    def __init__(
        self, session: Session, program: Program, progress: Progress, now: Instant, ids: list[str]
    ) -> None:
        """It locks and reads the participants with these `ids`, which are sorted."""
        self.facts = 0
        self.requests: list[Row] = []
        self._session = session
        self._program = program
        self._progress = progress
        self._now = now
        self._ids = ids
        self._new_id = Ids(progress.operation)
        self._origin = records.Origin(progress.operation, None, None, program.version or None)
        self._outcomes: dict[str, _Outcome] = {}
        self._stored = self._load()

    @property
    def changed(self) -> Set[str]:
        """Those who were stored before and changed."""
        return self._outcomes.keys() & self._stored.keys()

    def decision(self, participant_id: str, line: int) -> Decision:
        """A decision on what the batch made of a participant; no time runs back."""
        self._new_id.at(line)
        outcome = self._outcomes.get(participant_id)
        before = outcome[0] if outcome else self._stored.get(participant_id)
        before = before or Participant(participant_id)
        now = max(self._now, before.recorded_at)
        return Decision(before, self._program, now, self._new_id)

    def accept(self, decision: Decision) -> None:
        """Take its facts in."""
        after, now, origin = decision.participant, decision.now, self._origin
        after.recorded_at = now
        one = after.participant_id
        rows = [records.fact_row(one, fact, now, origin) for fact in decision.facts]
        self.facts += len(rows)
        if outcome := self._outcomes.get(one):
            rows = outcome[2] + rows
        make = records.newcomer_row if _only_registered(decision) else records.participant_row
        self._outcomes[one] = (after, make(after), rows)

    def save(self, lines: int, counted: Set[str]) -> None:
        """Write all of it, with `lines` of the input done.

        `counted` are participants whom the operation is known to count already.
        """
        outcomes, session, sql = self._outcomes, self._session, self._session.sql
        if self._progress.write.dry_run:
            after = {one: outcome[0] for one, outcome in outcomes.items()}
            session.rehearsal.participants |= after
            return
        self._progress.keep(lines, self._uncounted(counted), self.facts)
        # In the order of the indexes, neighbours go to the same page.
        order = [one for one in self._ids if one in outcomes]
        new: list[Row] = []
        newcomers: list[Row] = []
        known: list[Row] = []
        for one in order:
            row = outcomes[one][1]
            if one in self._stored:
                known.append(records.update_row(row))
            else:
                (newcomers if len(row) == _SHORT else new).append(row)
        session.run_all(sql.UPDATE_PARTICIPANT, known)
        session.run_all(sql.INSERT_PARTICIPANT, new)
        session.run_all(sql.INSERT_NEWCOMER, newcomers)
        session.run_all(sql.APPEND_FACT, [row for one in order for row in outcomes[one][2]])
        session.run_all(sql.KEEP_REQUEST, sorted(self.requests))

    def _load(self) -> dict[str, Participant]:
        """What is stored or, in a rehearsal, what it made of that."""
        session, is_rehearsal = self._session, self._progress.write.dry_run
        find = session.sql.FIND_PARTICIPANTS if is_rehearsal else session.sql.LOCK_PARTICIPANTS
        rows = session.rows(find, {"ids": jsontext.compact(self._ids)})
        stored = {row[0]: records.participant(row) for row in rows}
        if is_rehearsal:
            rehearsed = session.rehearsal.participants
            stored |= {one: rehearsed[one] for one in self._ids if one in rehearsed}
        return stored

    def _uncounted(self, counted: Set[str]) -> int:
        """How many of those changed have no fact of this operation yet."""
        changed, stored, begun = self.changed, self._stored, self._progress.now
        maybe = [one for one in changed - counted if stored[one].recorded_at >= begun]
        asked = {"ids": jsontext.compact(maybe), "operation": self._progress.operation}
        found = list(self._session.rows(self._session.sql.FIND_CHANGED, asked)) if maybe else ()
        return len(self._outcomes) - len(changed & counted) - len(found)


def _only_registered(decision: Decision) -> bool:
    return not decision.before.version and len(decision.facts) == 1
