"""Bring an older store to this program's schema, by Alembic, after a backup beside it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gamify_cli.errors import StoreError
from gamify_cli.store.sqlite import faults, file, sql

_STEP = 2_000
"""Pages of a backup that are copied at a time."""

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def upgrade_store(
    path: Path,
    *,
    timeout: float,
    dry_run: bool,
    watch: Callable[[int, float], None] | None = None,
    migrations: Path = MIGRATIONS,
) -> dict[str, Any]:
    """Migrate in one transaction under the write lock; answer {path, from, to, backup}.

    `watch` hears how many pages of the backup are made, and their share of all. `from` is None
    for a store that is yet to be made, `backup` None if nothing was to do.
    Raises StoreError for a newer or damaged store, Unavailable for a locked one.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations))
    scripts = ScriptDirectory.from_config(config)
    known = [one.revision for one in scripts.walk_revisions()]
    head = known[0]
    answer: dict[str, Any] = {"path": str(path), "from": None, "to": head, "backup": None}

    def connect() -> sqlite3.Connection:
        return faults.patiently(timeout, lambda: _connect(path))

    with faults.Seam(path), _driver_errors():
        if not file.is_store(path):
            return answer
        engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
        with engine.begin() as connection:
            faults.patiently(timeout, lambda: _lock(connection))
            answer["from"] = revision = _revision(connection)
            if revision is None or revision == head:
                return answer
            if revision > head:
                raise faults.newer(path, revision)
            if revision not in known:
                raise StoreError(
                    f'the store {path} has the schema "{revision}", which this gamify does not know'
                )
            if not dry_run:
                answer["backup"] = str(_back_up(path, revision, watch))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    return answer


@contextmanager
def _driver_errors() -> Iterator[None]:
    """Take SQLAlchemy's wrapping off."""
    try:
        yield
    except DBAPIError as error:
        raise error.orig or error from None


def _lock(connection: Connection) -> None:
    _driver(connection).execute("BEGIN IMMEDIATE")


def _revision(connection: Connection) -> str | None:
    """The schema of the store, None where there is none."""
    if file.is_unmade(_driver(connection)):
        return None
    row: tuple[str] | None = _driver(connection).execute(sql.FIND_REVISION).fetchone()
    return row[0] if row else ""


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def _connect(path: Path) -> sqlite3.Connection:
    """Without foreign keys, which would forbid a migration to make a table anew."""
    connection = file.connect(path)
    connection.execute("PRAGMA foreign_keys=OFF")
    return connection


def _back_up(path: Path, revision: str, watch: Callable[[int, float], None] | None) -> Path:
    """A copy of the store as it is committed; it has its final name only when it is whole."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    backup = path.with_name(f"{path.name}.{revision}.{stamp}.backup")
    partial = backup.with_name(f"{backup.name}.partial")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def told(_status: int, remaining: int, total: int) -> None:
        if watch and total:
            watch(total - remaining, (total - remaining) / total)

    try:
        with closing(file.connect(path)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy, pages=_STEP, progress=told if watch else None)
    except BaseException:
        partial.unlink()
        raise
    return partial.rename(backup)
