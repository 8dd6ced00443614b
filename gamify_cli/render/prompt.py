"""Questions to the person at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from gamify_cli.render.escape import escape


def ask(question: str, stdin_taken: bool) -> bool | None:
    """Whether the answer is yes; None where no terminal can answer.

    Where stdin holds data the answer is read from the controlling terminal.
    """
    if not stdin_taken:
        if sys.stdin is None or not sys.stdin.isatty() or not sys.stderr.isatty():
            return None
        return _answer(question, sys.stdin)
    try:
        with Path("/dev/tty").open(encoding="utf-8", errors="replace") as terminal:
            return _answer(question, terminal)
    except OSError:
        return None


def ask_hidden(question: str) -> str | None:
    """A line that is not shown while it is typed; None where no terminal can answer."""
    if sys.stdin is None or not sys.stdin.isatty() or not sys.stderr.isatty():
        return None
    from getpass import getpass

    return getpass(f"{escape(question)}: ", stream=sys.stderr)


def _answer(question: str, terminal: TextIO) -> bool:
    sys.stderr.write(f"{escape(question)} [y/N] ")
    sys.stderr.flush()
    return terminal.readline().strip().lower() in ("y", "yes")
