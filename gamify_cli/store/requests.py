"""Answers kept under idempotency keys.

A key is of one participant and one operation; the participant is empty for an operation on none.
"""

from __future__ import annotations

from collections.abc import Iterable

from gamify_cli.backend import Answer, Body, Write
from gamify_cli.domain import jsontext
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import Conflict, Erased
from gamify_cli.store.rehearsal import RequestKey
from gamify_cli.store.session import Asked, Row, Session

_PLACE = ("participant_id", "operation_name", "idempotency_key")

UNDO = "operations undo"
"""The operation under which answers of undo are kept: of no participant, yet they name some."""

ERASED = ""
"""What is left of an answer once its participant was erased."""

TOMBSTONE = "erased:"
"""What each `tombstone` begins with."""

TOMBSTONES = {"first": TOMBSTONE, "last": f"{TOMBSTONE}~"}
"""Between which the participants of `tombstone` are."""


def tombstone(participant_id: str) -> str:
    """Where the keys are kept that were used with an id which erasure took away."""
    # Most commands need no hash.
    from hashlib import sha256

    return TOMBSTONE + sha256(participant_id.encode()).hexdigest()


class KeptRequest:
    """The answer kept under the key of a write, if it has one."""

    def __init__(
        self, session: Session, participant_id: str, name: str, request: Body, write: Write
    ) -> None:
        self._session = session
        self._request = request
        self._key = write.idempotency_key
        self._is_rehearsal = write.dry_run
        self._place: RequestKey = (participant_id, name, write.idempotency_key or "")

    def answer(self, *, is_new: bool = False) -> Answer | None:
        """The answer given before, or None; to somebody new, that before an erasure took the id.

        Raises Conflict if it was to another request, Erased if it is gone.
        """
        if self._key is None:
            return None
        found = self._kept(self._place)
        if found is None and is_new:
            participant_id, name, key = self._place
            return self._kept((tombstone(participant_id), name, key))
        return found

    def _kept(self, place: RequestKey) -> Answer | None:
        if self._is_rehearsal and place in self._session.rehearsal.requests:
            kept = self._session.rehearsal.requests[place]
            return Answer(_replayed(place, self._request, *kept), "replayed")
        row = self._session.one(*self._question(place))
        return Answer(_replayed(place, self._request, *row), "replayed") if row else None

    def question(self) -> Asked:
        """What `answer` asks the store first where there is a key."""
        return self._question(self._place)

    def _question(self, place: RequestKey) -> Asked:
        return self._session.sql.FIND_REQUEST, dict(zip(_PLACE, place, strict=True))

    def keep(self, answer: Answer, status: int, now: Instant) -> None:
        """Remember what was answered."""
        if self._key is None:
            return
        kept = (_fingerprint(self._request), jsontext.compact(answer.body))
        if self._is_rehearsal:
            self._session.rehearsal.requests[self._place] = kept
            return
        row = _row(self._place, kept, status, now)
        self._session.run(self._session.sql.KEEP_REQUEST, row)


class KeptRequests:
    """The same for many participants and keys in one operation; `rows` are to be saved."""

    def __init__(
        self, session: Session, name: str, keys: Iterable[tuple[str, str]], *, dry_run: bool
    ) -> None:
        """It reads what is kept for each of these participants and its key."""
        self.rows: list[Row] = []
        self._name = name
        self._kept: dict[RequestKey, tuple[str, str]] = {}
        keys = list(keys)
        sql = session.sql
        self._buries = bool(keys) and session.one(sql.FIND_TOMBSTONE, TOMBSTONES) is not None
        if self._buries:
            keys += [(tombstone(one), key) for one, key in keys]
        # An object, whose names may come twice: two participants can have the same key.
        members = [f"{jsontext.compact(key)}:{jsontext.compact(one)}" for one, key in keys]
        asked = {"asked": "{" + ",".join(members) + "}", "operation_name": name}
        for one, key, *kept in session.rows(sql.FIND_REQUESTS, asked) if members else ():
            self._kept[one, name, key] = (kept[0], kept[1])
        if dry_run:
            # What this rehearsal answered is found by the next batch of it.
            self._kept = session.rehearsal.requests = {**self._kept, **session.rehearsal.requests}

    def answer(self, participant_id: str, key: str, request: Body) -> Body | None:
        """The answer given before, or None. Raises Conflict if it was to another request."""
        place = (participant_id, self._name, key)
        kept = self._kept.get(place)
        if kept is None and self._buries:
            kept = self._kept.get((tombstone(participant_id), self._name, key))
        return kept and _replayed(place, request, *kept)

    def keep(
        self, participant_id: str, key: str, request: Body, body: Body, status: int, now: Instant
    ) -> None:
        """Remember what was answered."""
        place = (participant_id, self._name, key)
        self._kept[place] = kept = (_fingerprint(request), jsontext.compact(body))
        self.rows.append(_row(place, kept, status, now))


def _row(place: RequestKey, kept: tuple[str, str], status: int, now: Instant) -> Row:
    """All columns, in the order of the table."""
    fingerprint, answer = kept
    return (*place, fingerprint, status, answer, now)


def _replayed(place: RequestKey, request: Body, fingerprint: str, answer: str) -> Body:
    """What was answered, unless to another request."""
    if fingerprint != _fingerprint(request):
        participant_id, name, key = place
        whose = f'{name} of participant "{participant_id}"' if participant_id else name
        if participant_id.startswith(TOMBSTONE):
            whose = f"{name} of a participant who was erased"
        raise Conflict(
            f'idempotency key "{key}" was used for another {whose}',
            hint="use a new key for a new request",
        )
    if answer == ERASED:
        raise Erased(f'what idempotency key "{place[2]}" was answered was erased')
    body: Body = jsontext.stored(answer)
    return body


def _fingerprint(request: Body) -> str:
    # Most commands need no hash.
    from hashlib import sha256

    return sha256(jsontext.canonical(request).encode()).hexdigest()
