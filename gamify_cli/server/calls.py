"""One call of the API: what was asked, by whom, as the handlers take it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple

from gamify_cli import wire
from gamify_cli.backend import NOW, Body, KeyRecord, Operation, When, Write
from gamify_cli.domain import vocabulary
from gamify_cli.errors import UsageError
from gamify_cli.server.access import Headers

NO_WRITE = Write(Operation("", "", ""))


class Call(NamedTuple):
    """What a handler needs: `ids` are of the path, `query` and `body` were checked.

    `raw` is the body as it came; `when` what to read as of; `write` is how to make a
    change, or to rehearse it.
    """

    ids: Mapping[str, str]
    query: Mapping[str, Any]
    body: Body
    raw: bytes
    headers: Headers
    when: When = NOW
    write: Write = NO_WRITE

    @property
    def pid(self) -> str:
        """The participant in the path."""
        return self.ids["pid"]

    @property
    def participant_id(self) -> str:
        """The participant in the body."""
        return str(self.body["participant_id"])

    def given(self, *names: str) -> Body:
        """These members of the body, without those that are null."""
        return given(self.body, *names)

    def writes(self) -> Iterator[Write]:
        """How to make each change of a batch, in their order."""
        operation = self.write.operation._replace(shared=True)
        for number in count():
            key = vocabulary.item_key(self.write.idempotency_key, number)
            yield self.write._replace(idempotency_key=key, operation=operation)

    @property
    def only_if_new(self) -> bool:
        """Whether `If-None-Match: *` was sent; raises UsageError for any other."""
        given = self.headers.get(b"if-none-match")
        if given not in (None, b"*"):
            raise UsageError("If-None-Match takes * alone")
        return given is not None

    @property
    def version(self) -> int | None:
        """The version in `If-Match: "N"`; raises UsageError."""
        given = self.headers.get(b"if-match")
        if given is None:
            return None
        digits = given.decode("latin-1").strip('"')
        if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            raise UsageError('If-Match takes a version: "7"')
        return int(digits)


def write_of(
    headers: Headers, key: KeyRecord, call: str, body: Body, *, dry_run: bool, is_on_one: bool
) -> Write:
    """How to make the change of a call; takes the key out of the body, where it may be, too.

    Of a call on one participant the operation may be shared. Raises UsageError for an
    idempotency key that is no good, or two that differ, and for an operation that is none.
    """
    command = headers.get(wire.COMMAND.lower().encode())
    told = wire.command_of(command.decode("latin-1")) if command else call
    operation = Operation.new(told, f"key {key.name or key.key_id}")
    sent = headers.get(wire.OPERATION.lower().encode())
    shared = None if sent is None else _operation_of(sent.decode("latin-1"), key)
    # What one rehearsal saw is not for the next, which may come much later.
    if shared and is_on_one and not dry_run:
        operation = operation._replace(operation=shared, shared=True)
    return Write(operation, _idempotency_key(headers, body), dry_run)


def _operation_of(sent: str, key: KeyRecord) -> str:
    """The operation that a caller means: one of its own, whatever others call theirs.

    The first half of an id is the time at which it was made.
    """
    if not re.fullmatch(wire.AN_OPERATION, sent):
        raise UsageError(f"the header {wire.OPERATION} takes op_ and 24 of 0-9 a-f")
    return f"{sent[:15]}{sha256(f'{key.key_id} {sent}'.encode()).hexdigest()[:12]}"


def _idempotency_key(headers: Headers, body: Body) -> str | None:
    raw = headers.get(wire.IDEMPOTENCY_KEY.lower().encode())
    sent = None if raw is None else raw.decode("latin-1")
    within = body.pop("idempotency_key", None)
    if sent is not None and within is not None and sent != within:
        raise UsageError("the header Idempotency-Key and the member idempotency_key differ")
    given = within if sent is None else sent
    return None if given is None else vocabulary.idempotency_key(given)


def given(members: Body, *names: str) -> Body:
    """These of some members, without those that are null."""
    return {name: members[name] for name in names if members.get(name) is not None}
