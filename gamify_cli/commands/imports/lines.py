"""The lines of a file or stream, in chunks: of any length, packed or not, never held as a whole."""

from __future__ import annotations

import os
import sys
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from select import select
from stat import S_ISREG
from typing import Any, NamedTuple, cast

from gamify_cli.domain import vocabulary
from gamify_cli.errors import Conflict, GamifyError, UsageError

_CHUNK = 256 * 1024
"""Bytes of text at a time: what comes of them stays in a processor's cache while it is checked."""

_LONGEST = vocabulary.MAX_BODY

_LONGEST_OF_JOURNAL = 64 * 1024 * 1024
"""A whole program is one line."""

_JOURNAL = b'{"gamify_journal"'
_FOREIGN = {
    _JOURNAL: "a journal: import it with --journal, into an empty store",
    b"\x1f\x8b": "packed by gzip: give it a name that ends in .gz, or unpack it first",
    b"\xff\xfe": "UTF-16: save it as UTF-8",
    b"\xfe\xff": "UTF-16: save it as UTF-8",
    b"PK\x03\x04": "an archive or a workbook: save it as CSV in UTF-8",
    b"SQLite format 3": "a database, and no text",
}
"""What a file that begins so is, in place of lines of text."""


class Chunk(NamedTuple):
    """Lines without their ends, or why one is none; `first` is the number of the first."""

    first: int
    lines: list[str | GamifyError]
    is_clean: bool


class Input:
    """What is read. `hash` is the SHA-256 of a file, None for a stream.

    `is_file` if it can be read again, `share` how much of it was read, None if nobody knows.
    """

    def __init__(
        self,
        file: BufferedReader,
        name: str,
        *,
        is_named: bool,
        once: bool,
        is_journal: bool = False,
    ) -> None:
        """`once` if no hash is wanted ahead; then it is there when all is read."""
        self.name = name
        self._longest = _LONGEST_OF_JOURNAL if is_journal else _LONGEST
        self._is_journal = is_journal
        self.hash: str | None = None
        self._file = file
        self._status = _status(file)
        self.is_file = is_named and self._status is not None and S_ISREG(self._status.st_mode)
        self._bytes = _Bytes(file, self._status.st_size if self._status else 0)
        if self.is_file:
            self._bytes.most = self._bytes.size
            if not once:
                self.hash = self._hashed()
        self._packed: Any = None
        if name.lower().endswith(".gz"):
            import gzip

            self._packed = gzip.GzipFile(fileobj=cast(Any, self._bytes))

    @property
    def share(self) -> float | None:
        return self._bytes.taken / self._bytes.size if self._bytes.size else None

    @property
    def size(self) -> int:
        """How many bytes there are to read, 0 if nobody knows."""
        return self._bytes.size

    @property
    def would_wait(self) -> bool:
        """Whether there is nothing to read just now."""
        if self._status is None or S_ISREG(self._status.st_mode):
            return False
        return not select([self._file], [], [], 0)[0]

    def is_same(self, status: os.stat_result) -> bool:
        """Whether this is the file with that status."""
        return self._status is not None and os.path.samestat(self._status, status)

    def chunks(self) -> Iterator[Chunk]:
        """All lines; raises UsageError where it cannot be read on."""
        number, rest = 1, b""
        while data := self._read():
            end = data.rfind(b"\n")
            if end < 0:
                # More of a line that is too long already is not worth its memory.
                rest = (rest + data)[: self._longest + 1]
                continue
            yield (chunk := self._chunk(number, rest + data[:end]))
            number += len(chunk.lines)
            rest = data[end + 1 :]
        if rest:
            yield self._chunk(number, rest)

    def require_unchanged(self) -> str | None:
        """What is to be told of a file that grew; raises Conflict if it has other content now."""
        if not self.is_file:
            return None
        digest = self._bytes.digest.hexdigest()
        if self.hash not in (None, digest):
            raise Conflict(f"{self.name} was changed while it was read")
        self.hash = digest
        if os.fstat(self._file.fileno()).st_size > self._bytes.size:
            return f"warning: {self.name} grew while it was read; what came is not imported"
        return None

    def _chunk(self, number: int, data: bytes) -> Chunk:
        if number == 1:
            for beginning, what in _FOREIGN.items():
                if data.startswith(beginning) and not (self._is_journal and beginning == _JOURNAL):
                    raise UsageError(f"{self.name} is {what}")
            data = data.removeprefix(BOM_UTF8)
        return _decoded(number, data, self._longest)

    def _read(self) -> bytes:
        """More bytes, none at the end; what a pipe has ready is not held back."""
        try:
            if self._packed:
                return cast(bytes, self._packed.read(_CHUNK))
            return self._bytes.read(_CHUNK)
        except EOFError:
            raise UsageError(f"{self.name} is cut short: its gzip data have no end") from None
        except zlib.error as error:
            raise UsageError(f"{self.name} is damaged: {error}") from None
        except OSError as error:
            # Of gzip data, what is wrong with them has no name of the system's.
            reason = error.strerror or f"it is damaged: {error}"
            raise UsageError(f"cannot read {self.name}: {reason}") from error

    def _hashed(self) -> str:
        """The hash of all that there is now, which is read again then."""
        from hashlib import file_digest

        try:
            digest = file_digest(self._file, "sha256").hexdigest()
            self._bytes.most = self._bytes.size = self._file.tell()
            self._file.seek(0)
        except OSError as error:
            raise UsageError(f"cannot read {self.name}: {error.strerror}") from error
        return digest


class _Bytes:
    """The bytes of a file as long as it was, or of a stream as they come.

    `size` is how many there are, 0 if nobody knows, `most` how many are read, None for all.
    """

    def __init__(self, file: BufferedReader, size: int) -> None:
        from hashlib import sha256

        self.size = size
        self.most: int | None = None
        self.taken = 0
        self.digest = sha256()
        self._file = file

    def read(self, size: int) -> bytes:
        """So many bytes, fewer at the end; of a stream those that are ready."""
        if self.most is None:
            data = self._file.read1(size)
        else:
            data = self._file.read(min(size, self.most - self.taken))
            self.digest.update(data)
        self.taken += len(data)
        return data


@contextmanager
def opened(path: str, *, once: bool, is_journal: bool = False) -> Iterator[Input]:
    """A file, or stdin for `-`; raises UsageError if it cannot be read."""
    how = {"once": once, "is_journal": is_journal}
    if path == "-":
        if sys.stdin is None:
            raise UsageError("stdin is closed, so there is nothing to read")
        yield Input(cast(BufferedReader, sys.stdin.buffer), "stdin", is_named=False, **how)
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(path).open("rb"))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(f"cannot read {path}: {reason}") from error
        yield Input(file, path, is_named=True, **how)


def _status(file: BufferedReader) -> os.stat_result | None:
    try:
        return os.fstat(file.fileno())
    except OSError:
        return None


def _decoded(number: int, data: bytes, longest: int) -> Chunk:
    """The lines of a chunk; raises nothing."""
    try:
        lines = data.decode("utf-8").split("\n")
        # A character has up to four bytes.
        if max(map(len, lines)) <= longest // 4:
            return Chunk(number, cast("list[str | GamifyError]", lines), is_clean=True)
    except UnicodeDecodeError:
        pass
    every = [_line(line, longest) for line in data.split(b"\n")]
    return Chunk(number, every, is_clean=all(isinstance(one, str) for one in every))


def _line(data: bytes, longest: int) -> str | GamifyError:
    if len(data) > longest:
        return UsageError(f"a line has at most {longest:,} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return UsageError(f"the line is not UTF-8 (byte {error.start})")
