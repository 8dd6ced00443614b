"""Bring an older store to this program's schema, by Alembic, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gamify_cli.backend import Operation
from gamify_cli.errors import StoreError
from gamify_cli.store import revisions
from gamify_cli.store.backing_up import Watch, automatic, registered

MIGRATIONS = Path(__file__).parent / "migrations"


class Upgradable(Protocol):
    """A store as every kind of database opens it to change its schema.

    Within `seam`, errors of the driver leave as ours.
    """

    @property
    def sql(self) -> ModuleType:
        """The statements as it takes them."""

    @property
    def seam(self) -> AbstractContextManager[None]: ...

    def prepare(self, known: Sequence[str]) -> None:
        """Make the backup, with all known schemas, where it cannot be made under the lock."""

    def locked(self) -> AbstractContextManager[tuple[Connection, str] | None]:
        """One transaction that keeps all others out, and the schema; None without a store.

        Raises Unavailable where others keep it.
        """

    def back_up(self) -> Path | None:
        """Make the backup now, unless it was before; its path, None if none is made."""


def upgrade_store(
    place: Path | str,
    *,
    timeout: float,
    dry_run: bool,
    keep: Callable[[], Path] | None = None,
    operation: Operation | None = None,
    watch: Watch | None = None,
    migrations: Path = MIGRATIONS,
) -> dict[str, Any]:
    """Migrate a file, or the database at a URL, in one transaction; {path, from, to, backup}.

    `keep` chooses a path for the backup, by default beside a file, and of a database for none; the
    migrated store notes it under `operation`, if one is given; `watch` hears how much of it is
    made, and that share of all. `from` is None for a store that is yet to be made, `backup` None
    if nothing was to do.
    Raises StoreError for a newer or damaged store, Unavailable for a locked one, ImportError
    where the database's driver is missing.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations))
    known = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
    answer: dict[str, Any] = {"path": str(place), "from": None, "to": known[0], "backup": None}
    store = _opened(place, keep, timeout, watch)
    if not dry_run:
        store.prepare(known)
    with store.seam, _driver_errors(), store.locked() as locked:
        if locked is None:
            return answer
        connection, answer["from"] = locked
        if _is_current(place, answer["from"], known):
            return answer
        if not dry_run:
            backup = store.back_up()
            answer["backup"] = backup and str(backup)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if backup and operation:
                _register(store, connection, backup, operation)
    return answer


def _opened(
    place: Path | str, keep: Callable[[], Path] | None, timeout: float, watch: Watch | None
) -> Upgradable:
    if isinstance(place, Path):
        from gamify_cli.store.sqlite.upgrade import SqliteUpgrade

        beside = partial(automatic, place, "before-upgrade", "backup")
        return SqliteUpgrade(place, keep or beside, timeout, watch)
    from gamify_cli.store.postgres.upgrade import PostgresUpgrade

    return PostgresUpgrade(place, keep, timeout)


def _register(
    store: Upgradable, connection: Connection, backup: Path, operation: Operation
) -> None:
    driver: Any = connection.connection.driver_connection
    for statement, values in registered(store.sql, backup, operation, time.time_ns() // 1_000):
        driver.execute(statement, values)


def _is_current(place: Path | str, revision: str, known: list[str]) -> bool:
    """Whether there is nothing to do, with all known schemas, the newest first.

    Raises StoreError for a schema that leads nowhere.
    """
    if revision > known[0]:
        raise revisions.refusal(str(place), revision, known[0])
    if revision not in known:
        raise StoreError(
            f'the store {place} has the schema "{revision}", which this gamify does not know'
        )
    return revision == known[0]


@contextmanager
def _driver_errors() -> Iterator[None]:
    """Take SQLAlchemy's wrapping off."""
    try:
        yield
    except DBAPIError as error:
        raise error.orig or error from None
