"""Rows that leave whole: Ctrl-C is heard between two of them, or two groups, never within one."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

_PATIENCE = 0.5


class WholeRows:
    """A stream for rows; a later second Ctrl-C is heard at once, if the reader takes nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._writing = False
        self._held = False
        self._pending = False
        self._heard_at = 0.0

    def write(self, row: str) -> None:
        """Write one row, or any text that must not be torn."""
        self._whole(self._stream.write, row)

    def flush(self) -> None:
        """Let what was written go."""
        self._whole(self._stream.flush)

    def hold(self) -> None:
        """From now on all rows are one, up to `release`."""
        self._held = True

    def release(self) -> None:
        """Hear Ctrl-C between rows again."""
        self._held = False
        self._end()

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return self._stream.isatty()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear Ctrl-C as long as this lasts."""
        before = signal.signal(signal.SIGINT, self._hear)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            self._held = self._pending = False

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        self._heard_at = self._heard_at if self._pending else now
        # One Ctrl-C may come as several signals: to the process, and to its group.
        if (self._writing or self._held) and now - self._heard_at < _PATIENCE:
            self._pending = True
        else:
            raise KeyboardInterrupt

    def _whole(self, act: Callable[..., object], *arguments: str) -> None:
        self._writing = True
        try:
            act(*arguments)
        finally:
            self._writing = False
        self._end()

    def _end(self) -> None:
        """Where rows may end, unless they are held."""
        if self._pending and not self._held:
            self._pending = False
            raise KeyboardInterrupt
