"""The participants that a command line names: one, several, or those on stdin."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from io import BufferedReader
from itertools import groupby
from typing import cast

from gamify_cli.errors import UsageError

BATCH = 500
_CHUNK_BYTES = 64 * 1024
_MAX_LINE_BYTES = 64 * 1024


class Ids:
    """Ids in the order given, read in batches; `-` stands for those on stdin, one a line.

    `many` tells whether several were asked for, even if stdin turns out to hold one or none.
    """

    def __init__(self, given: Sequence[str]) -> None:
        if list(given).count("-") > 1:
            raise UsageError("- (ids on stdin) may be given once")
        self.from_stdin = "-" in given
        self.many = self.from_stdin or len(given) > 1
        self._given = given
        self._read: list[str] | None = None
        self._lines = 0

    def share(self, done: int) -> float | None:
        """What share of all so many are, 0 to 1, if their number is known by now."""
        known = self._given if self._read is None and not self.from_stdin else self._read
        return done / len(known) if known else None

    def count(self) -> int:
        """How many there are; reads all of stdin for it."""
        self._read = [one for batch in self.batches() for one in batch]
        return len(self._read)

    def batches(self) -> Iterator[list[str]]:
        """Ids as they come, at most BATCH at a time; what a pipe has ready is not held back."""
        if self._read is not None:
            yield from _batched(self._read)
            return
        for is_stdin, named in groupby(self._given, key="-".__eq__):
            yield from self._counted() if is_stdin else _batched([*named])

    def place(self, item: int) -> str | None:
        """Where an id of a batch came from, if it was stdin; `item` counts ids from 0."""
        line = item - self._given.index("-") + 1 if self.from_stdin else 0
        return f"stdin line {line:,}" if 1 <= line <= self._lines else None

    def _counted(self) -> Iterator[list[str]]:
        for batch in _lines():
            if not self._lines:
                _check_mark(batch[0])
            self._lines += len(batch)
            yield batch


def _batched(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _lines() -> Iterator[list[str]]:
    """Lines of stdin, split on \\n alone; a byte that is not UTF-8 becomes a lone surrogate."""
    if sys.stdin is None:
        raise UsageError("stdin is closed, so there are no ids to read")
    rest = b""
    stdin = cast(BufferedReader, sys.stdin.buffer)
    while chunk := _read(stdin):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _MAX_LINE_BYTES:
            raise UsageError("stdin has a line that is far too long to be an id")
        yield from _batched([_text(line) for line in lines])
    if rest:
        yield [_text(rest)]


def _check_mark(first: str) -> None:
    """Raise UsageError for a byte order mark; to drop it could turn one id into another."""
    if first.startswith("\ufeff"):
        raise UsageError(
            "stdin begins with a byte order mark (U+FEFF), which is no part of an id",
            hint=r"strip it: sed '1s/^\xEF\xBB\xBF//'",
        )


def _read(stdin: BufferedReader) -> bytes:
    try:
        return stdin.read1(_CHUNK_BYTES)
    except OSError as error:
        raise UsageError(f"cannot read stdin: {error.strerror}") from error


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors="surrogateescape")
