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
    answer = ask_text(f"{question} [y/N]", stdin_taken)
    return None if answer is None else answer.lower() in ("y", "yes")


def ask_text(question: str, stdin_taken: bool) -> str | None:
    """The answer in words; None as for `ask`."""
    if not sys.stderr.isatty():
        return None
    if not stdin_taken:
        is_terminal = sys.stdin is not None and sys.stdin.isatty()
        return _answer(question, sys.stdin) if is_terminal else None
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


def _answer(question: str, terminal: TextIO) -> str:
    sys.stderr.write(f"{escape(question)} ")
    sys.stderr.flush()
    return terminal.readline().strip()
