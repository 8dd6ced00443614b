"""A store file as `store upgrade` opens it, and the backup beside it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from gamify_cli.store.sqlite import faults, file, sql

_STEP = 2_000
"""Pages of a backup that are copied at a time."""


class SqliteUpgrade:
    """Implements `upgrade.Upgradable` on a file."""

    def __init__(
        self, path: Path, timeout: float, watch: Callable[[int, float], None] | None
    ) -> None:
        self._path = path
        self._timeout = timeout
        self._watch = watch
        self.seam = faults.Seam(path)

    @contextmanager
    def locked(self) -> Iterator[tuple[Connection, str] | None]:
        if not file.is_store(self._path):
            yield None
            return
        engine = create_engine("sqlite://", creator=self._connect, poolclass=NullPool)
        with engine.begin() as connection:
            driver = cast(sqlite3.Connection, connection.connection.driver_connection)
            faults.patiently(self._timeout, lambda: driver.execute("BEGIN IMMEDIATE"))
            yield None if file.is_unmade(driver) else (connection, _revision(driver))

    def back_up(self, revision: str) -> str:
        """It has its final name only when it is whole."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        backup = self._path.with_name(f"{self._path.name}.{revision}.{stamp}.backup")
        partial = backup.with_name(f"{backup.name}.partial")
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            with closing(file.connect(self._path)) as source:
                self._copy(source, partial)
        except BaseException:
            partial.unlink()
            raise
        return str(partial.rename(backup))

    def _copy(self, source: sqlite3.Connection, path: Path) -> None:
        watch = self._watch

        def told(_status: int, remaining: int, total: int) -> None:
            if watch and total:
                watch(total - remaining, (total - remaining) / total)

        with closing(sqlite3.connect(path)) as copy:
            source.backup(copy, pages=_STEP, progress=told if watch else None)

    def _connect(self) -> sqlite3.Connection:
        """Without foreign keys, which would forbid a migration to make a table anew."""
        connection = faults.patiently(self._timeout, lambda: file.connect(self._path))
        connection.execute("PRAGMA foreign_keys=OFF")
        return connection


def _revision(driver: sqlite3.Connection) -> str:
    row: tuple[str] | None = driver.execute(sql.FIND_REVISION).fetchone()
    return row[0] if row else ""
