"""Files of events in JSON Lines: read in groups, each line checked on its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BufferedReader
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple, cast

from gamify_cli.backend import Entry
from gamify_cli.domain import instants, jsontext, vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import GamifyError, UsageError, nearest

GROUP = 5_000
_CHUNK_BYTES = 1024 * 1024
_TEXT, _OBJECT = "text", "an object"
_MEMBERS = {
    "participant_id": (_TEXT, str),
    "event_name": (_TEXT, str),
    "properties": (_OBJECT, dict),
    "timestamp": (_TEXT, str),
    "idempotency_key": (_TEXT, str),
}
_NEEDED = ("participant_id", "event_name")


class Line(NamedTuple):
    """A line with its number: whose event it is, as far as it tells, and the event or its fault."""

    number: int
    participant_id: str | None
    entry: Entry | GamifyError


class EventFile:
    """The events in a file, or in stdin for `-`; `share` of it is read, None for a pipe."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.share: float | None = None

    def groups(self, now: Instant, key: str | None) -> Iterator[list[Line]]:
        """Events as they come, at most GROUP at a time.

        An event without a key of its own has `key` with the number of its line, if there is
        one. Raises UsageError if the file is unreadable.
        """
        name = "stdin" if self._path == "-" else self._path
        try:
            with _opened(self._path) as file:
                size = _size(file)
                for lines in _read(file):
                    self.share = file.tell() / size if size else None
                    for start in range(0, len(lines), GROUP):
                        yield [_line(*one, now, key) for one in lines[start : start + GROUP]]
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(f"cannot read {name}: {reason}") from error


def _size(file: BufferedReader) -> int | None:
    """How many bytes a file has, None for what is none."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    return status.st_size if S_ISREG(status.st_mode) else None


def _opened(path: str) -> AbstractContextManager[BufferedReader]:
    if path != "-":
        return Path(path).open("rb")
    if sys.stdin is None:
        raise UsageError("stdin is closed, so there is nothing to read")
    return nullcontext(cast(BufferedReader, sys.stdin.buffer))


def _read(file: BufferedReader) -> Iterator[list[tuple[int, bytes]]]:
    """Lines that are not blank, with their numbers; what a pipe has ready is not held back."""
    rest, number = b"", 1
    while chunk := file.read1(_CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        # More of a line that is too long already is not worth its memory.
        rest = rest[: vocabulary.MAX_BODY + 1]
        yield [one for one in enumerate(lines, number) if one[1].strip()]
        number += len(lines)
    if rest.strip():
        yield [(number, rest)]


def _line(number: int, text: bytes, now: Instant, key: str | None) -> Line:
    one = None
    try:
        members = _members(text)
        one = vocabulary.participant_id(members.pop("participant_id"))
        if key is not None:
            members.setdefault("idempotency_key", f"{key}.{number}")
        return Line(number, one, _entry(number, one, members, now))
    except UsageError as error:
        return Line(number, one, error)


def _entry(number: int, participant_id: str, members: dict[str, Any], now: Instant) -> Entry:
    key = members.pop("idempotency_key", None)
    if key is not None:
        vocabulary.idempotency_key(key)
    if "timestamp" in members:
        members["timestamp"] = instants.parse(members["timestamp"], now)
    return Entry(number, participant_id, members, key)


def _members(text: bytes) -> dict[str, Any]:
    """The members given; raises UsageError unless they are those of an event."""
    if len(text) > vocabulary.MAX_BODY:
        raise UsageError(f"a line has at most {vocabulary.MAX_BODY:,} bytes")
    value = jsontext.loads(text, "the line", written=True)
    if not isinstance(value, dict):
        raise UsageError("the line must be a JSON object")
    for name, given in value.items():
        if name not in _MEMBERS:
            hint = nearest(name, _MEMBERS) or f"the fields are {', '.join(_MEMBERS)}"
            raise UsageError(f'unknown field "{name}"', hint=hint)
        wanted, type_ = _MEMBERS[name]
        if not isinstance(given, type_) and (given is not None or name in _NEEDED):
            raise UsageError(f"{name} must be {wanted}")
    for name in _NEEDED:
        if name not in value:
            raise UsageError(f'the line lacks "{name}"')
    return {name: given for name, given in value.items() if given is not None}
