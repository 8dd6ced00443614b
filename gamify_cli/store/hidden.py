"""A file that is not seen until it is whole."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gamify_cli.config import writing
from gamify_cli.errors import Unavailable


class Hidden:
    """An empty file at `path`, for its owner alone, until `publish` gives it a name to be seen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_published = False

    def publish(self, path: Path) -> None:
        """Durable and under its name, in the place of what was there; raises as `writing` does."""
        with writing.told(path):
            writing.sync(self.path)
            self.path.replace(path)
            self.is_published = True
            writing.sync(path.parent)


@contextmanager
def hidden(path: Path) -> Iterator[Hidden]:
    """A file beside `path` that nobody else writes to, gone at the end unless it is published.

    What a process that was killed left there is used again. Raises UsageError where none can be
    made, Unavailable where another process is at the same, or there is no room.
    """
    beside = path.with_name(f".{path.name}.partial")
    with writing.told(path):
        descriptor = _own(beside)
    try:
        file = Hidden(beside)
        yield file
        if not file.is_published:
            _remove(beside)
    except BaseException:
        _remove(beside)
        raise
    finally:
        os.close(descriptor)


def make_folders(path: Path) -> None:
    """Make those that a file at a path is to stand in, for their owner alone."""
    for folder in reversed([one for one in path.parents if not one.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)


def _own(path: Path) -> int:
    """A descriptor that keeps other processes away for as long as it is open."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _leads_to(path, descriptor):
                os.ftruncate(descriptor, 0)
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise Unavailable(f"{path} is being written by another process") from None
        # The other one has just given it its name, or removed it.
        os.close(descriptor)


def _leads_to(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _remove(path: Path) -> None:
    """With what SQLite may have left beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{path}{suffix}").unlink()
