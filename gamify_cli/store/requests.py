"""Answers kept under idempotency keys."""

from __future__ import annotations

from gamify_cli.backend import Answer, Body, Write
from gamify_cli.domain import jsontext
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import Conflict
from gamify_cli.store.rehearsal import RequestKey
from gamify_cli.store.session import Session


class KeptRequest:
    """The answer kept under the key of a write, if it has one.

    A key is of one participant and one operation; `participant_id` is empty for an operation
    on none.
    """

    def __init__(
        self, session: Session, participant_id: str, name: str, request: Body, write: Write
    ) -> None:
        self._session = session
        self._request = request
        self._name = f'{name} of participant "{participant_id}"' if participant_id else name
        self._key = write.idempotency_key
        self._is_rehearsal = write.dry_run
        self._values = {
            "participant_id": participant_id,
            "operation_name": name,
            "idempotency_key": write.idempotency_key or "",
        }

    def answer(self) -> Answer | None:
        """The answer given before, or None. Raises Conflict if it was to another request."""
        if self._key is None:
            return None
        row = self._rehearsed() or self._session.one(self._session.sql.FIND_REQUEST, self._values)
        if row is None:
            return None
        fingerprint, answer = row
        if fingerprint != self._fingerprint():
            raise Conflict(
                f'idempotency key "{self._key}" was used for another {self._name}',
                hint="use a new key for a new request",
            )
        return Answer(jsontext.stored(answer), "replayed")

    def keep(self, answer: Answer, status: int, now: Instant) -> None:
        """Remember what was answered."""
        if self._key is None:
            return
        fingerprint, text = self._fingerprint(), jsontext.compact(answer.body)
        if self._is_rehearsal:
            self._session.rehearsal.requests[self._place] = (fingerprint, text)
            return
        values = {"fingerprint": fingerprint, "status": status, "answer": text, "recorded_at": now}
        self._session.run(self._session.sql.KEEP_REQUEST, self._values | values)

    @property
    def _place(self) -> RequestKey:
        return tuple(self._values.values())

    def _rehearsed(self) -> tuple[str, str] | None:
        return self._session.rehearsal.requests.get(self._place) if self._is_rehearsal else None

    def _fingerprint(self) -> str:
        from hashlib import sha256

        return sha256(jsontext.canonical(self._request).encode()).hexdigest()
