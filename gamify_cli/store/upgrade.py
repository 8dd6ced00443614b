"""Bring an older store to this program's schema, by Alembic, after a backup beside it."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from gamify_cli.store import session

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade_store(
    path: Path, *, timeout: float, dry_run: bool, migrations: Path = MIGRATIONS
) -> dict[str, Any]:
    """Migrate in one transaction under the write lock; answer {path, from, to, backup}.

    `from` is None for a store that is yet to be made, `backup` None if nothing was to do.
    Raises StoreError for a newer or damaged store, Unavailable for a locked one.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations))
    head = ScriptDirectory.from_config(config).get_current_head()
    answer: dict[str, Any] = {"path": str(path), "from": None, "to": head, "backup": None}
    with session.translated_errors(path):
        if not session.is_store(path):
            return answer
        engine = create_engine(
            "sqlite://", creator=lambda: _open(path, timeout), poolclass=NullPool
        )
        with engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            answer["from"] = _revision(connection)
            if answer["from"] > head:
                raise session.newer(path, answer["from"])
            if answer["from"] != head and not dry_run:
                answer["backup"] = str(_back_up(path, answer["from"]))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    return answer


def _open(path: Path, timeout: float) -> sqlite3.Connection:
    connection = session.connect(path)
    connection.execute(f"PRAGMA busy_timeout={int(timeout * 1000)}")
    return connection


def _revision(connection: Connection) -> str:
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return row[0] if row else ""


def _back_up(path: Path, revision: str) -> Path:
    """A copy of the store as it is committed; it has its final name only when it is whole."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    backup = path.with_name(f"{path.name}.{revision or 'empty'}.{stamp}.backup")
    partial = backup.with_name(f"{backup.name}.partial")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    source, copy = session.connect(path), sqlite3.connect(partial)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    partial.rename(backup)
    return backup
