"""The participants of a local store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gamify_cli.backend import Answer, Body, Each, HistoryQuery, ListQuery, Outcome, Page, Write
from gamify_cli.domain import jsontext, views, vocabulary
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.participant import Participant
from gamify_cli.errors import Conflict, GamifyError
from gamify_cli.store import records
from gamify_cli.store import sqlite_sql as sql
from gamify_cli.store.session import Session

_LAST_INTEGER = 2**63 - 1


class ParticipantStore:
    """Implements `backend.Participants` on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(
        self, participant_id: str, body: Body, write: Write, *, if_not_exists: bool
    ) -> Answer:
        def rule(decision: Decision) -> None:
            rules.register(decision, body, if_not_exists=if_not_exists)

        request = {**body, "if_not_exists": if_not_exists}
        return self._change(
            participant_id, "create", request, write, rule, view=views.created, status=201
        )

    def update(
        self, participant_id: str, body: Body, write: Write, *, if_match: int | None
    ) -> Answer:
        def rule(decision: Decision) -> None:
            rules.update(decision, body, if_match=if_match)

        request = {**body, "if_match": if_match}
        return self._change(participant_id, "update", request, write, rule)

    def set_active(self, participant_id: str, active: bool, write: Write) -> Answer:
        def rule(decision: Decision) -> None:
            rules.set_active(decision, active)

        if active:
            return self._change(participant_id, "activate", {}, write, rule, outcome="activated")
        return self._change(participant_id, "deactivate", {}, write, rule, outcome="deactivated")

    def profiles(self, ids: Sequence[str]) -> Each:
        return self._each(ids, views.profile)

    def states(self, ids: Sequence[str], include: Sequence[str]) -> Each:
        return self._each(ids, lambda participant: views.state(participant, include))

    def list(self, query: ListQuery) -> Page:
        from gamify_cli.store.listing import pages

        with self._session.reading():
            yield from pages(self._session, query)

    def count(self, query: ListQuery) -> int:
        if query.is_plain:
            with self._session.reading():
                row = self._session.one(sql.COUNT_PARTICIPANTS)
                return int(row[0]) if row else 0
        return sum(1 for _ in self.list(query))

    def history(self, participant_id: str, query: HistoryQuery) -> Page:
        vocabulary.participant_id(participant_id)
        values = {
            "participant_id": participant_id,
            "kind": query.kind,
            "since": -_LAST_INTEGER if query.since is None else query.since,
            "until": _LAST_INTEGER if query.until is None else query.until,
            "before": _LAST_INTEGER if query.before is None else query.before,
            "limit": -1 if query.limit is None else query.limit,
        }
        with self._session.reading():
            if not self._load(participant_id).exists:
                raise rules.unknown(participant_id)
            for row in self._session.rows(sql.FIND_HISTORY, values):
                body = records.history_body(row)
                yield str(body["number"]), body

    def complete(self, prefix: str, limit: int) -> Sequence[str]:
        values = {"first": prefix, "last": prefix + "\U0010ffff", "limit": limit}
        with self._session.reading():
            return [row[0] for row in self._session.rows(sql.COMPLETE_IDS, values)]

    def _each(self, ids: Sequence[str], view: Callable[[Participant], Body]) -> Each:
        """One query for all the ids, whatever their number; the answers in the order asked."""
        wanted: list[str | GamifyError] = [_valid(participant_id) for participant_id in ids]
        asked = jsontext.compact([one for one in wanted if isinstance(one, str)])
        with self._session.reading():
            rows = {
                row[0]: row for row in self._session.rows(sql.FIND_PARTICIPANTS, {"ids": asked})
            }
        for one in wanted:
            if isinstance(one, GamifyError):
                yield one
            elif one in rows:
                yield view(records.participant(rows[one]))
            else:
                yield rules.unknown(one)

    def _change(
        self,
        participant_id: str,
        name: str,
        request: Body,
        write: Write,
        rule: Callable[[Decision], None],
        *,
        outcome: Outcome = "updated",
        view: Callable[[Participant], Body] = views.profile,
        status: int = 200,
    ) -> Answer:
        """Lock, read, decide, append and save in one transaction; or only rehearse it."""
        vocabulary.participant_id(participant_id)
        session = self._session
        if session.missing and not write.dry_run:
            # A refusal must leave nothing behind, not even a new store.
            rehearsal = write._replace(dry_run=True)
            self._change(participant_id, name, request, rehearsal, rule)
        with session.reading() if write.dry_run else session.writing():
            kept = _KeptRequest(session, participant_id, name, request, write)
            if replay := kept.answer():
                return replay
            before = self._load(participant_id)
            decision = Decision(before, max(session.now(), before.recorded_at))
            rule(decision)
            answer = Answer(
                body=view(decision.participant),
                outcome=_outcome(decision, before, outcome),
                before=views.profile(before) if before.exists else None,
                after=views.profile(decision.participant),
            )
            if not write.dry_run:
                self._save(before, decision, write)
                kept.keep(answer, status, decision.now)
            return answer

    def _load(self, participant_id: str) -> Participant:
        row = self._session.one(sql.FIND_PARTICIPANT, {"participant_id": participant_id})
        return records.participant(row) if row else Participant(participant_id)

    def _save(self, before: Participant, decision: Decision, write: Write) -> None:
        if not decision.facts:
            return
        after = decision.participant
        after.recorded_at = decision.now
        statement = sql.UPDATE_PARTICIPANT if before.exists else sql.INSERT_PARTICIPANT
        self._session.run(statement, records.participant_values(after))
        operation = write.operation._asdict()
        if operation.pop("shared"):
            counts = {"recorded_at": decision.now, "facts": len(decision.facts)}
            self._session.run(sql.COUNT_OPERATION, operation | counts)
            operation |= {"command": None, "actor": None}
        common = {
            "participant_id": after.participant_id,
            "recorded_at": decision.now,
            "program": None,
            **operation,
        }
        for fact in decision.facts:
            self._session.run(sql.APPEND_FACT, records.fact_values(fact) | common)


class _KeptRequest:
    """The answer kept under an idempotency key, if one was given."""

    def __init__(
        self, session: Session, participant_id: str, name: str, request: Body, write: Write
    ) -> None:
        self._session = session
        self._request = request
        self._name = name
        self._key = write.idempotency_key
        self._values = {
            "participant_id": participant_id,
            "operation_name": name,
            "idempotency_key": write.idempotency_key,
        }

    def answer(self) -> Answer | None:
        """The answer given before, or None. Raises Conflict if it was to another request."""
        if self._key is None:
            return None
        row = self._session.one(sql.FIND_REQUEST, self._values)
        if row is None:
            return None
        fingerprint, answer = row
        if fingerprint != self._fingerprint():
            raise Conflict(
                f'idempotency key "{self._key}" was used for another {self._name}'
                f' of participant "{self._values["participant_id"]}"',
                hint="use a new key for a new request",
            )
        return Answer(jsontext.stored(answer), "replayed")

    def keep(self, answer: Answer, status: int, now: int) -> None:
        if self._key is not None:
            values = {
                **self._values,
                "fingerprint": self._fingerprint(),
                "status": status,
                "answer": jsontext.compact(answer.body),
                "recorded_at": now,
            }
            self._session.run(sql.KEEP_REQUEST, values)

    def _fingerprint(self) -> str:
        from hashlib import sha256

        return sha256(jsontext.canonical(self._request).encode()).hexdigest()


def _outcome(decision: Decision, before: Participant, changed: Outcome) -> Outcome:
    if not decision.facts:
        return "unchanged"
    return changed if before.exists else "created"


def _valid(participant_id: str) -> str | GamifyError:
    try:
        return vocabulary.participant_id(participant_id)
    except GamifyError as error:
        return error
