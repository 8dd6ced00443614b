"""The API keys of a local store: of each its hash alone, never the key.

`rate_limit` holds the number in force, the default too, so that NULL means no limit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from gamify_cli.backend import Answer, Body, KeyRecord, Write
from gamify_cli.domain import instants, keys
from gamify_cli.errors import NotFound, nearest
from gamify_cli.store.requests import KeptRequest
from gamify_cli.store.session import Session


class KeyStore:
    """Implements `backend.Keys` on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(self, body: Body, write: Write) -> Answer:
        session = self._session

        def work() -> Answer:
            kept = KeptRequest(session, "", "keys create", body, write)
            if replay := kept.answer():
                return replay
            key = keys.spell(os.urandom(keys.RANDOM_BYTES), test=body["test"])
            record = self._record(body, key)
            shown = {"key_id": None, "key": None} | self._body(record)
            if write.dry_run:
                shown["key_id"] = None
                return Answer(shown, "created", None, shown)
            session.run(session.sql.KEEP_KEY, record._asdict())
            self._keep_operation(write)
            kept.keep(Answer(shown, "created"), 200, record.created_at)
            return Answer(shown | {"key": key}, "created")

        return session.change(work, write)

    def list(self) -> Iterator[Body]:
        with self._session.reading():
            for row in self._session.rows(self._session.sql.FIND_KEYS):
                yield self._body(KeyRecord(*row))

    def revoke(self, key_id: str, write: Write) -> Answer:
        def work() -> Answer:
            kept = KeptRequest(self._session, "", "keys revoke", {"key_id": key_id}, write)
            if replay := kept.answer():
                return replay
            answer = self._revoke(self._by_id(key_id), write)
            kept.keep(answer, 200, self._session.now())
            return answer

        return self._session.change(work, write)

    def find(self, hash_: str) -> KeyRecord | None:
        with self._session.reading():
            row = self._session.one(self._session.sql.FIND_KEY, {"hash": hash_})
        return KeyRecord(*row) if row else None

    def _record(self, body: Body, key: str) -> KeyRecord:
        """What is kept of a new key; raises UsageError for an end in the past."""
        now, expires_at = self._session.now(), body["expires_at"]
        return KeyRecord(
            key_id=f"key_{os.urandom(6).hex()}",
            name=body["name"],
            scope=body["scope"],
            rate_limit=body["rate_limit"],
            created_at=now,
            expires_at=None if expires_at is None else keys.expires_at(expires_at, now),
            revoked_at=None,
            hash=keys.fingerprint(key),
        )

    def _revoke(self, record: KeyRecord, write: Write) -> Answer:
        before = self._body(record)
        if record.revoked_at is not None:
            return Answer(before, "unchanged", before, before)
        # A clock that was put back must not end a key before it was made.
        after = record._replace(revoked_at=max(self._session.now(), record.created_at))
        if not write.dry_run:
            self._session.run(
                self._session.sql.REVOKE_KEY, {"id": record.key_id, "at": after.revoked_at}
            )
            self._keep_operation(write)
        return Answer(self._body(after), "revoked", before, self._body(after))

    def _by_id(self, key_id: str) -> KeyRecord:
        records = {
            row[0]: KeyRecord(*row) for row in self._session.rows(self._session.sql.FIND_KEYS)
        }
        if key_id not in records:
            raise NotFound(f'key "{key_id}" not found', hint=nearest(key_id, records))
        return records[key_id]

    def _keep_operation(self, write: Write) -> None:
        """One row, however many keys an operation is on."""
        operation = write.operation._asdict() | {"recorded_at": self._session.now()}
        del operation["shared"]
        self._session.run(
            self._session.sql.COUNT_OPERATION, operation | {"participants": 0, "facts": 0}
        )

    def _body(self, record: KeyRecord) -> Body:
        """How a key is shown, by its record alone."""
        return {
            "key_id": record.key_id,
            "name": record.name,
            "scope": record.scope,
            "rate_limit": record.rate_limit,
            "status": keys.status(self._session.now(), record.expires_at, record.revoked_at),
            "created_at": instants.text(record.created_at),
            "expires_at": instants.text_or_none(record.expires_at),
            "revoked_at": instants.text_or_none(record.revoked_at),
        }
