"""A backup put into a store file that others may have open.

SQLite copies the pages into the file in one transaction of its write-ahead log: whoever has the
file open reads what was there, then what was restored, and a crash in between leaves what was
there. The file is never replaced by another one, which those who have it open would not see.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from gamify_cli.errors import StoreError, UsageError
from gamify_cli.store import revisions
from gamify_cli.store.backing_up import Found, Watch, noted, registered
from gamify_cli.store.hidden import hidden, make_folders
from gamify_cli.store.restoring import Entry
from gamify_cli.store.sqlite import faults, file, sql
from gamify_cli.store.sqlite.copying import copy_pages, examined, reading

_STEP = 2_000
_PAUSE = 0.02
"""Seconds between two looks at the lock of another process."""

_Result = TypeVar("_Result")


class SqliteRestore:
    """Implements `restoring.Restorable` on a file; `timeout` in seconds, for its lock."""

    def __init__(self, path: Path, timeout: float) -> None:
        self._path = path.resolve()
        self._timeout = timeout
        self.seam = faults.Seam(path)

    def examine(self, backup: Path) -> Found:
        with self._opened(backup) as connection:
            return _required(examined(connection, backup), backup)

    @contextmanager
    def staged(self, backup: Path) -> Iterator[Found]:
        """It is copied beside the store, where it can be told of the restore as well."""
        with self._opened(backup) as source:
            make_folders(self._path)
            with hidden(self._path) as self._staged:
                try:
                    copy_pages(source, self._staged.path, self._staged.path)
                except sqlite3.Error as error:
                    raise StoreError(f"{backup} is damaged: {error}") from error
                with closing(reading(self._staged.path, backup)) as copy:
                    found = _required(examined(copy, backup), backup)
                yield found

    def replace(self, entry: Entry, watch: Watch | None) -> bool:
        is_there = self._require_restorable()
        if not is_there:
            file.make_empty(self._path)
        with (
            closing(sqlite3.connect(self._staged.path, isolation_level=None)) as source,
            closing(self._wait(lambda: file.connect(self._path))) as target,
        ):
            is_there = is_there and not self._wait(lambda: file.is_unmade(target))
            if is_there:
                # Only then can what is there be read while it is locked.
                self._wait(lambda: target.execute("PRAGMA journal_mode=WAL"))
            file.expect_many(target)
            keep = self._keep if is_there else _keep_nothing
            self._copy(source, target, lambda: keep(source, entry), watch)
            target.execute("PRAGMA journal_mode=WAL")
            # Where others still read what was there, one of them does it later.
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return is_there

    @contextmanager
    def _opened(self, backup: Path) -> Iterator[sqlite3.Connection]:
        """A backup that is read as of one moment."""
        if backup.resolve() in file.own_files(self._path):
            raise UsageError(f"{backup} is a file of the store itself")
        stamp = file.stamp(backup)
        with closing(reading(backup, backup)) as connection:
            yield connection
        if stamp != file.stamp(backup):
            raise StoreError(f"{backup} changed while it was read")

    def _require_restorable(self) -> bool:
        """Whether a store is there, and may be written to."""
        try:
            is_there = file.is_store(self._path)
        except StoreError as error:
            hint = "move it away, with what stands beside it, and restore again"
            raise StoreError(error.message, hint=hint) from error
        if is_there and file.is_frozen(self._path):
            raise StoreError(f"the store {self._path} is read-only")
        return is_there

    def _copy(
        self,
        source: sqlite3.Connection,
        target: sqlite3.Connection,
        locked: Callable[[], None],
        watch: Watch | None,
    ) -> None:
        """All pages, as one change; `locked` runs when no other process can change the store.

        That is so from the first step on, and so the first step must not be the last one.
        """
        (pages,) = source.execute("PRAGMA page_count").fetchone()
        deadline = time.monotonic() + self._timeout
        is_locked = False

        def told(status: int, remaining: int, total: int) -> None:
            nonlocal is_locked
            if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                if time.monotonic() >= deadline:
                    raise faults.locked(self._path)
            elif not is_locked:
                is_locked = True
                locked()
            elif watch and total:
                watch(total - remaining, (total - remaining) / total)

        step = max(1, min(_STEP, pages // 2))
        source.backup(target, pages=step, progress=told, sleep=_PAUSE)

    def _keep(self, source: sqlite3.Connection, entry: Entry) -> None:
        """Keep what is there in a file, and have all backups known to what comes in its place.

        It may be damaged, so that it is not judged.
        """
        with closing(file.connect(self._path)) as old:
            with hidden(entry.kept) as kept:
                copy_pages(old, kept.path, entry.kept)
                kept.publish(entry.kept)
            try:
                known = old.execute(sql.FIND_BACKUPS).fetchall()
            except sqlite3.DatabaseError:
                known = []
        source.execute("BEGIN")
        for path, made_at, operation in known:
            values = {"path": path, "made_at": made_at, "operation": operation}
            source.execute(sql.KEEP_BACKUP, values)
        for statement, new in registered(sql, entry.kept, entry.operation, entry.at):
            source.execute(statement, new)
        source.execute("COMMIT")

    def _wait(self, attempt: Callable[[], _Result]) -> _Result:
        return faults.patiently(self._timeout, attempt)


def _keep_nothing(source: sqlite3.Connection, entry: Entry) -> None:
    """Note the restore alone."""
    who = noted(entry.operation, entry.at)
    source.execute(sql.COUNT_OPERATION, who)


def _required(found: Found, backup: Path) -> Found:
    if found.revision != sql.REVISION:
        raise revisions.refusal(str(backup), found.revision, sql.REVISION)
    return found
