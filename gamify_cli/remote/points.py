"""The points of a server's participants."""

from __future__ import annotations

from collections.abc import Sequence

from gamify_cli import wire
from gamify_cli.backend import NOW, Answer, Body, Each, HistoryQuery, Page, When, Write
from gamify_cli.domain import answers, vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.remote.calls import Calls, history, participant_path, timed


class PointsCalls:
    """Implements `backend.Points` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def award(self, participant_id: str, body: Body, write: Write) -> Answer:
        whole = _whole(participant_id, timed(body, "expires_at", "occurred_at"))
        return self._calls.write("POST", "/points/award", whole, write, "awarded")

    def deduct(self, participant_id: str, body: Body, write: Write) -> Answer:
        whole = _whole(participant_id, timed(body, "occurred_at"))
        return self._calls.write("POST", "/points/deduct", whole, write, "deducted")

    def balances(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._calls.each(ids, "/points", when=when)

    def expiring(self, ids: Sequence[str], by: Instant | None, when: When = NOW) -> Each:
        until = None if by is None else wire.bound(by)
        return self._calls.each(ids, "/points/expiring", {"by": until}, when)

    def transactions(self, participant_id: str, query: HistoryQuery) -> Page:
        path = participant_path(participant_id) + "/points/transactions"
        every = not query.kinds or set(query.kinds) == set(answers.TRANSACTIONS)
        types = [] if every else [answers.TRANSACTIONS[kind] for kind in query.kinds]
        parameters = {"type": types, **history(query)}
        return self._calls.page(path, parameters, "transactions", query.limit)


def _whole(participant_id: str, body: Body) -> Body:
    return {"participant_id": vocabulary.participant_id(participant_id), **body}
