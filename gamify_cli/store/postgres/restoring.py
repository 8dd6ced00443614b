"""A dump put into a store in PostgreSQL that others use.

Only rows are taken from it, into the tables as they are: rights, and what others have built on
the tables, stay. Whoever reads sees what was there until all of it is replaced at once; whoever
writes waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import errors
from psycopg import sql as spelling

from gamify_cli.errors import StoreError
from gamify_cli.store import revisions
from gamify_cli.store.backing_up import Found, Watch, make_copy, noted, registered
from gamify_cli.store.postgres import connection as opening
from gamify_cli.store.postgres import dumping, faults, sql
from gamify_cli.store.restoring import Entry

_TABLES = [name for name in sql.TABLES if name != "alembic_version"]
"""Those that are replaced. All who come read the other one first, and it is the same."""

_TRIES = 5


class PostgresRestore:
    """Implements `restoring.Restorable` on a database; `timeout` in seconds, for each lock."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._place = opening.shown(url)
        self._timeout = timeout
        self.seam = faults.Seam(self._place)

    def examine(self, dump: Path) -> Found:
        found = dumping.examined(dump, dump)
        if found.revision > sql.REVISION:
            raise revisions.refusal(str(dump), found.revision, sql.REVISION)
        if found.revision < sql.REVISION:
            # A file can be upgraded by itself, a dump cannot.
            raise StoreError(
                f"{dump} is older than this gamify (schema {found.revision})",
                hint="restore it with the gamify that made it, and upgrade the store then",
            )
        return found

    @contextmanager
    def staged(self, dump: Path) -> Iterator[Found]:
        """It is read twice, and has to be the same then."""
        self._dump, self._found = dump, self.examine(dump)
        yield self._found

    def replace(self, entry: Entry, watch: Watch | None) -> bool:
        opened = opening.connect(self._url, self._timeout)
        with closing(opened.connection) as connection:
            if not opened.is_made:
                opening.forget_stand_in(connection)
            is_there = self._locked(connection, entry)
            known = connection.execute(sql.FIND_BACKUPS).fetchall() if is_there else []
            if is_there:
                make_copy(dumping.PostgresCopier(self._url, self._timeout), entry.kept, watch=watch)
            for name in reversed(_TABLES):
                connection.execute(spelling.SQL("DELETE FROM {}").format(spelling.Identifier(name)))
            for name in _TABLES:
                self._fill(connection, name)
            self._require_whole(connection)
            self._note(connection, entry, known, is_there=is_there)
            connection.execute("COMMIT")
            self._tidy(connection)
        return is_there

    def _tidy(self, connection: psycopg.Connection) -> None:
        """What was there still takes room in the tables; PostgreSQL would find it some time."""
        with suppress(psycopg.Error):
            connection.execute("SET statement_timeout = 0")
            connection.execute(f"VACUUM (ANALYZE) {', '.join(_TABLES)}")

    def _locked(self, connection: psycopg.Connection, entry: Entry) -> bool:
        """Begin, and keep all others from changing the store; whether there is one.

        Where there is none, an empty one is made. Readers go on, and so does pg_dump.
        """
        lock = spelling.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(
            spelling.SQL(", ").join(map(spelling.Identifier, ("participants", *_TABLES)))
        )
        for tries_left in reversed(range(_TRIES)):
            connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            is_there = not opening.make(connection, entry.at, test_clock=False)
            self._require_schema(connection)
            try:
                connection.execute(lock)
            except errors.DeadlockDetected:
                # Others take these locks in an order of their own.
                connection.execute("ROLLBACK")
                if not tries_left:
                    raise
            else:
                break
        connection.execute("SET LOCAL statement_timeout = 0")
        return is_there

    def _require_schema(self, connection: psycopg.Connection) -> None:
        (revision,) = connection.execute(sql.FIND_REVISION).fetchone() or ("",)
        if revision != sql.REVISION:
            raise revisions.refusal(self._place, revision, sql.REVISION)

    def _fill(self, connection: psycopg.Connection, name: str) -> None:
        with dumping.rows_of(self._dump, self._dump, name) as tables:
            for table, columns, lines in tables:
                if table != name or {*columns} != {*sql.TABLES[name]}:
                    raise StoreError(f"{self._dump} has other columns of {name} than a store")
                statement = spelling.SQL("COPY {} ({}) FROM STDIN").format(
                    spelling.Identifier(name),
                    spelling.SQL(", ").join(map(spelling.Identifier, columns)),
                )
                with connection.cursor() as cursor, cursor.copy(statement) as copy:
                    for line in lines:
                        copy.write(line)

    def _require_whole(self, connection: psycopg.Connection) -> None:
        if dumping.held(connection) != self._found:
            raise StoreError(f"{self._dump} changed while it was read")

    def _note(
        self,
        connection: psycopg.Connection,
        entry: Entry,
        known: list[tuple[str, int, str]],
        *,
        is_there: bool,
    ) -> None:
        """Have all backups known to what is there now."""
        for path, made_at, operation in known:
            values = {"path": path, "made_at": made_at, "operation": operation}
            connection.execute(sql.KEEP_BACKUP, values)
        if is_there:
            for statement, new in registered(sql, entry.kept, entry.operation, entry.at):
                connection.execute(statement, new)
        else:
            connection.execute(sql.COUNT_OPERATION, noted(entry.operation, entry.at))
