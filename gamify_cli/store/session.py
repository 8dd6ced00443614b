"""The seam to the driver: opening a store file, transactions, and driver errors as ours.

A file that is no gamify store is recognised by its header and never opened, so never
written to, not even to recover its journal.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import quote as quoted
from stat import S_ISDIR, S_ISREG
from typing import Any, TypeVar
from urllib.parse import quote

from gamify_cli.domain.instants import Instant
from gamify_cli.errors import GamifyError, StoreError, Unavailable
from gamify_cli.store import sqlite_sql as sql

Row = tuple[Any, ...]
Values = Mapping[str, Any]
_Result = TypeVar("_Result")

_HEADER_BYTES = 100
_MAGIC = b"SQLite format 3\0"
_MMAP_BYTES = 256 * 1024 * 1024
_TURN = 0.25
_UNWRITTEN = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
_NO_VALUES: Values = {}
_RESTORE = "restore a backup of it"


class Session:
    """One connection to one store file, for one thread.

    A missing file is an empty store to read and to rehearse on; the first write makes it.
    `timeout` is how many seconds to wait for another process's lock. `test_now` stands in
    for the clock, but only in a store that was made under one.

    Raises StoreError where the file is not a usable store, Unavailable where it stays locked.
    Opening reads the file's header, and closing that descriptor drops SQLite's own locks of
    this process on the file: open every session of a process before the first transaction.
    """

    def __init__(self, path: Path, *, timeout: float, test_now: Instant | None = None) -> None:
        self.path = path
        self._timeout = timeout
        self._test_now = test_now
        self._frozen: tuple[int, int] | None = None
        with translated_errors(self.path):
            self.missing = not is_store(path) or not self._open()
            if self.missing:
                self._connection = sqlite3.connect(":memory:", isolation_level=None)
                _install(self._connection, self.now(), test_now is not None)

    def close(self) -> None:
        """Close the connection; the last one folds the write-ahead log into the file."""
        self._connection.close()

    def now(self) -> Instant:
        """The time by this store's clock."""
        return time.time_ns() // 1_000 if self._test_now is None else self._test_now

    def one(self, statement: str, values: Values = _NO_VALUES) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(statement, values).fetchone()
        return row

    def rows(self, statement: str, values: Values | Row = _NO_VALUES) -> Iterator[Row]:
        """Every row, as the database finds it."""
        return self._connection.execute(statement, values)

    def run(self, statement: str, values: Values) -> None:
        """Execute a statement that changes something."""
        self._connection.execute(statement, values)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One consistent view of the store."""
        with self._transaction("BEGIN"):
            yield
            if self._frozen and self._frozen != _stamp(self.path):
                raise Unavailable(f"the store {self.path} changed while it was read")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One change: locked before it reads, whole or not at all, durable when it returns."""
        with translated_errors(self.path):
            if self.missing:
                self._create()
            # Here, and not where the file is made: that may have been cut short in between.
            self._wait(lambda: self._connection.execute("PRAGMA journal_mode=WAL"))
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with translated_errors(self.path):
            try:
                self._wait(lambda: self._begin(begin))
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _begin(self, begin: str) -> None:
        try:
            self._connection.execute(begin)
            self._check_revision()
        except sqlite3.OperationalError:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _connect(self) -> sqlite3.Connection:
        return self._wait(lambda: connect(self.path))

    def _wait(self, attempt: Callable[[], _Result]) -> _Result:
        return patiently(self._timeout, attempt)

    def _check_revision(self) -> None:
        revision = self.one(sql.FIND_REVISION)
        if revision is None or revision[0] < sql.REVISION:
            raise StoreError(
                f"the store {self.path} is older than this gamify",
                hint=f"run: gamify store upgrade --store {quoted(str(self.path))}",
            )
        if revision[0] > sql.REVISION:
            raise newer(self.path, revision[0])

    def _open(self) -> bool:
        """Connect; False for a file whose making was interrupted, and which is empty again."""
        self._frozen = _stamp(self.path) if is_frozen(self.path) else None
        self._connection = self._connect()
        if self._wait(lambda: is_unmade(self._connection)):
            self._connection.close()
            return False
        if self._test_now is not None:
            store = self._wait(lambda: self.one(sql.FIND_STORE))
            self._test_now = self._test_now if store and store[2] else None
        return True

    def _create(self) -> None:
        """Make the file, whole or not at all, unless another process just did."""
        for folder in reversed([one for one in self.path.parents if not one.exists()]):
            folder.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = self._connect()
        try:
            self._wait(lambda: connection.execute("BEGIN IMMEDIATE"))
            if is_unmade(connection):
                _install(connection, self.now(), self._test_now is not None)
            connection.execute("COMMIT")
        finally:
            connection.close()
        self.missing = not self._open()


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """The seam: errors of the driver and the file system leave as ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, path) from error
    except OSError as error:
        raise StoreError(f"cannot open the store {path}: {error.strerror}") from error


def is_store(path: Path) -> bool:
    """True for a gamify store, False for a missing or empty file; else StoreError."""
    header = _header(path)
    if not header:
        return False
    if not header.startswith(_MAGIC):
        raise _not_a_store(path)
    if len(header) < _HEADER_BYTES or _is_cut_off(path, header):
        raise StoreError(f"the store {path} is damaged: it is cut off", hint=_RESTORE)
    if int.from_bytes(header[68:72]) != sql.APPLICATION_ID:
        raise StoreError(
            f"{path} is an SQLite database of another program, not a gamify store",
            hint="it was left as it is",
        )
    return True


def _header(path: Path) -> bytes:
    """How the file begins; nothing if it is missing. Only a regular file is opened."""
    try:
        mode = path.stat().st_mode
        if S_ISDIR(mode):
            raise StoreError(f"{path} is a folder, not a gamify store")
        if not S_ISREG(mode):
            raise _not_a_store(path)
        with path.open("rb") as file:
            return file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise StoreError(f"cannot open the store {path}: {error.strerror}") from error


def _not_a_store(path: Path) -> StoreError:
    return StoreError(f"{path} is not a gamify store", hint="it was left as it is")


def connect(path: Path) -> sqlite3.Connection:
    """A connection to an existing file, in autocommit, that waits for locks in short turns."""
    mode = "mode=ro&immutable=1" if is_frozen(path) else "mode=rw"
    uri = f"file://{quote(os.fsencode(path))}?{mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=_TURN, isolation_level=None)
    try:
        for pragma in ("foreign_keys=ON", f"mmap_size={_MMAP_BYTES}", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def is_frozen(path: Path) -> bool:
    """Whether all there is stands in a file that we may only read, or whose folder is closed.

    Such a store is read as it lies, because the locks that SQLite takes to read need files
    beside it.
    """
    file = path.resolve()
    if os.access(file, os.W_OK) and os.access(file.parent, os.W_OK):
        return False
    return not _has_log(path)


def _has_log(path: Path) -> bool:
    """Whether changes stand beside the file that are not all in it."""
    return any(Path(f"{path.resolve()}{suffix}").exists() for suffix in ("-wal", "-journal"))


def _is_cut_off(path: Path, header: bytes) -> bool:
    """Whether the file ends within a page, and nothing beside it holds the rest."""
    page_bytes = int.from_bytes(header[16:18])
    return bool(page_bytes and path.stat().st_size % page_bytes) and not _has_log(path)


def is_unmade(connection: sqlite3.Connection) -> bool:
    """Whether the making of this file was interrupted, so that it is empty again."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    return bool(application_id == 0)


def patiently(timeout: float, attempt: Callable[[], _Result]) -> _Result:
    """Repeat what fails for a lock, in short turns so that Ctrl-C is heard."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= deadline:
                raise


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _install(connection: sqlite3.Connection, now: Instant, test_clock: bool) -> None:
    for ddl in sql.SCHEMA:
        connection.execute(ddl)
    connection.execute(sql.KEEP_REVISION, {"version_num": sql.REVISION})
    store = {"identity": os.urandom(16).hex(), "created_at": now, "test_clock": test_clock}
    connection.execute(sql.KEEP_STORE, store)
    connection.execute(f"PRAGMA application_id={sql.APPLICATION_ID}")


def newer(path: Path, revision: str) -> StoreError:
    """The refusal of a store that a later gamify made."""
    return StoreError(
        f"the store {path} was made by a newer gamify"
        f" (schema {revision}; this one knows up to {sql.REVISION})",
        hint="upgrade gamify: pip install --upgrade gamify-cli",
    )


def _primary(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_busy(error: sqlite3.Error) -> bool:
    return _primary(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _translated(error: sqlite3.Error, path: Path) -> GamifyError:
    """What a driver error means to the user."""
    if _is_busy(error):
        return Unavailable(
            f"the store {path} is locked by another process",
            hint="try again, or wait longer with --timeout",
        )
    code = _primary(error)
    if code == sqlite3.SQLITE_FULL or getattr(error, "sqlite_errorcode", 0) in _UNWRITTEN:
        return Unavailable(f"the disk took no more of the store {path}; nothing was written")
    if code == sqlite3.SQLITE_READONLY:
        return StoreError(f"the store {path} is read-only; nothing was written")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreError(f"the store {path} is damaged: {error}", hint=_RESTORE)
    return StoreError(f"the store {path} failed: {error}")
