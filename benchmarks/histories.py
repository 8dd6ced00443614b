"""Stores of participants who have lived a while: ten facts each, under the example program.

A few hundred histories are made by the rules, fact by fact; every participant has one of them,
under an id, a name and attributes of their own.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import data

from gamify_cli.backend import Operation, Write
from gamify_cli.commands.program import EXAMPLE
from gamify_cli.domain import program_file
from gamify_cli.domain.decide import Decision, events, points, profile
from gamify_cli.domain.instants import SECOND, Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program
from gamify_cli.store import records
from gamify_cli.store.local import LocalStore
from gamify_cli.store.postgres.session import PostgresSession
from gamify_cli.store.session import NO_VALUES, Row
from gamify_cli.store.sqlite import sql

FACTS = 10
"""So many facts has each participant."""

ADA = "ada"

_HISTORIES = 500
_BATCH = 20_000
_DAY = 24 * 3_600 * SECOND
_SETTLED = data.NOW + 365 * _DAY
_WRITE = Write(Operation("op_program", "gamify program apply program.toml", "bench"))

Values = dict[str, Any]


class History(NamedTuple):
    """A participant with when it is due, and the columns of its facts that stand after its id."""

    participant: Participant
    due_at: int | None
    facts: list[Row]


def document() -> Values:
    """The program under which all of them lived."""
    return program_file.read(EXAMPLE.read_bytes(), EXAMPLE.name)


def sqlite(count: int) -> Path:
    """A store of that many participants in a file, made unless it is there already."""
    return data.kept(f"histories-{count}.db", partial(_fill, count=count), __file__)


def one(facts: int) -> Path:
    """A store of one participant, ADA, who has that many facts, all of them before data.NOW."""
    return data.kept(f"history-of-{facts}.db", partial(_fill_one, facts=facts), __file__)


def postgres(administrator: str, count: int) -> None:
    """The same in a namespace of a database, which is there as long as the cluster."""
    print(f"copying histories of {count:,} into PostgreSQL", file=sys.stderr, flush=True)
    _apply_program(administrator)
    session = PostgresSession(administrator, timeout=600)
    with session.writing():
        # What stands in the one batch is all there is: nothing to look up for each fact.
        session.run("SET LOCAL session_replication_role = replica", NO_VALUES)
        for people, journal in batches(count):
            session.run_all(session.sql.INSERT_PARTICIPANT, people)
            session.run_all(session.sql.APPEND_FACT, journal)
    session.close()


def _apply_program(place: Path | str) -> None:
    store = LocalStore.open(place, timeout=10)
    store.programs.apply(document(), _WRITE)
    store.close()


def _fill(path: Path, count: int) -> None:
    _apply_program(path)
    with data.filling(path) as connection:
        for people, journal in batches(count):
            connection.executemany(sql.INSERT_PARTICIPANT, people)
            connection.executemany(sql.APPEND_FACT, journal)


def _fill_one(path: Path, facts: int) -> None:
    _apply_program(path)
    rng, begins = random.Random(f"{data.SEED} one"), data.NOW - facts * 2 * _DAY
    history = _history(rng, Program(1, document()), facts, begins)
    ada = data.Person("Ada", "{}")
    with data.filling(path) as connection:
        connection.execute(sql.INSERT_PARTICIPANT, _row(ADA, ada, history))
        connection.executemany(sql.APPEND_FACT, _journal(ADA, ada, history))


def batches(count: int) -> Iterator[tuple[list[Row], list[Row]]]:
    """All rows of participants and of their facts, many at a time."""
    rng = random.Random(f"{data.SEED} histories")
    program = Program(1, document())
    known = [_history(rng, program) for _ in range(_HISTORIES)]
    everyone = zip(data.ids(count), data.people(), strict=False)
    while batch := list(islice(everyone, _BATCH)):
        chosen = rng.choices(known, k=len(batch))
        yield (
            [_row(*one, history) for one, history in zip(batch, chosen, strict=True)],
            [
                fact
                for one, history in zip(batch, chosen, strict=True)
                for fact in _journal(*one, history)
            ],
        )


def _row(participant_id: str, person: data.Person, history: History) -> Row:
    one = history.participant
    one.participant_id, one.display_name = participant_id, person.display_name
    one.attributes = person.attributes
    return (*records.participant_row(one)[:-1], history.due_at)


def _journal(participant_id: str, person: data.Person, history: History) -> Iterator[Row]:
    (number, kind, _, *rest), *later = history.facts
    yield (participant_id, number, kind, person.registered, *rest)
    for fact in later:
        yield (participant_id, *fact)


def _history(
    rng: random.Random, program: Program, count: int = FACTS, begins: Instant = data.NOW
) -> History:
    """One that comes to just so many facts."""
    while True:
        participant, rows, now = Participant(""), [], begins
        while len(rows) < count:
            decision = Decision(participant, program, now, partial(_new_id, rng))
            command = _act(decision, rng)
            participant = decision.participant
            participant.recorded_at = now
            origin = records.Origin(f"op_{_new_id(rng)}", command, "bench", program.version)
            rows += [records.fact_row("", fact, now, origin)[1:] for fact in decision.facts]
            now += rng.randrange(_DAY // 2, 2 * _DAY)
        if len(rows) == count:
            # As a sweep leaves it: what lapsed since is no longer due.
            return History(participant, participant.due_after(_SETTLED), rows)


def _act(decision: Decision, rng: random.Random) -> str:
    """Something that happens to a participant, and the command of it."""
    version = decision.participant.version
    if version == 0:
        profile.register(decision, {"display_name": "", "attributes": {}})
        return "gamify participants create --input -"
    if version == 1:
        events.record(decision, "signup", properties={"source": rng.choice(("web", "app"))})
        return "gamify events record signup"
    if rng.random() < 0.3:
        events.record(decision, "login")
        return "gamify events record login"
    points.award(decision, rng.choice((50, 200, 600, 5_000, 45_000)), reason="campaign")
    return "gamify points award"


def _new_id(rng: random.Random) -> str:
    return f"{rng.getrandbits(96):024x}"
