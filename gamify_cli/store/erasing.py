"""Erasure: what is personal of one participant goes, in one transaction; sums and audit stay.

What a key was answered goes with it. Under another id, the old one reads as unknown, and keys that
were used with it are kept under a hash of it, so that a repeat makes nobody anew.
"""

from __future__ import annotations

import os

from gamify_cli.backend import Answer, Body, Write
from gamify_cli.domain import erasing, facts, instants, jsontext, vocabulary
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.participant import Participant
from gamify_cli.store import records
from gamify_cli.store.bundles import backups
from gamify_cli.store.changes import Changes
from gamify_cli.store.requests import UNDO, KeptRequest, tombstone
from gamify_cli.store.session import UNLIMITED, Session, Values

_NAME = "erase"
_EVERY = {"until": UNLIMITED, "known_at": UNLIMITED}


class Erasure:
    """Erases participants on one session."""

    def __init__(self, session: Session, changes: Changes) -> None:
        self._session = session
        self._changes = changes

    def make(self, participant_id: str, new_id: bool, write: Write) -> Answer:
        """Implements `backend.Participants.erase`."""
        vocabulary.participant_id(participant_id)
        request = {"new_id": new_id}

        def work() -> Answer:
            before = self._changes.load({"participant_id": participant_id}, write)
            kept = KeptRequest(self._session, participant_id, _NAME, request, write)
            if replay := kept.answer(is_new=not before.version):
                return replay
            if not before.version:
                raise rules.unknown(participant_id, hint=self._session.notice())
            answer = self._erased(before, new_id, write)
            if not write.dry_run:
                place = tombstone(participant_id) if new_id else participant_id
                kept = KeptRequest(self._session, place, _NAME, request, write)
                kept.keep(answer, 200, self._session.now())
            return answer

        answer = self._session.change(work, write)
        if not write.dry_run:
            self._session.scrub()
        return answer

    def _erased(self, before: Participant, new_id: bool, write: Write) -> Answer:
        old = before.participant_id
        new = f"erased-{os.urandom(8).hex()}" if new_id else old
        receipt: Body = {"participant_id": new if not write.dry_run else old}
        if before.erased_at is None:
            receipt |= self._redact(before, write)
        else:
            receipt |= {"erased_at": instants.text(before.erased_at)}
            receipt |= dict.fromkeys(("facts", "commands"), 0)
        if new != old and not write.dry_run:
            self._rename(old, new)
        receipt["backups"] = backups(self._session)
        changed = before.erased_at is None or new != old
        return Answer(receipt, "erased" if changed else "unchanged")

    def _redact(self, before: Participant, write: Write) -> Body:
        session, sql = self._session, self._session.sql
        one: Values = {"participant_id": before.participant_id}
        changed, personal = self._facts(one)
        shared, answers = self._shared(one, personal), self._answers(personal)
        alone = {operation for (operation,) in session.rows(sql.FIND_COMMANDED, one)}
        now = max(session.now(), before.recorded_at)
        if not write.dry_run:
            session.run_all(sql.REDACT_FACT, changed)
            session.run_all(sql.REDACT_OPERATION, shared)
            session.run(sql.REDACT_COMMANDS, {**one, "command": erasing.COMMAND})
            session.run(sql.REDACT_REQUESTS, one)
            session.run_all(sql.REDACT_UNDO_ANSWER, answers)
            self._record(before, write)
        return {
            "erased_at": instants.text(now),
            "facts": len(changed),
            "commands": len(alone | {each["operation"] for each in shared}),
        }

    def _facts(self, one: Values) -> tuple[list[Values], set[str]]:
        """The facts that lose something, as they are afterwards, and every text that goes."""
        changed: list[Values] = []
        personal = {one["participant_id"]}
        for number, _, text, *_ in self._session.rows(
            self._session.sql.FIND_FACTS, {**one, **_EVERY}
        ):
            data = jsontext.stored(text)
            personal |= erasing.texts(data)
            if kept := erasing.redacted(data):
                changed.append({**one, "number": number, "data": jsontext.compact(kept)})
        return changed, personal

    def _shared(self, one: Values, personal: set[str]) -> list[Values]:
        """The operations with a row of their own whose command line goes."""
        return [
            {"operation": operation, "command": erasing.COMMAND}
            for operation, command, input_ in self._session.rows(self._session.sql.FIND_SHARED, one)
            # What an import says of one of its many is in its file; others may say it in any way.
            if input_ is None or any(text in command for text in personal)
        ]

    def _answers(self, personal: set[str]) -> list[Values]:
        """The answers to undo that name the participant."""
        asked = {"operation_name": UNDO}
        return [
            {"of_name": UNDO, "of_key": key}
            for key, answer in self._session.rows(self._session.sql.FIND_UNDO_ANSWERS, asked)
            if any(jsontext.compact(text)[1:-1] in answer for text in personal)
        ]

    def _record(self, before: Participant, write: Write) -> None:
        """Book the erasure as a fact, under an operation of its own that names nobody."""
        command = f"gamify participants erase {erasing.COMMAND}"
        operation = write.operation._replace(command=command, shared=True)
        decision = self._changes.decision(before)
        decision.record(facts.ERASED, {})
        self._changes.save(decision, write._replace(operation=operation))

    def _rename(self, old: str, new: str) -> None:
        session, sql = self._session, self._session.sql
        values = {"participant_id": old, "new_id": new}
        session.run(sql.COPY_PARTICIPANT, {**values, "search": records.search_text(f"{new}\n")})
        session.run(sql.RENAME_FACTS, values)
        session.run(sql.RENAME_STOCK, values)
        session.run(sql.DROP_PARTICIPANT, {"participant_id": old})
        session.run(sql.RENAME_REQUESTS, {**values, "new_id": tombstone(old)})
