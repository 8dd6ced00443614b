"""Backups of a store: whole files under their names, verified before they get them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from gamify_cli.backend import Body, Operation, Write
from gamify_cli.domain import instants
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import Conflict, StoreError, Unavailable, UsageError
from gamify_cli.store.hidden import hidden
from gamify_cli.store.session import Session, Values

Watch = Callable[[int, float], None]
"""It hears how much is copied, and the share of all."""


def no_room(named: Path) -> Unavailable:
    """The failure of a file that did not fit on its disk."""
    return Unavailable(
        f"the disk took no more of {named}; it was not made",
        hint="make room, or choose a folder elsewhere",
    )


class Found(NamedTuple):
    """What a store or a copy of it holds; of another schema than ours, that schema alone."""

    revision: str
    identity: str = ""
    participants: int = 0
    facts: int = 0
    test_clock: bool = False


class Copier(Protocol):
    """How one kind of database comes into a file; messages call that one `named`."""

    @property
    def ending(self) -> str:
        """How the names of such files end."""

    @property
    def own_files(self) -> Sequence[Path]:
        """Those that the store itself is made of."""

    def copy(self, target: Path, named: Path, watch: Watch | None) -> Found:
        """Fill an empty file with what is committed at one moment, and tell what that is.

        Raises StoreError, Unavailable, UsageError where a program is missing.
        """

    def examine(self, path: Path, named: Path) -> Found:
        """Read all of a file, without a change to it; raises StoreError where it is no good."""


def make_copy(
    copier: Copier,
    path: Path,
    *,
    watch: Watch | None = None,
    before: Callable[[], None] = lambda: None,
) -> Found:
    """A new file at `path`, which is there when it is whole, or not at all.

    `before` runs when it is known to be good, just before it gets its name.
    """
    with hidden(path) as file:
        held = copier.copy(file.path, path, watch)
        if copier.examine(file.path, path) != held:
            raise StoreError(f"{path} does not hold what the store holds; it was not kept")
        before()
        file.publish(path)
    return held


class Backups:
    """Makes the backups of one store, and knows of those that it made."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def make(
        self, path: Path, write: Write, *, replace: bool = False, watch: Watch | None = None
    ) -> Body:
        """A backup at a path; {path, bytes, participants, facts, made_at, seconds}.

        A rehearsal looks whether it can be made. Raises StoreError where there is no store,
        Conflict for a file that is there, UsageError, Unavailable.
        """
        started, session = time.monotonic(), self._session
        path = path.resolve()
        self._check(path, replace=replace)
        made_at, size = session.now(), session.bytes()
        if write.dry_run:
            held = self._held()
        else:
            register = partial(self._register, path, write, made_at)
            held = make_copy(session.copier, path, watch=watch, before=register)
            size = path.stat().st_size
        return {
            "path": str(path),
            "bytes": size,
            "participants": held.participants,
            "facts": held.facts,
            "made_at": instants.text(made_at),
            "seconds": round(time.monotonic() - started, 3),
        }

    def latest(self) -> Body | None:
        """The newest that is registered: {path, made_at}, None if none is."""
        row = self._session.one(self._session.sql.FIND_BACKUPS)
        return {"path": row[0], "made_at": instants.text(row[1])} if row else None

    def _check(self, path: Path, *, replace: bool) -> None:
        session = self._session
        session.require_store()
        if path in session.copier.own_files:
            raise UsageError(f"{path} is a file of the store itself")
        if path.exists() and not path.is_file():
            raise UsageError(f"cannot write {path}: it is not a regular file")
        if path.exists() and not replace:
            raise Conflict(f"{path} exists already", hint="add --force to overwrite it")

    def _held(self) -> Found:
        session, sql = self._session, self._session.sql
        with session.reading():
            counts = (session.one(one) for one in (sql.COUNT_PARTICIPANTS, sql.COUNT_JOURNAL))
            return Found(sql.REVISION, "", *(row[0] for row in counts if row))

    def _register(self, path: Path, write: Write, made_at: Instant) -> None:
        """Before it has its name, so that no backup is unknown to its store."""
        session = self._session

        def work() -> None:
            for statement, values in registered(session.sql, path, write.operation, made_at):
                session.run(statement, values)

        session.changed(work, is_keyed=True)


def registered(
    sql: Any, path: Path, operation: Operation, made_at: Instant
) -> list[tuple[str, Values]]:
    """The statements that note a backup in a store, and by which operation it was made."""
    made = {"path": str(path), "made_at": made_at, "operation": operation.operation}
    return [(sql.COUNT_OPERATION, noted(operation, made_at)), (sql.KEEP_BACKUP, made)]


def noted(operation: Operation, at: Instant) -> Values:
    """An operation that is on no participant, as COUNT_OPERATION takes it."""
    who = operation._asdict()
    del who["shared"]
    return who | {"recorded_at": at, "participants": 0, "facts": 0}


def automatic(store: Path, reason: str, ending: str) -> Path:
    """A path beside a store for a backup that is made unasked, such as before an upgrade."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    name = f"{store.name}.{reason}.{stamp}"
    again = chain([""], (f"-{number}" for number in count(2)))
    paths = (store.with_name(f"{name}{more}.{ending}") for more in again)
    return next(path for path in paths if not path.exists())
