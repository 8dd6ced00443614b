"""Files of reward codes, one a line: checked as a whole, then read again in groups."""

from __future__ import annotations

import shutil
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from gamify_cli.domain import vocabulary
from gamify_cli.errors import FaultyFile, UsageError

GROUP = 5_000
TOLD = 20
"""So many faults are told."""

_LONGEST = 4 * vocabulary.MAX_REWARD_CODE + 2
"""Bytes of a line that tell that it is too long; UTF-8 has up to 4 a character."""


class CodeFile:
    """Codes that were all found good, and the fingerprint of their file."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        """Read all of it once. Raises FaultyFile, with the place of each fault."""
        from hashlib import sha256

        self._file = file
        digest, faults, count, total = sha256(), [], 0, 0
        for total, line in self._lines():
            digest.update(line + b"\n")
            try:
                _code(line)
            except UsageError as error:
                count += 1
                faults += [f"{name}:{total}: {error.message}"] * (count <= TOLD)
        if count:
            if count > TOLD:
                faults.append(f"… and {count - TOLD:,} more")
            many = "1 fault" if count == 1 else f"{count:,} faults"
            raise FaultyFile(f"{name} has {many}; nothing was loaded", faults=faults)
        self.fingerprint = digest.hexdigest()
        self._total = total

    def groups(self, watch: Callable[[int, float], None]) -> Iterator[list[str]]:
        """The codes in their order, GROUP at a time; `watch` hears how many are taken."""
        codes, taken = (_code(line) for _, line in self._lines()), 0
        while group := list(islice(codes, GROUP)):
            yield group
            taken += len(group)
            watch(taken, taken / self._total)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """Lines with their numbers, split on \\n alone; of one that is too long, the beginning."""
        self._file.seek(0)
        number = 0
        while line := self._file.readline(_LONGEST):
            number += 1
            # A byte order mark is the file's; in a code nobody would see it.
            code = line.removeprefix(BOM_UTF8) if number == 1 else line
            yield number, code.removesuffix(b"\n")
            while line and not line.endswith(b"\n"):
                line = self._file.readline(_LONGEST)


@contextmanager
def opened(path: str) -> Iterator[CodeFile]:
    """The codes in a file, or in stdin for `-`; what cannot be read twice is kept on disk.

    Raises UsageError if it is unreadable, FaultyFile.
    """
    from tempfile import TemporaryFile

    name = "stdin" if path == "-" else path
    with TemporaryFile() as copy:
        try:
            if path == "-":
                if sys.stdin is None:
                    raise UsageError("stdin is closed, so there is nothing to read")
                shutil.copyfileobj(sys.stdin.buffer, copy)
            else:
                with Path(path).open("rb") as file:
                    shutil.copyfileobj(file, copy)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(f"cannot read {name}: {reason}") from error
        yield CodeFile(copy, name)


def _code(line: bytes) -> str:
    if len(line) > 4 * vocabulary.MAX_REWARD_CODE:
        raise UsageError(f"a reward code has at most {vocabulary.MAX_REWARD_CODE} characters")
    try:
        return vocabulary.reward_code(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UsageError(f"is not UTF-8 (byte {error.start})") from None
