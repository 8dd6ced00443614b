"""What one participant needs lies under its id: the same schema can be spread over machines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from contract import create, profile, write
from postgres import Cluster

import gamify_cli.commands.program
from gamify_cli.backend import HistoryQuery
from gamify_cli.domain import program_file
from gamify_cli.store.local import LocalStore
from gamify_cli.store.postgres import sql
from gamify_cli.store.postgres.session import PostgresSession
from gamify_cli.store.session import NO_VALUES

PROGRAM = program_file.read(Path(gamify_cli.commands.program.EXAMPLE).read_bytes(), "the example")
ONE = "user_123"
COMMANDS = {
    "create": lambda store: create(store, "user_124", display_name="Jane"),
    "update": lambda store: store.participants.update(
        ONE, {"display_name": "Jo"}, write("u"), if_match=None
    ),
    "get": lambda store: profile(store, ONE),
    "state": lambda store: next(store.participants.states([ONE], ["points"])),
    "history": lambda store: list(store.participants.history(ONE, HistoryQuery())),
    "award": lambda store: store.points.award(ONE, {"amount": 5}, write("a")),
    "award again": lambda store: store.points.award(ONE, {"amount": 5}, write("a")),
    "deduct": lambda store: store.points.deduct(ONE, {"amount": 5}, write("d")),
    "badge": lambda store: store.badges.award(ONE, "power_user", {}, write("b")),
    "streak": lambda store: store.streaks.record(ONE, "daily_login", None, write("t")),
    "event": lambda store: store.events.record(ONE, {"event_name": "signup"}, write("e")),
    "enrol": lambda store: store.challenges.enroll(ONE, "onboarding", write("n")),
    "claim": lambda store: store.rewards.claim(ONE, "coupon10", False, write("c")),
}
"""What is done all the time, each for one participant."""

ALWAYS = {"alembic_version", "programs"}
"""Which schema it is, and the program in force: little, and the same for everyone."""

SOMETIMES = {"claim": {"reward_stock"}, "history": {"operations"}}
"""What is left of a reward, wherever it is claimed; who ran a command on many participants."""

LEADING = """
SELECT relname, attname FROM pg_index
JOIN pg_class ON pg_class.oid = indrelid
JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
WHERE indisunique AND relnamespace = current_schema()::regnamespace
"""
_BY_ID = re.compile(r"\bparticipant_id = ('|\$\d)")
_INSERTED = re.compile(r"INSERT INTO \w+ \(([^)]*)\)")


class Statement(NamedTuple):
    """A statement as it was run, with its values."""

    text: str
    values: Any


class Recorder(PostgresSession):
    """A session that remembers what it ran, in `ran`."""

    def __init__(self, url: str) -> None:
        self.ran: list[Statement] = [Statement(sql.FIND_REVISION, {})]
        super().__init__(url, timeout=5)

    def one(self, statement: str, values: Any = NO_VALUES) -> Any:
        self.ran.append(Statement(statement, values))
        return super().one(statement, values)

    def rows(self, statement: str, values: Any = NO_VALUES) -> Any:
        self.ran.append(Statement(statement, values))
        return super().rows(statement, values)

    def run(self, statement: str, values: Any) -> None:
        self.ran.append(Statement(statement, values))
        super().run(statement, values)

    def run_all(self, statement: str, rows: Any) -> None:
        self.ran += [Statement(statement, one) for one in rows]
        super().run_all(statement, rows)


@pytest.fixture(scope="module")
def url(cluster: Cluster) -> str:
    """A store with the example program, codes and one participant."""
    url = cluster.namespace()
    with closing(LocalStore.open(url, timeout=5)) as store:
        store.programs.apply(PROGRAM, write())
        store.rewards.load_codes("coupon10", [["ONE", "TWO"]], "codes.txt", write())
        store.points.award(ONE, {"amount": 5_000}, write())
    return url


def nodes(plan: Any) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for one in plan.get("Plans", []):
        yield from nodes(one)


def strays(connection: psycopg.Connection[Any], statement: Statement) -> set[str]:
    """The tables that it touches without the id of one participant, as PostgreSQL plans it."""
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {statement.text}", statement.values).fetchone()
    found = set()
    for node in nodes(row[0][0]["Plan"] if row else {}):
        if (table := node.get("Relation Name")) is None:
            continue
        if node["Node Type"] == "ModifyTable":
            inserted = _INSERTED.match(statement.text)
            is_by_id = not inserted or "participant_id" in inserted[1].split(", ")
        else:
            conditions = (str(node.get(name)) for name in ("Index Cond", "Recheck Cond", "Filter"))
            is_by_id = any(map(_BY_ID.search, conditions))
        found |= set() if is_by_id else {table}
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_done_all_the_time_is_done_by_the_id_of_one(command: str, url: str) -> None:
    session = Recorder(url)
    with closing(LocalStore(session)) as store:
        COMMANDS[command](store)

    with psycopg.connect(url) as connection:
        touched = set().union(*(strays(connection, one) for one in session.ran))
    assert len(session.ran) > 2
    assert touched - ALWAYS == SOMETIMES.get(command, set())


def test_the_id_leads_every_unique_key_of_what_belongs_to_one(url: str) -> None:
    with psycopg.connect(url) as connection:
        keys = connection.execute(LEADING).fetchall()

    of_one = {table for table, column in keys if column == "participant_id"}
    assert of_one == {"participants", "journal", "requests"}
    assert all(column == "participant_id" for table, column in keys if table in of_one)
