"""A store in a database as `store upgrade` opens it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from gamify_cli.errors import Unavailable
from gamify_cli.store.backing_up import make_copy
from gamify_cli.store.postgres import connection as opening
from gamify_cli.store.postgres import faults, sql
from gamify_cli.store.postgres.dumping import PostgresCopier

_LOCK = "LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"
"""Every transaction of gamify reads this table first, and so waits, or is waited for."""


class PostgresUpgrade:
    """Implements `upgrade.Upgradable` on a database."""

    sql = sql

    def __init__(self, url: str, keep: Callable[[], Path] | None, timeout: float) -> None:
        self._url = url
        self._keep = keep
        self._backup: Path | None = None
        self._timeout = timeout
        self.seam = faults.Seam(url)

    def prepare(self, known: Sequence[str]) -> None:
        """Under the lock, pg_dump could not read the schema."""
        with self.seam:
            opened = opening.connect(self._url, self._timeout)
            with closing(opened.connection) as driver:
                is_older = opened.is_made and _revision(driver) in known[1:]
            if is_older and self._keep:
                self._backup = self._keep()
                make_copy(PostgresCopier(self._url, self._timeout), self._backup)

    @contextmanager
    def locked(self) -> Iterator[tuple[Connection, str] | None]:
        opened = opening.connect(self._url, self._timeout)
        with closing(opened.connection) as driver:
            if not opened.is_made:
                yield None
                return
            driver.autocommit = False
            engine = create_engine(
                "postgresql+psycopg://", creator=lambda: driver, poolclass=NullPool
            )
            with engine.begin() as connection:
                driver.execute(_LOCK)
                # It is the lock that has to come in time; a migration takes as long as it takes.
                driver.execute("SET LOCAL statement_timeout = 0")
                yield connection, _revision(driver)

    def back_up(self) -> Path | None:
        if self._keep and self._backup is None:
            raise Unavailable(f"the store {self._url} was replaced meanwhile", hint="try again")
        return self._backup


def _revision(driver: psycopg.Connection) -> str:
    row = driver.execute(sql.FIND_REVISION).fetchone()
    return str(row[0]) if row else ""
