"""An importer of events as one writes it by hand, for a store that gamify filled from them before.

    python -I by_hand.py FILLED TARGET SIZE < events.jsonl

For each line it decodes the event, reads the participant's row with the state in it, saves the
row, appends the facts of the event and answers with a line; it commits groups of SIZE events as
durably as gamify does. The values that it saves it knows from the store FILLED: it decides
nothing and checks nothing, but turns values into JSON as whoever writes these rows must. The
seconds that it takes to read FILLED go to stderr, to be left out.
"""

from __future__ import annotations

import gc
import json
import sqlite3
import sys
import time
from itertools import groupby, islice
from typing import Any

Row = tuple[Any, ...]

_FIND = "SELECT * FROM participants WHERE participant_id = ?"
_NUMBER, _DATA, _CAUSE = 1, 3, 6
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Known:
    """What gamify wrote: the last row of each participant, and the facts of each event."""

    def __init__(self, path: str) -> None:
        connection = sqlite3.connect(path)
        participants = connection.execute("SELECT * FROM participants")
        names = [column[0] for column in participants.description]
        self.state = names.index("state")
        self.rows = {row[0]: _decoded(row, self.state) for row in participants}
        journal = connection.execute("SELECT * FROM journal ORDER BY rowid")
        facts = [_decoded(row, _DATA) for row in journal]
        connection.close()
        self.facts = [list(group) for _, group in groupby(facts, _event)]
        self.ids = [_event_id(group) for group in self.facts]
        self.update = f"UPDATE participants SET {' = ?, '.join(names)} = ? WHERE participant_id = ?"
        self.insert = f"INSERT INTO participants VALUES ({', '.join('?' * len(names))})"
        self.append = f"INSERT INTO journal VALUES ({', '.join('?' * len(facts[0]))})"


def load(known: Known, target: str, size: int) -> None:
    """Import the events of stdin."""
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    lines = enumerate(sys.stdin)
    while group := list(islice(lines, size)):
        connection.execute("BEGIN IMMEDIATE")
        answers = [_record(connection, known, number, line) for number, line in group]
        connection.execute("COMMIT")
        sys.stdout.writelines(answers)
        sys.stdout.flush()
    connection.close()


def _record(connection: sqlite3.Connection, known: Known, number: int, line: str) -> str:
    one = json.loads(line)["participant_id"]
    row = _encoded(known.rows[one], known.state)
    if before := connection.execute(_FIND, (one,)).fetchone():
        _decoded(before, known.state)
        connection.execute(known.update, (*row, one))
    else:
        connection.execute(known.insert, row)
    connection.executemany(known.append, [_encoded(fact, _DATA) for fact in known.facts[number]])
    answer = {"line": number + 1, "participant_id": one, "ok": True, "event_id": known.ids[number]}
    return json.dumps(answer) + "\n"


def _event(fact: Row) -> tuple[str, int]:
    """The event to which a fact belongs: what it was caused by, or itself."""
    return fact[0], fact[_CAUSE] or fact[_NUMBER]


def _event_id(facts: list[Row]) -> str:
    (event,) = (fact for fact in facts if fact[_CAUSE] is None)
    found: str = event[_DATA]["id"]
    return found


def _decoded(row: Row, place: int) -> Row:
    """A row with the JSON in one place as a value."""
    return (*row[:place], json.loads(row[place]), *row[place + 1 :])


def _encoded(row: Row, place: int) -> Row:
    """A row with the value in one place as JSON."""
    return (*row[:place], _COMPACT(row[place]), *row[place + 1 :])


if __name__ == "__main__":
    start = time.perf_counter()
    known = Known(sys.argv[1])
    # What it knows is no garbage of its own: looking through it would slow the loop alone.
    gc.collect()
    gc.freeze()
    print(time.perf_counter() - start, file=sys.stderr)
    load(known, sys.argv[2], int(sys.argv[3]))
