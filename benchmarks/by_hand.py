"""An importer of events as one writes it by hand, for a store that gamify filled from them before.

    python -I by_hand.py FILLED TARGET SIZE < events.jsonl

For each line it decodes the event, makes a digest of it, so that it can be told from others,
reads the participant's row with the state in it, saves the row, appends the facts of the event
and keeps its request, whose key is unique; it commits groups of SIZE events as durably as gamify
does. The values that it saves it knows from the store FILLED, which is ahead of TARGET by these
events: it decides nothing and checks nothing, but turns values into JSON as whoever writes these
rows must. It prints the seconds that it takes to read FILLED, to be left out.
"""

from __future__ import annotations

import gc
import json
import sqlite3
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby, islice
from typing import Any

Row = tuple[Any, ...]

_FIND = "SELECT * FROM participants WHERE participant_id = ?"
_NUMBER, _DATA, _CAUSE = 1, 3, 6
_ANSWER = 5
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SORTED = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Known:
    """What gamify wrote: each participant's row, its events with their facts, and requests."""

    def __init__(self, filled: str, target: str) -> None:
        connection = sqlite3.connect(filled)
        connection.execute("ATTACH ? AS target", (target,))
        participants = connection.execute("SELECT * FROM participants")
        names = [column[0] for column in participants.description]
        self.state = names.index("state")
        self.rows = {row[0]: _decoded(row, self.state) for row in participants}
        self.events: dict[str, deque[list[Row]]] = defaultdict(deque)
        facts = (_decoded(row, _DATA) for row in _new(connection, "journal", "1, 2"))
        for (one, _), event in groupby(facts, _event):
            self.events[one].append(list(event))
        requests = [_decoded(row, _ANSWER) for row in _new(connection, "requests", "rowid")]
        self.requests = {row[_ANSWER]["event_id"]: row for row in requests}
        self.update = f"UPDATE participants SET {' = ?, '.join(names)} = ? WHERE participant_id = ?"
        self.insert = f"INSERT INTO participants VALUES ({_places(len(names))})"
        self.append = f"INSERT INTO journal VALUES ({_places(11)})"
        self.keep = f"INSERT INTO requests VALUES ({_places(7)})"
        connection.close()


def _new(connection: sqlite3.Connection, table: str, order: str) -> Iterator[Row]:
    """The rows that the other store does not have yet."""
    (known,) = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM target.{table}").fetchone()
    return connection.execute(f"SELECT * FROM {table} WHERE rowid > ? ORDER BY {order}", (known,))


def load(known: Known, target: str, size: int) -> None:
    """Import the events of stdin."""
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    while group := list(islice(sys.stdin, size)):
        connection.execute("BEGIN IMMEDIATE")
        for line in group:
            _record(connection, known, line)
        connection.execute("COMMIT")
    connection.close()


def _record(connection: sqlite3.Connection, known: Known, line: str) -> None:
    event = json.loads(line)
    one, _ = event["participant_id"], sha256(_SORTED(event).encode()).hexdigest()
    row = _encoded(known.rows[one], known.state)
    if before := connection.execute(_FIND, (one,)).fetchone():
        _decoded(before, known.state)
        connection.execute(known.update, (*row, one))
    else:
        connection.execute(known.insert, row)
    facts = known.events[one].popleft()
    connection.executemany(known.append, [_encoded(fact, _DATA) for fact in facts])
    request = known.requests[_event_id(facts)]
    connection.execute(known.keep, _encoded(request, _ANSWER))


def _event(fact: Row) -> tuple[str, int]:
    """The event to which a fact belongs: what it was caused by, or itself."""
    return fact[0], fact[_CAUSE] or fact[_NUMBER]


def _event_id(facts: list[Row]) -> str:
    (event,) = (fact for fact in facts if fact[_CAUSE] is None)
    found: str = event[_DATA]["id"]
    return found


def _places(count: int) -> str:
    return ", ".join("?" * count)


def _decoded(row: Row, place: int) -> Row:
    """A row with the JSON in one place as a value."""
    return (*row[:place], json.loads(row[place]), *row[place + 1 :])


def _encoded(row: Row, place: int) -> Row:
    """A row with the value in one place as JSON."""
    return (*row[:place], _COMPACT(row[place]), *row[place + 1 :])


if __name__ == "__main__":
    start = time.perf_counter()
    known = Known(sys.argv[1], sys.argv[2])
    # What it knows is no garbage of its own: looking through it would slow the loop alone.
    gc.collect()
    gc.freeze()
    print(time.perf_counter() - start)
    load(known, sys.argv[2], int(sys.argv[3]))
