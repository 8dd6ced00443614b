"""Files of the user's own: replaced whole or not at all, for their owner alone."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG

from gamify_cli.errors import Unavailable, UsageError

_TURN = 0.02
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE}


def write(path: Path, content: bytes) -> None:
    """Replace a file, durably, and only its owner may read it. A link stays a link.

    Two writers at once must be kept apart by `locked`. Raises UsageError where it may not be
    written, Unavailable where there is no room.
    """
    with told(path):
        file = _target(path)
        _make_folder(file.parent)
        fresh = _beside(file, "new")
        try:
            descriptor = os.open(
                fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600
            )
            with os.fdopen(descriptor, "wb") as out:
                os.fchmod(descriptor, 0o600)
                out.write(content)
                out.flush()
                os.fsync(descriptor)
            fresh.replace(file)
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            raise
        sync(file.parent)


def remove(path: Path) -> None:
    """Delete a file, if it is there; raises UsageError, Unavailable."""
    with told(path):
        path.unlink(missing_ok=True)


@contextmanager
def locked(path: Path, timeout: float) -> Iterator[None]:
    """Keep other processes that do the same away from a file.

    Raises Unavailable where one keeps us waiting for more than `timeout` seconds, and as `write`
    does.
    """
    with told(path):
        file = _target(path)
        _make_folder(file.parent)
        descriptor = os.open(_beside(file, "lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _lock(descriptor, path, time.monotonic() + timeout)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Unavailable(f"{path} is being changed by another process") from None
            time.sleep(_TURN)


def _target(path: Path) -> Path:
    """The file behind links; raises UsageError for what is no file, such as a device."""
    file = Path(os.path.realpath(path))
    if file.exists() and not S_ISREG(file.stat().st_mode):
        raise UsageError(f"cannot write {path}: it is not a regular file")
    return file


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(f".{file.name}.{suffix}")


def _make_folder(folder: Path) -> None:
    for one in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        one.mkdir(mode=0o700, exist_ok=True)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Within it, what the system refuses on a file that is written leaves as ours."""
    try:
        yield
    except OSError as error:
        kind = Unavailable if error.errno in _FULL else UsageError
        raise kind(f"cannot write {path}: {error.strerror}") from error
