"""The store as a file: is it one of ours, may it be written, how is it opened.

A file that is no gamify store is recognised by its header and never opened, so never
written to, not even to recover its journal.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from urllib.parse import quote

from gamify_cli.errors import StoreError
from gamify_cli.store.sqlite import faults, sql
from gamify_cli.store.sqlite.faults import RESTORE

_HEADER_BYTES = 100
_MAGIC = b"SQLite format 3\0"
_MMAP_BYTES = 256 * 1024 * 1024
_BESIDE = ("-wal", "-shm", "-journal")
_TURN = 0.25
_MANY = ("foreign_keys=OFF", "cache_size=-32768", "wal_autocheckpoint=60000", "secure_delete=OFF")
"""A cache of 32 MiB, and a log of 240 MiB."""


def is_store(path: Path) -> bool:
    """True for a gamify store, False for a missing or empty file; else StoreError."""
    header = _header(path)
    if not header:
        # A log stands only beside a whole file, which another process may just have made.
        has_log = _size(Path(f"{path.resolve()}-wal")) > 0
        header = _header(path)
        if has_log and not header:
            raise StoreError(
                f"the store {path} is missing, but changes of it stand in {path}-wal",
                hint="put the file back beside them",
            )
    if not header:
        return False
    if not header.startswith(_MAGIC):
        raise _not_a_store(path)
    if len(header) < _HEADER_BYTES or _is_cut_off(path, header):
        raise StoreError(f"the store {path} is damaged: it is cut off", hint=RESTORE)
    if int.from_bytes(header[68:72]) != sql.APPLICATION_ID:
        raise StoreError(
            f"{path} is an SQLite database of another program, not a gamify store",
            hint="it was left as it is",
        )
    return True


def connect(path: Path) -> sqlite3.Connection:
    """A connection to an existing file, in autocommit, that waits for locks in short turns."""
    mode = "mode=ro&immutable=1" if is_frozen(path) else "mode=rw"
    uri = f"file://{quote(os.fsencode(path))}?{mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=_TURN, isolation_level=None)
    try:
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        map_bytes(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def standstill(path: Path, timeout: float) -> Iterator[None]:
    """Nobody changes an existing file until it ends."""
    with faults.Seam(path), closing(faults.patiently(timeout, lambda: connect(path))) as other:
        faults.patiently(timeout, lambda: other.execute("BEGIN IMMEDIATE"))
        yield


def expect_many(connection: sqlite3.Connection) -> None:
    """Trade memory for speed on a connection that writes all over the file.

    What is mapped would count as memory of the process; to write zeros over what is freed, and
    to fold the log into the file every few pages, would write most pages more often. That each
    fact has a participant need not be looked up: both are written together.
    """
    map_bytes(connection, 0)
    for pragma in _MANY:
        connection.execute(f"PRAGMA {pragma}")


def map_bytes(connection: sqlite3.Connection, most: int = _MMAP_BYTES) -> None:
    """Read the file as memory, up to so many bytes of it."""
    connection.execute(f"PRAGMA mmap_size={most}")


def is_frozen(path: Path) -> bool:
    """Whether all there is stands in a file that we may only read, or whose folder is closed.

    Such a store is read as it lies, because the locks that SQLite takes to read need files
    beside it.
    """
    file = path.resolve()
    if os.access(file, os.W_OK) and os.access(file.parent, os.W_OK):
        return False
    return not has_log(path)


def is_unmade(connection: sqlite3.Connection) -> bool:
    """Whether the making of this file was interrupted, so that it is empty again."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    return bool(application_id == 0)


def identity(path: Path) -> tuple[int, int] | None:
    """Which file the path leads to, by device and inode; None if to none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def stamp(path: Path) -> tuple[int, int]:
    """What changes with the file: its time and its size."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size


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


def make_empty(path: Path) -> None:
    """Make the file of a store, for its owner alone, unless it is there."""
    # Needed once in the life of a store.
    from gamify_cli.store.hidden import make_folders

    make_folders(path)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def own_files(path: Path) -> list[Path]:
    """What SQLite writes to, or would, for a store at a path."""
    return [Path(f"{path.resolve()}{end}") for end in ("", *_BESIDE)]


def _not_a_store(path: Path) -> StoreError:
    return StoreError(f"{path} is not a gamify store", hint="it was left as it is")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def has_log(path: Path) -> bool:
    """Whether changes stand beside the file that are not all in it."""
    return any(Path(f"{path.resolve()}{suffix}").exists() for suffix in ("-wal", "-journal"))


def _is_cut_off(path: Path, header: bytes) -> bool:
    """Whether the file ends within a page, and nothing beside it holds the rest."""
    page_bytes = int.from_bytes(header[16:18])
    return bool(page_bytes and path.stat().st_size % page_bytes) and not has_log(path)
