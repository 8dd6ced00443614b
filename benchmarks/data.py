"""Genuine stores of any size, the same ones every time, kept under .bench/."""

from __future__ import annotations

import hashlib
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from gamify_cli.domain import jsontext
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import NONE
from gamify_cli.store import records
from gamify_cli.store.session import Row
from gamify_cli.store.sqlite import file, sql
from gamify_cli.store.sqlite.session import SqliteSession

BENCH = Path(__file__).resolve().parent.parent / ".bench"

SEED = 20_260_214
NOW = 1_770_000_000_000_000
_BATCH = 10_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_FIRST = ("Jane", "Amir", "Zoë", "Lin", "Noor", "Pavel", "Søren", "Yuki", "Ana", "Kwame")
_LAST = ("Doe", "Okafor", "Müller", "Tanaka", "Novák", "Silva", "Haddad", "Larsen", "Roy")
_PLANS = ("free", "basic", "premium", "enterprise")
_CITIES = ("Lagos", "Kraków", "Osaka", "Lima", "Bergen", "Pune")

_SOURCE = Path(__file__).read_text(encoding="utf-8")

Values = dict[str, Any]


class Person(NamedTuple):
    """Who a participant is; `attributes` are compact JSON."""

    display_name: str
    attributes: str

    @property
    def registered(self) -> str:
        """The data of the fact of a registration, as compact JSON."""
        name = jsontext.compact(self.display_name)
        return f'{{"display_name":{name},"attributes":{self.attributes}}}'


def ids(count: int) -> list[str]:
    """The ids of the store of that size, in the order in which they were registered."""
    rng = random.Random(f"{SEED} ids")
    return ["".join(rng.choices(_LETTERS, k=rng.randint(10, 20))) for _ in range(count)]


def people() -> Iterator[Person]:
    """As many as are wanted; the first ones are the same in every store."""
    rng = random.Random(f"{SEED} people")
    names = [f"{first} {last}" for first in _FIRST for last in _LAST]
    kinds = [f'{{"plan":"{plan}","city":"{city}"' for plan in _PLANS for city in _CITIES]
    while True:
        # Written as JSON by hand, and chosen a hundred at a time: this is called by the million.
        teams = rng.choices(range(500), k=100)
        verified = rng.choices(("true", "false"), (4, 1), k=100)
        chosen = rng.choices(names, k=100), rng.choices(kinds, k=100), teams, verified
        for name, kind, team, is_verified in zip(*chosen, strict=True):
            yield Person(name, f'{kind},"team":{team},"verified":{is_verified}}}')


def kept(name: str, make: Callable[[Path], None], *sources: str) -> Path:
    """What `make` makes at a path under .bench/, unless it is there already.

    It is made anew when what it is made of has changed: the schema, this file, `sources`.
    """
    made_of = (sql.REVISION, *sql.SCHEMA, *(Path(one).read_text("utf-8") for one in sources))
    edition = hashlib.sha256("\n".join((*made_of, _SOURCE)).encode()).hexdigest()[:10]
    path = BENCH / f"{edition}-{name}"
    if path.exists():
        return path
    BENCH.mkdir(exist_ok=True)
    for old in BENCH.glob(f"*-{name}"):
        old.unlink()
    print(f"making {name}", file=sys.stderr, flush=True)
    unfinished = BENCH / f"unfinished-{name}"
    make(unfinished)
    return unfinished.rename(path)


def store(count: int) -> Path:
    """A store of that many participants who were registered, and nothing else."""
    return kept(f"store-{count}.db", partial(_fill, count=count))


def _fill(path: Path, count: int) -> None:
    """Let gamify make the file, then fill it with the statements that gamify runs."""
    opened = SqliteSession(path, timeout=10)
    with opened.writing():
        pass
    opened.close()
    with filling(path) as connection:
        registrations = _registrations(count)
        while batch := list(islice(registrations, _BATCH)):
            connection.executemany(sql.INSERT_PARTICIPANT, (row for row, _ in batch))
            connection.executemany(sql.APPEND_FACT, (fact for _, fact in batch))


@contextmanager
def filling(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction without any care: a store cut short never gets its name."""
    connection = file.connect(path)
    for pragma in (
        "journal_mode=OFF",
        "synchronous=OFF",
        "foreign_keys=OFF",
        "cache_size=-2000000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    yield connection
    connection.execute("COMMIT")
    connection.close()


def _registrations(count: int) -> Iterator[tuple[Values, Row]]:
    """The two rows that each `participants create` leaves: the participant and its fact."""
    for number, (participant_id, person) in enumerate(zip(ids(count), people(), strict=False)):
        now = NOW + number * 1_000
        decision = Decision(Participant(participant_id), NONE, now, str)
        rules.register(decision, jsontext.stored(person.registered))
        decision.participant.recorded_at = now
        (fact,) = decision.facts
        command = f"gamify participants create {participant_id} --input -"
        origin = records.Origin(f"op_{number:024x}", command, "bench", None)
        yield (
            records.participant_row(decision.participant),
            records.fact_row(participant_id, fact, now, origin),
        )
