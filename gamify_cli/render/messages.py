"""What goes to stderr: notes, hints and errors, as text or as JSON."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gamify_cli.domain.jsontext import compact
from gamify_cli.errors import FaultyFile, GamifyError, NotFound, UnknownProfile
from gamify_cli.render.escape import escape, escape_json

if TYPE_CHECKING:
    from gamify_cli.render.progress import Bar

_SERVER_FAULT = 500
"""From this status on, whoever runs the server is asked which request it was."""


class Messages:
    """The one way to stderr. `place` is what commands work on, such as "profile local".

    `undoable` is an operation that was just made.
    """

    def __init__(self) -> None:
        self.as_json = False
        self.quiet = False
        self.verbose = False
        self.place: str | None = None
        self.undoable: str | None = None
        self.profile: str | None = None
        self.bar: Bar | None = None

    def note(self, text: str) -> None:
        """Say something that is not data; --quiet drops it."""
        if not self.quiet:
            self._print(escape(text))

    def error(self, error: GamifyError) -> None:
        """Report a failure: text with an indented hint, or one line of JSON."""
        message = self._located(error)
        if self.as_json:
            self._print(escape_json(compact({"error": self._members(error, message)})))
            return
        for fault in error.faults if isinstance(error, FaultyFile) else ():
            self._print(escape(fault))
        self._print(f"gamify: {escape(message)}")
        if error.hint:
            self._print(f"  hint: {escape(error.hint)}")
        if self.verbose:
            self._print(
                f"  code: {error.code}, exit {error.exit_code}{', retryable' * error.retryable}"
            )
        if self.verbose and self.profile:
            self._print(f"  profile: {escape(self.profile)}")
        if error.request_id and (self.verbose or error.http_status >= _SERVER_FAULT):
            self._print(f"  request: {escape(error.request_id)}")

    def _located(self, error: GamifyError) -> str:
        elsewhere = not isinstance(error, NotFound) or isinstance(error, UnknownProfile)
        return error.message if elsewhere or not self.place else f"{error.message} in {self.place}"

    def _members(self, error: GamifyError, message: str) -> dict[str, object]:
        return {
            "code": error.code,
            "message": message,
            "hint": error.hint,
            "exit": error.exit_code,
            "retryable": error.retryable,
            "request_id": error.request_id,
            "profile": self.profile,
            **({"faults": error.faults} if isinstance(error, FaultyFile) else {}),
        }

    def tell_undo(self) -> None:
        """Say to a person at a terminal how to take back what was just done, if that can be."""
        if self.undoable and sys.stderr.isatty():
            self.note(f"undo: gamify operations undo {self.undoable}")

    def clear(self) -> None:
        """Take the bar away, if there is one."""
        if self.bar:
            self.bar.clear()

    def _print(self, line: str) -> None:
        """A message that cannot be delivered changes nothing of what the command does."""
        self.clear()
        try:
            print(line, file=sys.stderr, flush=True)
        except OSError:
            sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (to the end)
