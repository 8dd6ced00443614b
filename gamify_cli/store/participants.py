"""The participants of a local store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gamify_cli.backend import Answer, Body, Each, HistoryQuery, ListQuery, Page, Write
from gamify_cli.domain import jsontext, views, vocabulary
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program
from gamify_cli.errors import GamifyError
from gamify_cli.store import records
from gamify_cli.store import sqlite_sql as sql
from gamify_cli.store.changes import Changes
from gamify_cli.store.programs import Programs
from gamify_cli.store.session import Session

_LAST_INTEGER = 2**63 - 1


class ParticipantStore:
    """Implements `backend.Participants` on one session."""

    def __init__(self, session: Session, programs: Programs, changes: Changes) -> None:
        self._session = session
        self._programs = programs
        self._changes = changes

    def create(
        self, participant_id: str, body: Body, write: Write, *, if_not_exists: bool
    ) -> Answer:
        def rule(decision: Decision) -> None:
            rules.register(decision, body, if_not_exists=if_not_exists)

        request = {**body, "if_not_exists": if_not_exists}
        return self._changes.make(
            participant_id, "create", request, write, rule, view=_show_created, status=201
        )

    def update(
        self, participant_id: str, body: Body, write: Write, *, if_match: int | None
    ) -> Answer:
        def rule(decision: Decision) -> None:
            rules.update(decision, body, if_match=if_match)

        request = {**body, "if_match": if_match}
        return self._changes.make(participant_id, "update", request, write, rule)

    def set_active(self, participant_id: str, active: bool, write: Write) -> Answer:
        def rule(decision: Decision) -> None:
            rules.set_active(decision, active)

        if active:
            return self._changes.make(
                participant_id, "activate", {}, write, rule, outcome="activated"
            )
        return self._changes.make(
            participant_id, "deactivate", {}, write, rule, outcome="deactivated"
        )

    def profiles(self, ids: Sequence[str]) -> Each:
        return self._each(ids, views.profile)

    def states(self, ids: Sequence[str], include: Sequence[str]) -> Each:
        return self._each(
            ids, lambda participant, program: views.state(participant, program, include)
        )

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
            "kinds": jsontext.compact(query.kinds) if query.kinds else None,
            "since": -_LAST_INTEGER if query.since is None else query.since,
            "until": _LAST_INTEGER if query.until is None else query.until,
            "before": _LAST_INTEGER if query.before is None else query.before,
            "limit": -1 if query.limit is None else query.limit,
        }
        with self._session.reading():
            if not self._changes.load(participant_id).exists:
                raise rules.unknown(participant_id)
            for row in self._session.rows(sql.FIND_HISTORY, values):
                body = records.history_body(row)
                yield str(body["number"]), body

    def complete(self, prefix: str, limit: int) -> Sequence[str]:
        between = {"first": prefix, "last": prefix + "\U0010ffff"}
        with self._session.reading():
            rows = self._session.rows(sql.COMPLETE_IDS, {**between, "limit": limit})
            ids = [row[0] for row in rows]
            # A shell inserts what all the ids offered begin with: the last must be among them.
            if len(ids) == limit:
                ids[-1:] = self._session.one(sql.COMPLETE_LAST_ID, between) or ()
            return ids

    def _each(self, ids: Sequence[str], view: Callable[[Participant, Program], Body]) -> Each:
        """One query for all the ids, whatever their number; the answers in the order asked."""
        wanted: list[str | GamifyError] = [_valid(participant_id) for participant_id in ids]
        asked = jsontext.compact([one for one in wanted if isinstance(one, str)])
        with self._session.reading():
            program, now = self._programs.current(), self._session.now()
            rows = {
                row[0]: row for row in self._session.rows(sql.FIND_PARTICIPANTS, {"ids": asked})
            }
        for one in wanted:
            if isinstance(one, GamifyError):
                yield one
            elif one in rows:
                yield view(views.as_at(records.participant(rows[one]), program, now), program)
            else:
                yield rules.unknown(one)


def _show_created(decision: Decision) -> Body:
    return views.created(decision.participant, decision.program)


def _valid(participant_id: str) -> str | GamifyError:
    try:
        return vocabulary.participant_id(participant_id)
    except GamifyError as error:
        return error
