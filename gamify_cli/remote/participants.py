"""The participants of a server, and what moved their points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from gamify_cli import wire
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
    answered,
)
from gamify_cli.domain import jsontext, vocabulary
from gamify_cli.domain.explain.asked import MOST
from gamify_cli.domain.instants import Instant
from gamify_cli.remote.calls import Calls, Parameters, history, participant_path
from gamify_cli.remote.together import Together

if TYPE_CHECKING:
    from gamify_cli.backend.nouns import Importer
    from gamify_cli.domain.explain.asked import Asked

_LIST = "/admin/participants"
_ADMIN_ONE = "/admin/participants/{pid}"


class ParticipantCalls:
    """Implements `backend.Participants` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._together = Together(calls)

    def create(
        self, participant_id: str, body: Body, write: Write, *, if_not_exists: bool
    ) -> Answer:
        vocabulary.participant_id(participant_id)
        whole = {"participant_id": participant_id, **body}
        headers = {"If-None-Match": "*"} if if_not_exists else None
        return self._calls.write("POST", "/participants", whole, write, "updated", headers)

    def update(
        self, participant_id: str, body: Body, write: Write, *, if_match: int | None
    ) -> Answer:
        headers = None if if_match is None else {"If-Match": f'"{if_match}"'}
        path = participant_path(participant_id)
        return self._calls.write("PATCH", path, body, write, "updated", headers)

    def set_active(self, participant_id: str, active: bool, write: Write) -> Answer:
        path = participant_path(participant_id, _ADMIN_ONE)
        if active:
            return self._calls.write("POST", f"{path}/activate", {}, write, "activated")
        return self._calls.write("POST", f"{path}/deactivate", {}, write, "deactivated")

    def erase(self, participant_id: str, new_id: bool, write: Write) -> Answer:
        path = participant_path(participant_id, f"{_ADMIN_ONE}/erase")
        return self._calls.write("POST", path, {"new_id": new_id}, write, "erased")

    def bundle(self, participant_id: str) -> Body:
        return self._calls.get(participant_path(participant_id, f"{_ADMIN_ONE}/bundle"))

    def importer(self, write: Write, source: Source) -> Importer:
        from gamify_cli.remote.imports import ParticipantPosts

        return ParticipantPosts(self._calls, write, source)

    def profiles(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._together.each(ids, {}, when, lambda rest: self._calls.each(rest, when=when))

    def cards(self, ids: Sequence[str], when: When = NOW) -> Each:
        def card(path: str) -> Body:
            profile, path = self._calls.get(path), f"{path}/challenges"
            rows = self._calls.rows(path, self._calls.get(path), "challenges")
            every = [row.get("status") for row in rows]
            counts = {status: every.count(status) for status in ("active", "completed")}
            return {**profile, "challenges": counts}

        return self._calls.each_by(ids, card, when)

    def states(self, ids: Sequence[str], include: Sequence[str], when: When = NOW) -> Each:
        chosen = {"include": ",".join(include)}
        return self._together.each(
            ids, chosen, when, lambda rest: self._calls.each(rest, "/state", chosen, when)
        )

    def list(self, query: ListQuery, _settling: Write) -> Page:
        return self._calls.page(_LIST, _filters(query), "participants", query.limit, cursor="after")

    def export(self, query: ListQuery, shape: Exported, settling: Write) -> Iterator[Body]:
        rows = self.list(query, settling)
        if shape == "row":
            yield from map(_kept, rows)
            return
        while ids := [row["participant_id"] for row in islice(rows, wire.MAX_PAGE)]:
            if shape == "state":
                yield from map(answered, self.states(ids, vocabulary.SECTIONS))
            else:
                yield from map(_kept, map(answered, self.profiles(ids)))

    def count(self, query: ListQuery, _settling: Write) -> int:
        asked = {**_filters(query), "after": None, "count": "true"}
        count = self._calls.get(_LIST, asked).get("count")
        if not isinstance(count, int):
            raise self._calls.incomplete(_LIST)
        return count

    def history(self, participant_id: str, query: HistoryQuery) -> Page:
        path = participant_path(participant_id, f"{_ADMIN_ONE}/history")
        parameters = {"type": query.kinds, **history(query)}
        return self._calls.page(path, parameters, "facts", query.limit)

    def explain(self, participant_id: str, asked: Asked) -> Body:
        path = participant_path(participant_id, f"{_ADMIN_ONE}/explain")
        limit = MOST if asked.limit is None else asked.limit
        body = self._calls.get(path, {"of": asked.text, "limit": limit})
        self._calls.rows(path, body, "nodes")
        return body

    def diff(self, participant_id: str, since: Instant, until: Instant | None) -> Body:
        times = {"from": since, "to": until}
        given = {name: wire.bound(at) for name, at in times.items() if at is not None}
        return self._calls.get(participant_path(participant_id, f"{_ADMIN_ONE}/diff"), given)

    def complete(self, _prefix: str, _limit: int) -> Sequence[str]:
        """None: what a shell waits for must not wait for a network."""
        return ()


def _kept(body: Body) -> Body:
    return {**body, "attributes": jsontext.Kept(jsontext.compact(body.get("attributes")))}


def _filters(query: ListQuery) -> Parameters:
    before, active = query.seen_before, query.active
    attributes = query.attributes.items()
    return {
        "q": query.text,
        "attr": [f"{name}:={jsontext.exact(value)}" for name, value in attributes],
        "tier": query.tier,
        "where": [f"{name}{sign}{number}" for name, sign, number in query.where],
        "seen_before": None if before is None else wire.time(before),
        "active": None if active is None else str(active).lower(),
        "sort": "-" * query.descending + query.sort,
        "after": query.after,
    }
