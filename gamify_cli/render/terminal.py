"""What is written to and how it is drawn on: width, colors, and characters that it has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, TextIO, cast

from rich.console import Console

UNBOUND = 100_000
"""Columns of what is piped: wide enough that no row is ever folded."""

_PLAIN = str.maketrans("╭╮╰╯┌┐└┘├│─━╸╺█░●○·→…", "+++++++++|----#.*o->.")
_NO_CHARSET = ("C", "POSIX")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Called while the error is handled: leave it to the edge, as every format does."""
        raise


class _Live(_Console):
    def show_cursor(self, show: bool = True) -> bool:
        """Leave it: who is killed would not bring it back."""
        return show


class _Plain:
    """A stream that draws with ASCII alone, each character as wide as what it stands for."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text.translate(_PLAIN))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def console(stream: TextIO, color: bool) -> Console:
    """A console on a stream, with escape codes only if `color` is set."""
    plain_terminal = os.environ.get("TERM", "dumb") == "dumb"
    return _Console(
        file=_drawing(stream),
        width=_columns(stream),
        force_terminal=color,
        color_system=None if not color else "standard" if plain_terminal else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


def live(stream: TextIO, color: bool) -> Console:
    """A console on a terminal for lines that are drawn anew, with escape codes for that."""
    return _Live(
        file=_drawing(stream), width=_columns(stream), force_terminal=True, no_color=not color
    )


def _drawing(stream: TextIO) -> IO[str]:
    return stream if has_unicode(os.environ) else cast(IO[str], _Plain(stream))


def _columns(stream: TextIO) -> int:
    """How wide a stream's own terminal is, unless COLUMNS says so."""
    if not stream.isatty():
        return UNBOUND
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def has_unicode(environ: Mapping[str, str]) -> bool:
    """Whether the locale is of a terminal that has more than ASCII; one that says nothing has."""
    kind = environ.get("LC_CTYPE", "")
    # Python itself sets it so, where the locale is C or not installed.
    coerced = kind.upper() in ("C.UTF-8", "C.UTF8", "UTF-8")
    name = environ.get("LC_ALL") or ("" if coerced else kind) or environ.get("LANG", "")
    if name in _NO_CHARSET:
        return False
    _, point, charset = name.partition(".")
    return not point or charset.split("@")[0].lower().replace("-", "") == "utf8"
