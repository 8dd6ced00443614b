"""A journal as a file: all that a store is made of, as JSON Lines.

    {"gamify_journal": 1, "schema": "0001", "store": identity, "exported_at": time}
    {"operation": {…}}                a row a line, with its columns in their order
    …
    {"end": {"operation": 1, …, "sha256": hash of all lines between the first and this one}}

Kinds come in the order of ROWS, rows in the order of their keys: the facts of a participant
stand together, by their numbers. Each row is a JSON object, with JSON inside it as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

Body = dict[str, Any]

FORMAT = 1
HEADER = "gamify_journal"
END = "end"

_TEXT, _NUMBER, _OBJECT = (str,), (int,), (dict,)
_NONE = (type(None),)
_MAY_BE_TEXT, _MAY_BE_NUMBER = _TEXT + _NONE, _NUMBER + _NONE


class Row(NamedTuple):
    """A kind of row: its columns with the types of their values, and how many are its key.

    `document` is the column that holds JSON.
    """

    columns: Mapping[str, tuple[type, ...]]
    key: int
    document: str | None = None


ROWS: Mapping[str, Row] = {
    "operation": Row(
        {
            "operation": _TEXT,
            "command": _TEXT,
            "actor": _TEXT,
            "recorded_at": _NUMBER,
            "program": _MAY_BE_NUMBER,
            "participants": _NUMBER,
            "facts": _NUMBER,
            "input": _MAY_BE_TEXT,
            "lines": _MAY_BE_NUMBER,
            "finished": _MAY_BE_NUMBER,
            "undone_by": _MAY_BE_TEXT,
        },
        key=1,
    ),
    "program": Row(
        {"version": _NUMBER, "document": _OBJECT, "applied_at": _NUMBER, "operation": _TEXT},
        key=1,
        document="document",
    ),
    "stock": Row(
        {
            "reward_id": _TEXT,
            "code": _TEXT,
            "remaining": _NUMBER,
            "claim_id": _MAY_BE_TEXT,
            "participant_id": _MAY_BE_TEXT,
            "operation": _MAY_BE_TEXT,
        },
        key=2,
    ),
    "request": Row(
        {
            "participant_id": _TEXT,
            "operation_name": _TEXT,
            "idempotency_key": _TEXT,
            "fingerprint": _TEXT,
            "status": _NUMBER,
            "answer": _OBJECT,
            "recorded_at": _NUMBER,
        },
        key=3,
        document="answer",
    ),
    "fact": Row(
        {
            "participant_id": _TEXT,
            "number": _NUMBER,
            "kind": _TEXT,
            "data": _OBJECT,
            "occurred_at": _NUMBER,
            "recorded_at": _NUMBER,
            "cause": _MAY_BE_NUMBER,
            "operation": _TEXT,
            "command": _MAY_BE_TEXT,
            "actor": _MAY_BE_TEXT,
            "program": _MAY_BE_NUMBER,
        },
        key=2,
        document="data",
    ),
}
"""Every kind, in the order in which they come; instants are as in a store."""


def header(schema: str, store: str | None, exported_at: str) -> Body:
    """The first line; `store` is the identity of the one that it is of, if there is one."""
    return {HEADER: FORMAT, "schema": schema, "store": store, "exported_at": exported_at}


class Seal:
    """What the last line tells of all between it and the first: how many of each, and their hash.

    The same is counted by who writes a file and by who reads it.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._hash = sha256()

    def add(self, kinds: Iterable[str], text: str) -> None:
        """Count rows of these kinds, which are these lines of the file, each with its end."""
        self.counts.update(kinds)
        self._hash.update(text.encode())

    def end(self) -> Body:
        """The last line."""
        counts = {kind: self.counts[kind] for kind in ROWS}
        return {END: {**counts, "sha256": self._hash.hexdigest()}}
