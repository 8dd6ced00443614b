"""A batch of an import: states read once, decided on one after the other, then saved together."""

from __future__ import annotations

from collections.abc import Set

from gamify_cli.domain import facts, jsontext
from gamify_cli.domain.decide import Decision, interaction
from gamify_cli.domain.decide.profile import Registration
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.domain.program import Program
from gamify_cli.store import records
from gamify_cli.store.progress import Ids, Progress
from gamify_cli.store.session import Row, Session

_Outcome = Registration | list[Row]
"""How somebody registered, and no more; or the participant's row, then those of its new facts."""


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
        self._states = dict(self._stored)

    @property
    def changed(self) -> Set[str]:
        """Those who were stored before and changed."""
        return self._outcomes.keys() & self._stored.keys()

    def is_new(self, participant_id: str) -> bool:
        """Whether nothing is known of a participant by now."""
        return participant_id not in self._outcomes and participant_id not in self._stored

    def register(self, participant_id: str, new: Registration) -> None:
        """Take the fact in that registers somebody new: as `accept` would, without a decision."""
        self._outcomes[participant_id] = new
        self.facts += 1

    def decision(self, participant_id: str, line: int) -> Decision:
        """A decision on what the batch made of a participant; no time runs back.

        Raises Erased.
        """
        self._new_id.at(line)
        before = self._states.get(participant_id) or self._newcomer(participant_id)
        interaction.require_kept(before)
        now = max(self._now, before.recorded_at)
        return Decision(before, self._program, now, self._new_id)

    def accept(self, decision: Decision) -> None:
        """Take its facts in."""
        after, now, origin = decision.participant, decision.now, self._origin
        after.recorded_at = now
        one = after.participant_id
        rows = [records.fact_row(one, fact, now, origin) for fact in decision.facts]
        self.facts += len(rows)
        self._states[one] = after
        before = self._outcomes.get(one, [])
        if isinstance(before, Registration):
            earlier = [records.fact_row(one, self._registered(before), self._now, origin)]
        else:
            earlier = before[1:]
        self._outcomes[one] = [records.participant_row(after), *earlier, *rows]

    def save(self, lines: int, counted: Set[str]) -> None:
        """Write all of it, with `lines` of the input done.

        `counted` are participants whom the operation is known to count already.
        """
        if self._progress.write.dry_run:
            after = {one: self._states.get(one) or self._newcomer(one) for one in self._outcomes}
            self._session.rehearsal.participants |= after
            return
        self._progress.keep(lines, self._uncounted(counted), self.facts)
        self._insert_newcomers()
        self._save_others()
        self._session.run_all(self._session.sql.KEEP_REQUEST, sorted(self.requests))

    def _insert_newcomers(self) -> None:
        rows: list[Row] = []
        journal: list[Row] = []
        # In the order of the indexes, neighbours go to the same page.
        for one in self._ids:
            new = self._outcomes.get(one)
            if type(new) is Registration:
                name, url, attributes, data = new
                search = records.search_text(f"{one}\n{name or ''}")
                rows.append((one, name, url, attributes, search))
                journal.append((one, data))
        session, sql, now = self._session, self._session.sql, self._now
        session.insert_all(sql.INSERT_NEWCOMER, rows, records.shared_by_newcomers(now))
        shared = records.shared_by_registered(now, self._origin)
        session.insert_all(sql.APPEND_REGISTERED, journal, shared)

    def _save_others(self) -> None:
        session, sql = self._session, self._session.sql
        known: list[Row] = []
        new: list[Row] = []
        journal: list[Row] = []
        for one in self._ids:
            outcome = self._outcomes.get(one)
            if outcome is None or isinstance(outcome, Registration):
                continue
            row, *rows = outcome
            if one in self._stored:
                known.append(records.update_row(row))
            else:
                new.append(row)
            journal += rows
        session.run_all(sql.UPDATE_PARTICIPANT, known)
        session.run_all(sql.INSERT_PARTICIPANT, new)
        session.run_all(sql.APPEND_FACT, journal)

    def _newcomer(self, participant_id: str) -> Participant:
        """One who is new, or only registered in this batch."""
        one = Participant(participant_id)
        new = self._outcomes.get(participant_id)
        if isinstance(new, Registration):
            evolve(one, self._registered(new))
            one.recorded_at = self._now
        return one

    def _registered(self, new: Registration) -> Fact:
        return Fact(1, facts.REGISTERED, new.body, self._now)

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
