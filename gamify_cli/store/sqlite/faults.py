"""The seam to the driver: its errors as ours, and patience with its locks."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gamify_cli.errors import GamifyError, StoreError, Unavailable

RESTORE = "restore a backup of it"

_UNWRITTEN = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
_SHORTEST_PAUSE, _LONGEST_PAUSE, _HALVED_AFTER = 0.002, 0.1, 0.2
"""Seconds between two looks at a lock, and the wait after which the longest one is halved."""

_Result = TypeVar("_Result")


class Seam:
    """Within it, errors of the driver and the file system leave as ours."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise _translated(error, self._path) from error
        if isinstance(error, OSError):
            raise StoreError(f"cannot open the store {self._path}: {error.strerror}") from error


def require_sound(path: Path, connection: sqlite3.Connection) -> None:
    """Raise StoreError for a file with pages that are damaged; it reads all of them."""
    told = [str(text) for (text,) in connection.execute("PRAGMA quick_check(3)")]
    if told != ["ok"]:
        raise _damaged(path, "; ".join(" ".join(one.split()) for one in told))


def patiently(timeout: float, attempt: Callable[[], _Result]) -> _Result:
    """Repeat what fails for a lock, in short turns so that Ctrl-C is heard."""
    start = time.monotonic()
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - start
            if not is_busy(error) or waited >= timeout:
                raise
        time.sleep(min(_pause(waited), timeout - waited))


def _pause(waited: float) -> float:
    """How long to look away from a lock, after so many seconds of waiting for it.

    At first a moment, since most changes take no longer. Then the less, the longer it has been:
    where several processes write all the time, the lock is free for a moment between two changes
    of the same one, and SQLite's own handler, which looks ever less often, leaves some waiting
    for seconds.
    """
    longest = _LONGEST_PAUSE / (1 + waited / _HALVED_AFTER)
    # Not all at the same time.
    part = (1 + os.urandom(1)[0] / 255) / 2
    return part * max(_SHORTEST_PAUSE, min(waited, longest))


def locked(path: Path) -> Unavailable:
    """The failure for a lock of another process that was not given back in time."""
    return Unavailable(
        f"the store {path} is locked by another process",
        hint="try again, or wait longer with --timeout",
    )


def is_full(error: sqlite3.Error) -> bool:
    """Whether there is no more room on the disk."""
    code = getattr(error, "sqlite_errorcode", 0)
    return _primary(error) == sqlite3.SQLITE_FULL or code in _UNWRITTEN


def _primary(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process has the lock."""
    return _primary(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _translated(error: sqlite3.Error, path: Path) -> GamifyError:
    """What a driver error means to the user."""
    if is_busy(error):
        return locked(path)
    code = _primary(error)
    if is_full(error):
        return Unavailable(f"the disk took no more of the store {path}; the change was not made")
    if code == sqlite3.SQLITE_READONLY:
        return StoreError(f"the store {path} is read-only")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path, error)
    return StoreError(f"the store {path} failed: {error}")


def _damaged(path: Path, how: object) -> StoreError:
    return StoreError(f"the store {path} is damaged: {how}", hint=RESTORE)
