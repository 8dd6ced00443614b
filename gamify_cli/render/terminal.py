"""What is written to and how it is drawn on: width, colors, and characters that it has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import IO, TextIO, cast

from rich.console import Console

UNBOUND = 100_000
"""Columns of what is piped: wide enough that no row is ever folded."""

_PLAIN = str.maketrans("╭╮╰╯┌┐└┘│─━╸╺█░●○·→…", "++++++++|----#.*o->.")
_NO_CHARSET = ("C", "POSIX")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Called while the error is handled: leave it to the edge, as every format does."""
        raise


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
    is_terminal = stream.isatty()
    plain_terminal = os.environ.get("TERM", "dumb") == "dumb"
    file = stream if has_unicode(os.environ) else cast(IO[str], _Plain(stream))
    return _Console(
        file=file,
        width=shutil.get_terminal_size().columns if is_terminal else UNBOUND,
        force_terminal=color,
        color_system=None if not color else "standard" if plain_terminal else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


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
