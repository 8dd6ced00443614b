"""How fast do events come in that earn points and tick a streak, beside their bare rows?"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import subprocess
import tempfile
import time
from itertools import groupby
from pathlib import Path

import installed
from figures import Figure, show

from gamify_cli.backend import Operation, Write
from gamify_cli.store import file
from gamify_cli.store.local import LocalStore

EVENTS = 20_000
PEOPLE = 2_000
REPEATS = 3
_GROUP = 500
_PROGRAM = """
name = "bench"
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
rules = [{ code = "login", event = "login", points = 5, streak = "daily" }]
"""


def figures() -> list[Figure]:
    """Imports by the installed command, in turns with a loop that writes the rows it wrote."""
    installed.install()
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "program.toml").write_text(_PROGRAM, encoding="utf-8")
        (folder / "events.jsonl").write_text(_events(), encoding="utf-8")
        for repeat in range(REPEATS):
            store = folder / f"ours-{repeat}.db"
            ours.append(_import(folder, store))
            bare.append(_by_hand(store, folder / f"bare-{repeat}.db"))
    took, hand = statistics.median(ours), statistics.median(bare)
    return [
        Figure(
            f"events import of {EVENTS:,} with a rule and a streak each",
            EVENTS / took,
            3_000,
            "events/s",
            f"{took:.2f} s from start to end",
            at_least=True,
        ),
        Figure(
            "events import / a loop that writes the same rows",
            hand / took,
            0.5,
            "x",
            f"{EVENTS / took:,.0f}/s / {EVENTS / hand:,.0f}/s",
            at_least=True,
        ),
    ]


def _events() -> str:
    """Logins of random people on ten days, in order of time."""
    rng = random.Random(3)
    lines = []
    for number in range(EVENTS):
        day = 1 + number * 10 // EVENTS
        event = {
            "participant_id": f"user_{rng.randrange(PEOPLE)}",
            "event_name": "login",
            "timestamp": f"2026-02-{day:02}T{rng.randrange(24):02}:00:00Z",
        }
        lines.append(json.dumps(event))
    return "\n".join(lines) + "\n"


def _import(folder: Path, store: Path) -> float:
    command = [str(installed.GAMIFY), "--store", str(store), "-q"]
    env = installed.environment()
    program = [*command, "program", "apply", str(folder / "program.toml")]
    subprocess.run(program, env=env, check=True, stdout=subprocess.DEVNULL)
    start = time.perf_counter()
    with (folder / "events.jsonl").open("rb") as events:
        importing = [*command, "events", "import", "-", "-o", "jsonl"]
        subprocess.run(importing, env=env, check=True, stdin=events, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _by_hand(source: Path, target: Path) -> float:
    """Each event: read the row, append its facts, save the row; commits in groups."""
    reading = sqlite3.connect(source)
    columns = len(reading.execute("SELECT * FROM journal LIMIT 1").fetchone())
    facts = reading.execute("SELECT * FROM journal ORDER BY recorded_at, rowid").fetchall()
    rows = {row[0]: row for row in reading.execute("SELECT * FROM participants")}
    reading.close()
    connection = _made(target)
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for number, (one, group) in enumerate(groupby(facts, key=lambda fact: fact[0])):
        connection.execute("SELECT * FROM participants WHERE participant_id = ?", (one,)).fetchone()
        marks = ", ".join("?" * len(rows[one]))
        connection.execute(f"INSERT OR REPLACE INTO participants VALUES ({marks})", rows[one])
        connection.executemany(
            f"INSERT INTO journal VALUES ({', '.join('?' * columns)})", list(group)
        )
        if number % _GROUP == _GROUP - 1:
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def _made(path: Path) -> sqlite3.Connection:
    """An empty store of the same schema; without foreign keys, which a replaced row would break."""
    made = LocalStore(path, timeout=10)
    made.points.award("first", {"amount": 1}, Write(Operation("op", "", "")))
    made.close()
    connection = file.connect(path)
    connection.execute("PRAGMA foreign_keys=OFF")
    return connection


if __name__ == "__main__":
    show(figures)
