"""What the nouns share: reads of several, writes and their rehearsals, pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast, get_args
from urllib.parse import quote, urlencode

from gamify_cli import wire
from gamify_cli.backend import (
    NOW,
    Answer,
    Body,
    Each,
    HistoryQuery,
    Outcome,
    Page,
    When,
    Write,
    or_failure,
)
from gamify_cli.domain import vocabulary
from gamify_cli.errors import (
    NoRoute,
    NotFound,
    Unavailable,
    UsageError,
)
from gamify_cli.remote.client import Client
from gamify_cli.remote.workers import in_order

_ONE = "/participants/{pid}"
_OUTCOMES = get_args(Outcome)
LARGEST = 2**53
"""No number in a query is larger."""

Parameters = Mapping[str, Any]
"""Of a query, by name; those that are None are left out, a sequence is one for each."""

_NONE: Parameters = {}


class Calls:
    """Asks one server in the forms that the API has."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def jobs(self) -> int:
        """How many calls may run at a time."""
        return self._client.server.jobs

    def get(self, path: str, parameters: Parameters = _NONE) -> Body:
        """What is answered at a path."""
        return self._client.get(path + _query(parameters))

    def ask(self, path: str, body: Body, parameters: Parameters = _NONE) -> Body:
        """What is answered to a question that takes a body, and changes nothing."""
        return self._client.ask(path + _query(parameters), body)

    def each(
        self,
        ids: Sequence[str],
        below: str = "",
        parameters: Parameters = _NONE,
        when: When = NOW,
    ) -> Each:
        """What is answered below each participant, as of a time; several are asked at a time."""
        rest = below + _query(parameters)
        return self.each_by(ids, lambda path: self._client.get(path + rest), when)

    def each_by(self, ids: Sequence[str], ask: Callable[[str], Body], when: When = NOW) -> Each:
        """The same by any question about the path of a participant."""
        before = wire.as_of(when)
        answer = or_failure(lambda one: ask(before + participant_path(one)))
        return in_order(answer, ids, self.jobs)

    def write(
        self,
        method: str,
        path: str,
        body: Body,
        write: Write,
        outcome: Outcome,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a change, or only rehearse it; `outcome` is what to call it if nobody tells."""
        headers = {**_write_headers(write), **(headers or {})}
        if write.dry_run:
            # A path of its own: a server that knows no rehearsal must not take it for a write.
            sent = self._client.send("POST", wire.DRY_RUN + path, body, headers)
            try:
                return wire.rehearsed(sent.body)
            except KeyError:
                raise self.incomplete(path) from None
        sent = self._client.send(method, path, body, headers)
        if sent.headers.get(wire.REPLAYED) == "true":
            return Answer(sent.body, "replayed")
        told = cast(Outcome, sent.headers.get(wire.OUTCOME))
        made = sent.headers.get(wire.OPERATION_ID)
        return Answer(sent.body, told if told in _OUTCOMES else outcome, operation=made)

    def page(
        self,
        path: str,
        parameters: Parameters,
        member: str,
        limit: int | None,
        *,
        cursor: str = "before",
        most: int = wire.MAX_PAGE,
    ) -> Page:
        """Rows of a list, `most` at a time; `cursor` is the parameter that goes on."""
        left, going_on = limit, dict(parameters)
        while True:
            size = most if left is None else min(left, most)
            body = self.get(path, going_on | {"limit": size})
            rows, following = self.rows(path, body, member), self._next(path, body)
            yield from rows[:left]
            if following is None:
                return None
            left = None if left is None else left - len(rows)
            if left is not None and left <= 0:
                return following
            if not rows:
                raise self.incomplete(path)
            going_on[cursor] = following

    def _next(self, path: str, body: Body) -> str | None:
        """The cursor that goes on; raises NoRoute if the server pages in another way."""
        if "next" not in body:
            raise NoRoute(f"the server at {self._client.server.url} has no cursors for {path}")
        return None if body["next"] is None else str(body["next"])

    def rows(self, path: str, body: Body, member: str) -> list[Body]:
        """A member that holds objects; raises Unavailable if it does not."""
        rows = body.get(member)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.incomplete(path)
        return rows

    def incomplete(self, path: str) -> Unavailable:
        """The answer is JSON, but of another shape than the API has there."""
        server = self._client.server.url
        return Unavailable(f"the server at {server} answered {path} in a shape of its own")


def participant_path(participant_id: str, template: str = _ONE) -> str:
    """The path of a participant; raises UsageError for what is no id."""
    return wire.path(template, pid=vocabulary.participant_id(participant_id))


def _write_headers(write: Write) -> Mapping[str, str]:
    operation = write.operation
    headers = {
        wire.IDEMPOTENCY_KEY: write.idempotency_key or os.urandom(16).hex(),
        wire.COMMAND: wire.command_text(operation.command),
    }
    return headers | {wire.OPERATION: operation.operation} if operation.shared else headers


def code_path(template: str, noun: str, code: str, **more: str) -> str:
    """The path of what a program defines; raises NotFound for a code that no path can hold."""
    try:
        return wire.path(template, code=code, **more)
    except UsageError:
        raise NotFound(f'{noun} "{code}" not found') from None


def timed(body: Body, *names: str) -> Body:
    """A body with these members, instants where given, as times."""
    return body | {name: wire.time(body[name]) for name in names if name in body}


def history(query: HistoryQuery) -> Parameters:
    """The parameters of a history but its kinds and its limit."""
    before = None if query.before is None else max(0, min(query.before, LARGEST))
    since = None if query.since is None else wire.time(query.since)
    until = None if query.until is None else wire.bound(query.until)
    return {"since": since, "until": until, "before": before}


def _query(parameters: Parameters) -> str:
    given = {name: value for name, value in parameters.items() if value is not None}
    if not given:
        return ""
    try:
        return "?" + urlencode(given, doseq=True, quote_via=quote)
    except UnicodeEncodeError:
        raise UsageError("the request holds text that is not valid Unicode") from None
