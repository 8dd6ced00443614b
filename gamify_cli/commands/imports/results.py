"""A file that tells what came of each row, a line of JSON each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from gamify_cli.commands.imports.lines import Input
from gamify_cli.domain import jsontext
from gamify_cli.errors import Unavailable, UsageError

_Result = TypeVar("_Result")
_BEGINNING = b'{"line":'


class Results:
    """The file; `last` is the number of the last line that it tells of.

    Raises UsageError where it cannot be opened, or is another file that is there already, and
    Unavailable where it cannot be written on.
    """

    def __init__(self, path: str, source: Input) -> None:
        self.path = path
        self.last = 0
        try:
            self._file, self._is_regular = _opened(path)
            if self._is_regular:
                self._require_own(source)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(f"cannot write {path}: {reason}") from error

    def begin(self, done: int) -> None:
        """Keep what is told of the first lines, so many, and go on behind it."""
        if self._is_regular:
            self._guarded(lambda: self._cut(done))

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        """Tell of more rows, which no crash of this program takes away."""
        text = "".join(jsontext.compact(row) + "\n" for row in rows)
        self._guarded(lambda: self._file.write(text.encode()))
        self._guarded(self._file.flush)

    def close(self) -> None:
        """Close the file."""
        self._guarded(self._file.close)

    def _require_own(self, source: Input) -> None:
        if source.is_same(os.fstat(self._file.fileno())):
            raise UsageError("--results names the file that is imported")
        if self._file.read(len(_BEGINNING)) not in (b"", _BEGINNING):
            raise UsageError(
                f"{self.path} is there already, and holds no results",
                hint="name another file for --results",
            )

    def _cut(self, done: int) -> None:
        place = 0
        self._file.seek(0)
        for line in self._file:
            number = _number(line)
            if number is None or number > done:
                break
            self.last = number
            place += len(line)
        self._file.seek(place)
        self._file.truncate()

    def _guarded(self, act: Callable[[], _Result]) -> _Result:
        try:
            return act()
        except OSError as error:
            raise Unavailable(f"cannot write {self.path}: {error.strerror}") from error


def _opened(path: str) -> tuple[BinaryIO, bool]:
    """The file, for its owner alone, and whether it is one; a pipe takes what comes."""
    file = Path(path)
    if file.exists() and not file.is_file():
        return file.open("wb"), False
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "r+b"), True


def _number(line: bytes) -> int | None:
    """Of which line a result tells; None for one that was cut off."""
    try:
        number = json.loads(line)["line"]
    except (ValueError, LookupError, TypeError):
        return None
    return number if isinstance(number, int) and line.endswith(b"\n") else None
