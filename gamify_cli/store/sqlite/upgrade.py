"""A store file as `store upgrade` opens it, and the backup beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from gamify_cli.store.backing_up import Watch, make_copy
from gamify_cli.store.sqlite import faults, file, sql
from gamify_cli.store.sqlite.copying import SqliteCopier


class SqliteUpgrade:
    """Implements `upgrade.Upgradable` on a file."""

    sql = sql

    def __init__(
        self, path: Path, keep: Callable[[], Path], timeout: float, watch: Watch | None
    ) -> None:
        self._path = path
        self._timeout = timeout
        self._keep = keep
        self._watch = watch
        self.seam = faults.Seam(path)

    def prepare(self, known: Sequence[str]) -> None:
        """Nothing to do: what is locked against changes can be read."""

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

    def back_up(self) -> Path:
        copier = SqliteCopier(self._path, self._timeout)
        backup = self._keep()
        make_copy(copier, backup, watch=self._watch)
        return backup

    def _connect(self) -> sqlite3.Connection:
        """Without foreign keys, which would forbid a migration to make a table anew."""
        connection = faults.patiently(self._timeout, lambda: file.connect(self._path))
        connection.execute("PRAGMA foreign_keys=OFF")
        return connection


def _revision(driver: sqlite3.Connection) -> str:
    row: tuple[str] | None = driver.execute(sql.FIND_REVISION).fetchone()
    return row[0] if row else ""
