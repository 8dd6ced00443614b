"""One change of one participant: lock, read, decide, append and save, in one transaction."""

from __future__ import annotations

import os
from collections.abc import Callable

from gamify_cli.backend import Answer, Body, Outcome, Write
from gamify_cli.domain import views, vocabulary
from gamify_cli.domain.decide import Decision, interaction
from gamify_cli.domain.participant import Participant
from gamify_cli.store import records
from gamify_cli.store.programs import Programs
from gamify_cli.store.requests import KeptRequest
from gamify_cli.store.session import NO_VALUES, Session, Values

Rule = Callable[[Decision], Body]
"""Decides, and answers what it decided."""


def show_profile(decision: Decision) -> Body:
    """The profile that a decision leads to."""
    return views.profile(decision.participant, decision.program, decision.now)


class Changes:
    """Makes every change of participants on one session."""

    def __init__(self, session: Session, programs: Programs) -> None:
        self._session = session
        self._programs = programs

    def make(
        self,
        participant_id: str,
        name: str,
        request: Body,
        write: Write,
        rule: Rule,
        *,
        outcome: Outcome = "updated",
        status: int = 200,
    ) -> Answer:
        """Lock, read, decide, append and save in one transaction; or only rehearse it."""
        vocabulary.participant_id(participant_id)
        kept = KeptRequest(self._session, participant_id, name, request, write)
        one = {"participant_id": participant_id}

        def work() -> Answer:
            # Whoever waited for the lock must see the key that the other one kept.
            before = self.load(one, write)
            if replay := kept.answer(is_new=not before.version):
                return replay
            interaction.require_kept(before)
            decision = self.decision(before)
            answer = Answer(rule(decision), _outcome(decision, outcome))
            self.save(decision, write)
            kept.keep(answer, status, decision.now)
            if write.dry_run:
                return answer._replace(before=_known(decision), after=show_profile(decision))
            return answer

        sql = self._session.sql
        keys = () if write.idempotency_key is None else (kept.question(),)
        first = ((sql.LOCK_PARTICIPANT, one), *keys, (sql.FIND_PROGRAM, NO_VALUES))
        return self._session.change(work, write, first)

    def load(self, one: Values, write: Write) -> Participant:
        """The participant as it stands, locked for a change; at version 0 if it is unknown."""
        participant_id = one["participant_id"]
        if write.dry_run and participant_id in self._session.rehearsal.participants:
            return self._session.rehearsal.participants[participant_id]
        sql = self._session.sql
        find = sql.FIND_PARTICIPANT if write.dry_run else sql.LOCK_PARTICIPANT
        row = self._session.one(find, one)
        return records.participant(row) if row else Participant(participant_id)

    def decision(self, before: Participant) -> Decision:
        """A decision on a participant, under the program in force now; time never runs back."""
        now = max(self._session.now(), before.recorded_at)
        return Decision(before, self._programs.current(), now, new_id)

    def save(self, decision: Decision, write: Write) -> None:
        """Keep the row and append the facts, if there are any."""
        if not decision.facts:
            return
        after = decision.participant
        after.recorded_at = decision.now
        if write.dry_run:
            self._session.rehearsal.participants[after.participant_id] = after
            return
        row = records.participant_row(after)
        if decision.before.version:
            self._session.run(self._session.sql.UPDATE_PARTICIPANT, records.update_row(row))
        else:
            self._session.run(self._session.sql.INSERT_PARTICIPANT, row)
        operation = write.operation._asdict()
        if operation.pop("shared"):
            counts = {"recorded_at": decision.now, "participants": 1, "facts": len(decision.facts)}
            self._session.run(self._session.sql.COUNT_OPERATION, operation | counts)
            operation |= {"command": None, "actor": None}
        origin = records.Origin(**operation, program=decision.program.version or None)
        for fact in decision.facts:
            row = records.fact_row(after.participant_id, fact, after.recorded_at, origin)
            self._session.run(self._session.sql.APPEND_FACT, row)


def _outcome(decision: Decision, changed: Outcome) -> Outcome:
    if not decision.facts:
        return "unchanged"
    return changed if decision.before.exists or changed != "updated" else "created"


def _known(decision: Decision) -> Body | None:
    before = decision.before
    return views.profile(before, decision.program, decision.now) if before.exists else None


def new_id() -> str:
    """An id that nothing else has."""
    return os.urandom(12).hex()
