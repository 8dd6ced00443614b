"""Genuine stores of any size, the same ones every time, kept under .bench/."""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import NONE
from gamify_cli.store import records
from gamify_cli.store.session import Row
from gamify_cli.store.sqlite import file, sql
from gamify_cli.store.sqlite.session import SqliteSession

BENCH = Path(__file__).resolve().parent.parent / ".bench"

_SEED = 20_260_214
_NOW = 1_770_000_000_000_000
_BATCH = 10_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_FIRST = ("Jane", "Amir", "Zoë", "Lin", "Noor", "Pavel", "Søren", "Yuki", "Ana", "Kwame")
_LAST = ("Doe", "Okafor", "Müller", "Tanaka", "Novák", "Silva", "Haddad", "Larsen", "Roy")
_PLANS = ("free", "basic", "premium", "enterprise")
_CITIES = ("Lagos", "Kraków", "Osaka", "Lima", "Bergen", "Pune")

Values = dict[str, Any]


def ids(count: int) -> list[str]:
    """The ids of the store of that size, in the order in which they were registered."""
    rng = random.Random(f"{_SEED} ids")
    return ["".join(rng.choices(_LETTERS, k=rng.randint(10, 20))) for _ in range(count)]


def store(count: int) -> Path:
    """A store with that many participants, made unless it is there already."""
    path = BENCH / f"store-{count}-{_edition()}.db"
    if path.exists():
        return path
    BENCH.mkdir(exist_ok=True)
    for old in BENCH.glob(f"store-{count}-*"):
        old.unlink()
    print(f"making a store of {count:,} participants", file=sys.stderr, flush=True)
    unfinished = path.with_name(f"store-{count}-unfinished.db")
    _make(unfinished, count)
    unfinished.rename(path)
    return path


def _edition() -> str:
    """Changes whenever a cached store would differ from a fresh one."""
    made_of = (sql.REVISION, *sql.SCHEMA, Path(__file__).read_text(encoding="utf-8"))
    return hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:10]


def _make(path: Path, count: int) -> None:
    """Let gamify make the file, then fill it with the statements that gamify runs."""
    opened = SqliteSession(path, timeout=10)
    with opened.writing():
        pass
    opened.close()
    connection = file.connect(path)
    # Only while filling: a store cut short by a crash is never renamed to its cached name.
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-1000000")
    connection.execute("BEGIN")
    registrations = _registrations(count)
    while batch := list(islice(registrations, _BATCH)):
        connection.executemany(sql.INSERT_PARTICIPANT, (row for row, _ in batch))
        connection.executemany(sql.APPEND_FACT, (fact for _, fact in batch))
    connection.execute("COMMIT")
    connection.close()


def _registrations(count: int) -> Iterator[tuple[Values, Row]]:
    """The two rows that each `participants create` leaves: the participant and its fact."""
    rng = random.Random(f"{_SEED} profiles")
    for number, participant_id in enumerate(ids(count)):
        now = _NOW + number * 1_000
        decision = Decision(Participant(participant_id), NONE, now, str)
        rules.register(decision, _body(rng))
        decision.participant.recorded_at = now
        (fact,) = decision.facts
        command = f"gamify participants create {participant_id} --input -"
        origin = records.Origin(f"op_{number:024x}", command, "bench", None)
        yield (
            records.participant_values(decision.participant),
            records.fact_row(participant_id, fact, now, origin),
        )


def _body(rng: random.Random) -> Values:
    return {
        "display_name": f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
        "attributes": {
            "plan": rng.choice(_PLANS),
            "city": rng.choice(_CITIES),
            "team": rng.randrange(500),
            "verified": rng.random() < 0.8,
        },
    }
