"""A bar on stderr for what takes long: how much is done, how fast, how much time is left.

It is drawn while work reports to it, by no thread of its own, and gone when anything else is
written to stderr or the work is over.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gamify_cli.render.messages import Messages
from gamify_cli.render.output import wants_color

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0
"""Seconds after which work counts as long."""

TURN = 0.1
"""Seconds from one drawing to the next."""

CLOCK = time.monotonic
_ALL = 1_000
_BAR = 20


class Bar:
    """One piece of work, as told by `at`; `color` is None where nobody is to see it."""

    def __init__(self, what: str, color: bool | None) -> None:
        self._what = what
        self._color = color
        self._started = CLOCK()
        self._next = self._started + PATIENCE
        self._drawn: tuple[Progress, TaskID] | None = None
        self._is_shown = False

    def at(self, done: int, share: float | None = None) -> None:
        """So many are done, and that share of all, 0 to 1, where it is known."""
        if self._color is None:
            return
        now = CLOCK()
        if now >= self._next:
            self._next = now + TURN
            self._draw(done, share, max(now - self._started, 1e-9))

    def clear(self) -> None:
        """Take it away, until there is more to tell."""
        if self._drawn and self._is_shown:
            self._is_shown = False
            _quietly(self._drawn[0].stop)

    def _draw(self, done: int, share: float | None, elapsed: float) -> None:
        if self._drawn is None:
            self._drawn = _made(self._what, bool(self._color))
        progress, task = self._drawn
        told = f"{done:,} · {done / elapsed:,.0f}/s"
        if share:
            told += f" · {_span(elapsed * (1 - share) / share)} left"
        total = None if share is None else _ALL
        progress.update(task, completed=(share or 0) * _ALL, total=total, told=told)
        _quietly(progress.refresh if self._is_shown else progress.start)
        self._is_shown = True


@contextmanager
def watching(what: str, messages: Messages, color: str, format_: str) -> Iterator[Bar]:
    """The bar of a piece of work, out of the way of messages and gone at its end.

    It is never seen with --quiet, beside errors in JSON, nor where a line cannot be taken back.
    """
    # A stream on the same terminal shows by itself how it goes on.
    is_stream = sys.stdout.isatty() and format_ != "table"
    silent = is_stream or messages.quiet or messages.as_json
    can = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    bar = Bar(what, wants_color(color, is_terminal=True) if can and not silent else None)
    messages.bar = bar
    try:
        yield bar
    finally:
        bar.clear()


def _made(what: str, color: bool) -> tuple[Progress, TaskID]:
    from rich.progress import BarColumn, Progress, TextColumn

    from gamify_cli.render import terminal

    progress = Progress(
        TextColumn("{task.description}", style="dim"),
        BarColumn(_BAR),
        TextColumn("{task.fields[told]}"),
        console=terminal.live(sys.stderr, color),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    return progress, progress.add_task(what, total=None, told="")


def _span(seconds: float) -> str:
    """A time as `3 s`, `2:05` or `1:02:05`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _quietly(act: Callable[[], None]) -> None:
    """What cannot be drawn changes nothing of what the command does."""
    try:
        act()
    except OSError:
        return
