"""A store in a database as `store upgrade` opens it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from gamify_cli.store.postgres import connection as opening
from gamify_cli.store.postgres import faults, sql

_LOCK = "LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"
"""Every transaction of gamify reads this table first, and so waits, or is waited for."""


class PostgresUpgrade:
    """Implements `upgrade.Upgradable` on a database."""

    sql = sql

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self.seam = faults.Seam(url)

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

    def back_up(self) -> None:
        """None is made: whoever runs a database has means of their own."""


def _revision(driver: psycopg.Connection) -> str:
    row = driver.execute(sql.FIND_REVISION).fetchone()
    return str(row[0]) if row else ""
