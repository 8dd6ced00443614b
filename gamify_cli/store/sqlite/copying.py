"""Copies of a store in one file: made while others write, and examined page by page."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from gamify_cli.errors import StoreError
from gamify_cli.store.backing_up import Found, Watch, no_room
from gamify_cli.store.sqlite import faults, file, sql

_STEP = 2_000
"""Pages that are copied between two looks at the clock."""

_FRESH = ("journal_mode=OFF", "synchronous=OFF")
"""Of a file that is thrown away if its making is cut short."""


class SqliteCopier:
    """Implements `backing_up.Copier` on a file; `timeout` in seconds."""

    ending = "backup"

    def __init__(self, path: Path, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self.own_files = file.own_files(path)

    def copy(self, target: Path, named: Path, watch: Watch | None) -> Found:
        with faults.Seam(self._path):
            source = faults.patiently(self._timeout, lambda: file.connect(self._path))
            with closing(source), _moment(source, self._timeout):
                found = _found(source)
                copy_pages(source, target, named, watch)
        return found

    def examine(self, path: Path, named: Path) -> Found:
        with closing(reading(path, named)) as connection:
            return examined(connection, named)


def copy_pages(
    source: sqlite3.Connection, target: Path, named: Path, watch: Watch | None = None
) -> None:
    """Copy all pages into an empty file, which messages call `named`.

    Within a transaction of `source` they are of one moment. Raises Unavailable for want of room.
    """

    def told(_status: int, remaining: int, total: int) -> None:
        if watch and total:
            watch(total - remaining, (total - remaining) / total)

    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            for pragma in _FRESH:
                copy.execute(f"PRAGMA {pragma}")
            source.backup(copy, pages=_STEP, progress=told)
            # A file that is complete by itself, also where nothing may be written beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        if faults.is_full(error):
            raise no_room(named) from error
        raise


def reading(path: Path, named: Path) -> sqlite3.Connection:
    """A connection that changes nothing, not even beside the file; raises StoreError."""
    if not file.is_store(path):
        raise StoreError(f"{named} is empty, and no gamify store")
    mode = "mode=ro" if file.has_log(path) else "mode=ro&immutable=1"
    uri = f"file://{quote(os.fsencode(path.resolve()))}?{mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    file.map_bytes(connection)
    return connection


def examined(connection: sqlite3.Connection, named: Path) -> Found:
    """What a file holds that is sound; raises StoreError for one that is not."""
    try:
        wrong = [str(text) for (text,) in connection.execute("PRAGMA integrity_check(3)")]
        if wrong == ["ok"]:
            return _found(connection)
        told = "; ".join(" ".join(one.split()) for one in wrong)
    except sqlite3.DatabaseError as error:
        told = str(error)
    raise StoreError(f"{named} is damaged: {told}")


def _found(connection: sqlite3.Connection) -> Found:
    """What there is; of another schema than ours that schema alone."""
    (revision,) = connection.execute(sql.FIND_REVISION).fetchone() or ("",)
    if revision != sql.REVISION:
        return Found(revision)
    identity, _, test_clock = connection.execute(sql.FIND_STORE).fetchone()
    (participants,) = connection.execute(sql.COUNT_PARTICIPANTS).fetchone()
    (facts,) = connection.execute(sql.COUNT_JOURNAL).fetchone()
    return Found(revision, identity, participants, facts, bool(test_clock))


@contextmanager
def _moment(connection: sqlite3.Connection, timeout: float) -> Iterator[None]:
    """All that is read within is as it was at one moment, whoever writes."""
    connection.execute("BEGIN")
    try:
        faults.patiently(timeout, lambda: connection.execute("PRAGMA schema_version").fetchone())
        yield
    finally:
        connection.execute("ROLLBACK")
