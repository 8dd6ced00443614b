"""How fast do participants come in, beside what loads bare rows, and with how much memory?"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import inputs
import installed
from figures import Figure, ratio, show
from inputs import People
from installed import Cost
from sizes import size

PARTICIPANTS = size(1_000_000, 20_000)
UPSERTED = size(50_000, 20_000)
ROUNDS = size(3, 2)
_MIB = 1024
_TABLE = "CREATE TABLE participants (participant_id TEXT PRIMARY KEY, display_name, attributes)"

Load = Callable[[People, Path], Cost]


def figures() -> list[Figure]:
    """Each of the other two in turns with the installed command, into new files."""
    installed.install()
    all_of_them, some = inputs.people(PARTICIPANTS), inputs.people(UPSERTED)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        ours, bare = _in_turns(place, all_of_them, PARTICIPANTS, _sqlite3)
        few, upserted = _in_turns(place, some, UPSERTED, _sqlite_utils)
    return [
        ratio(
            f"participants import of {PARTICIPANTS:,} / sqlite3 .import of them",
            [cost.seconds for cost in ours],
            [cost.seconds for cost in bare],
            3.5,
            "{:.1f} s",
            of_size=True,
        ),
        Figure(
            "peak memory of that",
            statistics.median(cost.peak for cost in ours) / _MIB,
            200,
            "MiB",
            f"{PARTICIPANTS / statistics.median(cost.seconds for cost in ours):,.0f}/s",
        ),
        ratio(
            f"participants import of {UPSERTED:,}, its speed / sqlite-utils upsert",
            [UPSERTED / cost.seconds for cost in few],
            [UPSERTED / cost.seconds for cost in upserted],
            2,
            "{:,.0f}/s",
            at_least=True,
            of_size=True,
        ),
    ]


def _in_turns(
    place: Path, people: People, count: int, other: Load
) -> tuple[list[Cost], list[Cost]]:
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for _ in range(ROUNDS):
        for load, kept in zip((_gamify, other), costs, strict=True):
            store = place / "store.db"
            kept.append(load(people, store))
            _require(store, count)
            for file in place.glob("store.db*"):
                file.unlink()
    return costs


def _gamify(people: People, store: Path) -> Cost:
    command = ("--store", store, "participants", "import", people.jsonl)
    return installed.cost(installed.GAMIFY, *command)


def _sqlite3(people: People, store: Path) -> Cost:
    return installed.cost(
        "sqlite3", store, _TABLE, f".import --csv --skip 1 {people.csv} participants"
    )


def _sqlite_utils(people: People, store: Path) -> Cost:
    command = ("upsert", store, "participants", people.jsonl, "--pk", "participant_id", "--nl")
    return installed.cost(installed.SQLITE_UTILS, *command)


def _require(store: Path, count: int) -> None:
    with closing(sqlite3.connect(store)) as connection:
        (found,) = connection.execute("SELECT count(*) FROM participants").fetchone()
    if found != count:
        raise SystemExit(f"{found:,} of {count:,} participants are in {store}")


if __name__ == "__main__":
    show(figures)
