"""The participants of a local store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from gamify_cli.backend import (
    NOW,
    Answer,
    Body,
    Each,
    Exported,
    HistoryQuery,
    ListQuery,
    Page,
    Source,
    When,
    Write,
)
from gamify_cli.domain import views
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.instants import Instant
from gamify_cli.store import records
from gamify_cli.store.changes import Changes, show_profile
from gamify_cli.store.programs import Programs
from gamify_cli.store.readings import Readings, page
from gamify_cli.store.session import Session
from gamify_cli.store.sweeping import Sweep

if TYPE_CHECKING:
    from gamify_cli.backend.nouns import Importer
    from gamify_cli.domain.explain.asked import Asked


class ParticipantStore:
    """Implements `backend.Participants` on one session."""

    def __init__(
        self,
        session: Session,
        programs: Programs,
        readings: Readings,
        changes: Changes,
        sweep: Sweep,
    ) -> None:
        self._session = session
        self._programs = programs
        self._readings = readings
        self._changes = changes
        self._sweep = sweep

    def create(
        self, participant_id: str, body: Body, write: Write, *, if_not_exists: bool
    ) -> Answer:
        def rule(decision: Decision) -> Body:
            rules.register(decision, body, if_not_exists=if_not_exists)
            return views.created(decision.participant, decision.program, decision.now)

        request = {**body, "if_not_exists": if_not_exists}
        return self._changes.make(participant_id, "create", request, write, rule, status=201)

    def update(
        self, participant_id: str, body: Body, write: Write, *, if_match: int | None
    ) -> Answer:
        def rule(decision: Decision) -> Body:
            rules.update(decision, body, if_match=if_match)
            return show_profile(decision)

        request = {**body, "if_match": if_match}
        return self._changes.make(participant_id, "update", request, write, rule)

    def set_active(self, participant_id: str, active: bool, write: Write) -> Answer:
        def rule(decision: Decision) -> Body:
            rules.set_active(decision, active)
            return show_profile(decision)

        if active:
            return self._changes.make(
                participant_id, "activate", {}, write, rule, outcome="activated"
            )
        return self._changes.make(
            participant_id, "deactivate", {}, write, rule, outcome="deactivated"
        )

    def erase(self, participant_id: str, new_id: bool, write: Write) -> Answer:
        from gamify_cli.store.erasing import Erasure

        return Erasure(self._session, self._changes).make(participant_id, new_id, write)

    def bundle(self, participant_id: str) -> Body:
        from gamify_cli.store.bundles import bundle

        return bundle(self._session, self._programs, participant_id)

    def importer(self, write: Write, source: Source) -> Importer:
        from gamify_cli.store.importing import ParticipantImporter

        return ParticipantImporter(self._session, self._programs, write, source)

    def profiles(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._readings.each(ids, views.profile, when)

    def cards(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._readings.each(ids, views.card, when)

    def states(self, ids: Sequence[str], include: Sequence[str], when: When = NOW) -> Each:
        return self._readings.each(ids, partial(views.state, include=include), when)

    def list(self, query: ListQuery, settling: Write) -> Page:
        from gamify_cli.store.listing import pages

        self._sweep.before_reading(settling)
        with self._session.reading():
            return (yield from page(pages(self._session, query), query.limit))

    def export(self, query: ListQuery, shape: Exported, settling: Write) -> Iterator[Body]:
        from gamify_cli.store.exporting import export

        self._sweep.before_reading(settling)
        return export(self._session, self._programs, query, shape)

    def count(self, query: ListQuery, settling: Write) -> int:
        query = query._replace(after=None, limit=None)
        if query.is_plain:
            with self._session.reading():
                row = self._session.one(self._session.sql.COUNT_PARTICIPANTS)
                return int(row[0]) if row else 0
        return sum(1 for _ in self.list(query, settling))

    def history(self, participant_id: str, query: HistoryQuery) -> Page:
        lines = self._readings.lines(participant_id, query)
        bodies = ((str(line.number), records.history_body(line)) for line in lines)
        return (yield from page(bodies, query.limit))

    def explain(self, participant_id: str, asked: Asked) -> Body:
        from gamify_cli.store.explaining import explained

        return explained(self._session, self._programs, participant_id, asked)

    def diff(self, participant_id: str, since: Instant, until: Instant | None) -> Body:
        from gamify_cli.store.differing import diff

        return diff(self._session, self._readings, participant_id, since, until)

    def complete(self, prefix: str, limit: int) -> Sequence[str]:
        between = {"first": prefix, "last": prefix + "\U0010ffff"}
        with self._session.reading():
            rows = self._session.rows(self._session.sql.COMPLETE_IDS, {**between, "limit": limit})
            ids = [row[0] for row in rows]
            # A shell inserts what all the ids offered begin with: the last must be among them.
            if len(ids) == limit:
                ids[-1:] = self._session.one(self._session.sql.COMPLETE_LAST_ID, between) or ()
            return ids
