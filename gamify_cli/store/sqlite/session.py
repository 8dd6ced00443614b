"""A store in one SQLite file: its transactions, and its statements on the standard driver."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gamify_cli.domain.instants import Instant
from gamify_cli.errors import StoreError, Unavailable
from gamify_cli.store import revisions
from gamify_cli.store.session import NO_VALUES, Asked, Row, Session, Values
from gamify_cli.store.sqlite import faults, file, sql

if TYPE_CHECKING:
    from gamify_cli.store.backing_up import Copier

_Result = TypeVar("_Result")

# The driver looks for a way to adapt each None, which takes five times as long as to bind it.
sqlite3.register_adapter(type(None), {None: None}.get)


class SqliteSession(Session):
    """One connection to one store file, for one thread.

    `timeout` is how many seconds to wait for another process's lock. `test_now` stands in
    for the clock, but only in a store that was made under one.

    Raises StoreError where the file is not a usable store, Unavailable where it stays locked.
    Opening reads the file's header, and closing that descriptor drops SQLite's own locks of
    this process on the file: of one file a process opens one session, and twins of it, which
    know the header.
    """

    answers_at_once = True
    sql = sql

    def __init__(
        self,
        path: Path,
        *,
        timeout: float,
        test_now: Instant | None = None,
        is_twin: bool = False,
    ) -> None:
        super().__init__()
        self.path = path
        self._timeout = timeout
        self._test_now = test_now
        self._frozen: tuple[int, int] | None = None
        self._prepared = False
        self._expects_many = False
        with faults.Seam(self.path):
            self.missing = not (is_twin or file.is_store(path)) or not self._open()
            if self.missing:
                self._connection = sqlite3.connect(":memory:", isolation_level=None)
                _install(self._connection, self.now(), test_now is not None)

    def close(self) -> None:
        """The last one folds the write-ahead log into the file."""
        self._connection.close()

    @property
    def place(self) -> str:
        return str(self.path)

    def now(self) -> Instant:
        return time.time_ns() // 1_000 if self._test_now is None else self._test_now

    def one(self, statement: str, values: Values = NO_VALUES) -> Row | None:
        row: Row | None = self._connection.execute(statement, values).fetchone()
        return row

    def rows(self, statement: str, values: Values | Row = NO_VALUES) -> Iterator[Row]:
        return self._connection.execute(statement, values)

    def stream(self, statement: str, values: Values | Row = NO_VALUES) -> Iterator[Row]:
        # What is mapped counts as memory of the process, and this may read all of the file.
        file.map_bytes(self._connection, 0)
        try:
            # Where an error ends it, the connection may be closed before this, and a cursor that is
            # delegated to would be closed, too.
            for row in self._connection.execute(statement, values):  # noqa: UP028 (see above)
                yield row
        finally:
            with suppress(sqlite3.ProgrammingError):
                file.map_bytes(self._connection)

    def run(self, statement: str, values: Values | Row) -> None:
        self._connection.execute(statement, values)

    def run_all(self, statement: str, rows: Sequence[Values] | Sequence[Row]) -> None:
        if statement.endswith("?)"):
            from gamify_cli.store.sqlite import many

            rows = many.insert(self._connection, statement, rows)
        self._connection.executemany(statement, rows)

    def insert_all(self, statement: str, rows: Sequence[Row], shared: Values) -> None:
        from gamify_cli.store.sqlite import many

        left = many.insert_sharing(self._connection, statement, rows, shared)
        super().insert_all(statement, left, shared)

    def expect_many(self) -> None:
        self._expects_many = True
        file.expect_many(self._connection)

    def scrub(self) -> None:
        # What was overwritten stands in the write-ahead log until that is folded in.
        if not self._connection.in_transaction:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def composed(self, statement: Any) -> Iterator[Row]:
        from sqlalchemy.dialects import sqlite

        compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
        return self.stream(str(compiled), compiled.params)

    def lock(self, participant_ids: Sequence[str]) -> None:
        """Nothing to do: a change has the whole file."""

    def changed(
        self,
        work: Callable[[], _Result],
        *,
        is_keyed: bool,  # noqa: ARG002 (none is lost)
        first: Sequence[Asked] = (),  # noqa: ARG002 (it is at hand)
    ) -> _Result:
        # It is first tried on an empty store in memory: a refusal, and what changes nothing,
        # leaves nothing behind, not even a file.
        if self.missing:
            answer, is_change = self._try(work)
            if not is_change:
                return answer
        with self.writing():
            return work()

    def _try(self, work: Callable[[], _Result]) -> tuple[_Result, bool]:
        """What `work` answers, and whether it would change anything; it is taken back."""
        changes = self._connection.total_changes
        self._connection.execute("BEGIN")
        try:
            return work(), self._connection.total_changes > changes
        finally:
            self._connection.execute("ROLLBACK")

    def twin(self, timeout: float) -> SqliteSession:
        return SqliteSession(self.path, timeout=timeout, test_now=self._test_now, is_twin=True)

    def opener(self) -> Callable[[], SqliteSession]:
        test_now = self._test_now
        return partial(SqliteSession, self.path, timeout=self._timeout, test_now=test_now)

    def reading(self, first: Sequence[Asked] = ()) -> AbstractContextManager[None]:  # noqa: ARG002
        if self._grouped or self._connection.in_transaction:
            return faults.Seam(self.path)
        return self._transaction("BEGIN")

    def sharing(self) -> AbstractContextManager[None]:
        # Of a frozen store, each reading is checked at its own end.
        return nullcontext() if self._frozen else self.reading()

    def standstill(self) -> AbstractContextManager[None]:
        return nullcontext() if self._frozen else file.standstill(self.path, self._timeout)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Locked before it reads."""
        if self._grouped:
            with self._savepoint():
                yield
            return
        with faults.Seam(self.path):
            if self.missing:
                self._create()
            if not self._prepared:
                self._wait(self._check_revision)
                # Not where the file is made: that may have been cut short in between.
                self._wait(lambda: self._connection.execute("PRAGMA journal_mode=WAL"))
                # From here on nothing waits within a transaction, and `_wait` does it fairly.
                self._connection.execute("PRAGMA busy_timeout=0")
                self._prepared = True
            self.require_same_file()
        with self._transaction("BEGIN IMMEDIATE"):
            yield
        self.require_same_file()

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        with faults.Seam(self.path):
            if not self._connection.in_transaction:
                raise Unavailable(f"the group of changes of {self.path} was lost")
            self._connection.execute("SAVEPOINT change")
            try:
                yield
            except BaseException:
                # An error of the disk may have rolled everything back.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK TO change")
                    self._connection.execute("RELEASE change")
                raise
            self._connection.execute("RELEASE change")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with faults.Seam(self.path):
            try:
                self._wait(lambda: self._begin(begin))
                yield
                if self._frozen and self._frozen != file.stamp(self.path):
                    raise Unavailable(f"the store {self.path} changed while it was read")
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def require_same_file(self) -> None:
        if file.identity(self.path) != self._identity:
            raise StoreError(
                f"the store {self.path} was removed or replaced while it was in use",
                hint="what was just written may be lost; look before you go on",
            )

    @property
    def copier(self) -> Copier:
        from gamify_cli.store.sqlite.copying import SqliteCopier

        return SqliteCopier(self.path, self._timeout)

    def bytes(self) -> int:
        """With the write-ahead log."""
        files = (self.path, Path(f"{self.path.resolve()}-wal"))
        return sum(one.stat().st_size for one in files if one.exists())

    def require_sound(self) -> None:
        faults.require_sound(self.path, self._connection)

    def _begin(self, begin: str) -> None:
        try:
            self._connection.execute(begin)
            self._check_revision()
        except sqlite3.OperationalError:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = self._wait(lambda: file.connect(self.path))
        if self._expects_many:
            file.expect_many(connection)
        return connection

    def _wait(self, attempt: Callable[[], _Result]) -> _Result:
        return faults.patiently(self._timeout, attempt)

    def _check_revision(self) -> None:
        row = self.one(sql.FIND_REVISION)
        revision = str(row[0]) if row else ""
        if revision != sql.REVISION:
            raise revisions.refusal(self.place, revision, sql.REVISION)

    def _open(self) -> bool:
        """Connect; False for a file whose making was interrupted, and which is empty again."""
        self._identity = file.identity(self.path)
        self._frozen = file.stamp(self.path) if file.is_frozen(self.path) else None
        self._connection = self._connect()
        if self._wait(lambda: file.is_unmade(self._connection)):
            self._connection.close()
            return False
        if self._test_now is not None:
            store = self._wait(lambda: self.one(sql.FIND_STORE))
            self._test_now = self._test_now if store and store[2] else None
        return True

    def _create(self) -> None:
        """Make the file, whole or not at all, unless another process just did."""
        file.make_empty(self.path)
        connection = self._connect()
        try:
            self._wait(lambda: connection.execute("BEGIN IMMEDIATE"))
            if file.is_unmade(connection):
                _install(connection, self.now(), self._test_now is not None)
            connection.execute("COMMIT")
        finally:
            connection.close()
        self.missing = not self._open()


def _install(connection: sqlite3.Connection, now: Instant, test_clock: bool) -> None:
    for ddl in sql.SCHEMA:
        connection.execute(ddl)
    connection.execute(sql.KEEP_REVISION, {"version_num": sql.REVISION})
    store = {"identity": os.urandom(16).hex(), "created_at": now, "test_clock": test_clock}
    connection.execute(sql.KEEP_STORE, store)
    connection.execute(f"PRAGMA application_id={sql.APPLICATION_ID}")
