"""A file that tells what came of each row, a line of JSON each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from gamify_cli.commands.imports.lines import Input
from gamify_cli.domain import jsontext
from gamify_cli.errors import Unavailable, UsageError

_Result = TypeVar("_Result")
_BEGINNING = b'{"line":'


class Results:
    """The file; `last` is the number of the last line that it tells of.

    `is_regular` if it can be read back. Raises Unavailable where it cannot be written on.
    """

    def __init__(self, path: str, file: BinaryIO, *, is_regular: bool) -> None:
        self._path = path
        self._file = file
        self._is_regular = is_regular
        self.last = 0

    def begin(self, done: int) -> None:
        """Keep what is told of the first lines, so many, and go on behind it."""
        if self._is_regular:
            self._guarded(lambda: self._cut(done))

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        """Tell of more rows, which no crash of this program takes away."""
        text = "".join(jsontext.compact(row) + "\n" for row in rows)
        self._guarded(lambda: self._file.write(text.encode()))
        self._guarded(self._file.flush)

    def require_own(self, source: Input) -> None:
        """Raise UsageError for a file that is there already, unless it holds results."""
        if not self._is_regular:
            return
        if source.is_same(os.fstat(self._file.fileno())):
            raise UsageError("--results names the file that is imported")
        if self._file.read(len(_BEGINNING)) not in (b"", _BEGINNING):
            raise UsageError(
                f"{self._path} is there already, and holds no results",
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
            raise Unavailable(f"cannot write {self._path}: {error.strerror}") from error


@contextmanager
def opened(path: str | None, source: Input) -> Iterator[Results | None]:
    """The results of an import, if they have a place; raises UsageError for one of other use."""
    if path is None:
        yield None
        return
    with ExitStack() as stack:
        try:
            file, is_regular = _file(path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(f"cannot write {path}: {reason}") from error
        results = Results(path, stack.enter_context(file), is_regular=is_regular)
        results.require_own(source)
        yield results


def _file(path: str) -> tuple[BinaryIO, bool]:
    """The file, for its owner alone, and whether it is one; a pipe takes what comes."""
    place = Path(path)
    if place.exists() and not place.is_file():
        return place.open("wb"), False
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "r+b"), True


def _number(line: bytes) -> int | None:
    """Of which line a result tells; None for one that was cut off."""
    try:
        number = json.loads(line)["line"]
    except (ValueError, LookupError, TypeError):
        return None
    return number if isinstance(number, int) and line.endswith(b"\n") else None
