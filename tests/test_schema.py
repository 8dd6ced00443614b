"""The schema: made at once or by migration it is the same, and its statements fit it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from conftest import Place, Run
from postgres import Cluster
from sqlalchemy import create_engine

from gamify_cli.store.sqlite import sql
from gamify_cli.store.upgrade import MIGRATIONS

STATEMENTS = {
    name: text
    for name, text in vars(sql).items()
    if name.isupper() and isinstance(text, str) and name != "REVISION"
}
POSTGRES_CATALOG = """
WITH ours AS (SELECT * FROM pg_class WHERE relnamespace = current_schema()::regnamespace)
SELECT 'column', relname, attname, attnum::text, format_type(atttypid, atttypmod), attnotnull::text,
       attcollation::regcollation::text, pg_get_expr(adbin, adrelid),
       col_description(ours.oid, attnum)
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND relkind IN ('r', 'v')
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
UNION ALL
SELECT 'constraint', relname, conname, pg_get_constraintdef(pg_constraint.oid), '', '', '', '', ''
FROM ours JOIN pg_constraint ON conrelid = ours.oid
UNION ALL
SELECT 'index', relname, pg_get_indexdef(oid), '', '', '', '', '', ''
FROM ours WHERE relkind = 'i'
UNION ALL
SELECT 'view', relname, pg_get_viewdef(oid), '', '', '', '', '', ''
FROM ours WHERE relkind = 'v'
ORDER BY 1, 2, 3
"""
MOMENT = 1_771_063_200_000_000
"""2026-02-14T10:00:00Z"""


@pytest.fixture
def database(call: Run, place: Place) -> Iterator[sqlite3.Connection]:
    """A connection to a fresh store."""
    assert call("participants", "create", "user_1").exit_code == 0
    with closing(sqlite3.connect(place.store)) as connection:
        yield connection


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to an empty database that was migrated from nothing to the newest schema."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
    with closing(sqlite3.connect(tmp_path / "migrated.db")) as database:
        yield database


def catalog(connection: sqlite3.Connection) -> dict[str, Any]:
    """Every table, index and view with its text, and every column, as SQLite reads them."""
    objects = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {
        name: (
            kind,
            _normalised(text),
            connection.execute("SELECT * FROM pragma_table_xinfo(?)", (name,)).fetchall(),
            connection.execute("SELECT * FROM pragma_foreign_key_list(?)", (name,)).fetchall(),
            connection.execute("SELECT * FROM pragma_index_list(?)", (name,)).fetchall(),
        )
        for kind, name, text in objects
    }


def _normalised(text: str | None) -> str | None:
    return text and re.sub(r"\s+", " ", re.sub(r"\s*([(),])\s*", r"\1", text)).strip()


def explain(connection: sqlite3.Connection, statement: str, how: str) -> list[tuple[Any, ...]]:
    named = dict.fromkeys(re.findall(r":(\w+)", statement), "[]")
    values = named or ("[]",) * statement.count("?")
    return connection.execute(f"EXPLAIN {how} {statement}", values).fetchall()


def test_a_fresh_store_has_the_catalog_of_a_migrated_one(
    database: sqlite3.Connection, migrated: sqlite3.Connection
) -> None:
    assert catalog(database) == catalog(migrated)


def postgres_catalog(url: str) -> list[Any]:
    """Every column, constraint, index and view of a namespace, as PostgreSQL writes them."""
    with psycopg.connect(url) as connection:
        (namespace,) = connection.execute("SELECT current_schema()").fetchone() or ("",)
        rows = connection.execute(POSTGRES_CATALOG).fetchall()
    return [tuple(str(value).replace(f"{namespace}.", "") for value in row) for row in rows]


def test_a_fresh_database_has_the_catalog_of_a_migrated_one(cluster: Cluster, call: Run) -> None:
    made, migrated = cluster.namespace(), cluster.namespace()
    name = migrated.partition("%3D")[2]
    assert call("participants", "create", "user_1", "--store", made).exit_code == 0
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(migrated.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()

    fresh = postgres_catalog(made)
    assert fresh == postgres_catalog(migrated)
    assert {row[0] for row in fresh} == {"column", "constraint", "index", "view"}


def test_a_fresh_store_is_at_the_newest_revision(
    database: sqlite3.Connection, migrated: sqlite3.Connection
) -> None:
    revisions = [each.execute(sql.FIND_REVISION).fetchall() for each in (database, migrated)]

    assert revisions == [[(sql.REVISION,)]] * 2


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_every_statement_fits_the_schema(database: sqlite3.Connection, statement: str) -> None:
    assert explain(database, statement, "")


@pytest.mark.parametrize(
    ("name", "searched"),
    [
        ("FIND_PARTICIPANT", "participants USING INDEX sqlite_autoindex_participants_1"),
        ("FIND_PARTICIPANTS", "participants USING INDEX sqlite_autoindex_participants_1"),
        ("PAGE_PARTICIPANTS", "participants USING INDEX sqlite_autoindex_participants_1"),
        ("COMPLETE_IDS", "participants USING INDEX sqlite_autoindex_participants_1"),
        ("UPDATE_PARTICIPANT", "participants USING INDEX sqlite_autoindex_participants_1"),
        ("FIND_HISTORY", "journal USING INDEX sqlite_autoindex_journal_1"),
        ("FIND_REQUEST", "requests USING INDEX sqlite_autoindex_requests_1"),
        ("APPEND_FACT", None),
        ("INSERT_PARTICIPANT", None),
        ("KEEP_REQUEST", None),
        ("COUNT_OPERATION", None),
    ],
)
def test_the_cost_of_a_command_does_not_grow_with_the_store(
    database: sqlite3.Connection, name: str, searched: str | None
) -> None:
    plan = [row[3] for row in explain(database, STATEMENTS[name], "QUERY PLAN")]

    assert not [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    assert not [step for step in plan if "TEMP B-TREE" in step]
    if searched:
        assert [step for step in plan if step.startswith(f"SEARCH {searched} (participant_id")]
    else:
        assert plan == []


def test_a_key_is_found_by_an_index_on_its_hash(database: sqlite3.Connection) -> None:
    plan = [row[3] for row in explain(database, STATEMENTS["FIND_KEY"], "QUERY PLAN")]

    assert plan == ["SEARCH api_keys USING INDEX sqlite_autoindex_api_keys_2 (hash=?)"]


@pytest.mark.parametrize(
    ("view", "rows"),
    [
        ("badges", [("user_1", "early", "2026-02-14T10:00:00Z")]),
        (
            "lots",
            [("user_1", 50, "2026-02-14T10:00:00Z"), ("user_1", 7, "2026-02-14T10:00:01Z")],
        ),
        ("streaks", [("user_1", "daily", 3, 12, "2026-02-14T10:00:00Z")]),
        ("points", [("user_1", 40, 100, 25, 35)]),
    ],
)
def test_a_view_shows_the_state_as_plain_rows(
    database: sqlite3.Connection, view: str, rows: list[tuple[Any, ...]]
) -> None:
    state = {
        "badges": {"early": MOMENT},
        "lots": {str(MOMENT): 50, str(MOMENT + 1_000_000): 7},
        "streaks": {"daily": {"current": 3, "longest": 12, "last_recorded_at": MOMENT}},
    }
    database.execute(
        "UPDATE participants SET state = ?, balance = 40, total_earned = 100, total_spent = 25",
        (json.dumps(state),),
    )

    assert database.execute(f"SELECT * FROM {view}").fetchall() == rows


@pytest.mark.parametrize("view", ["badges", "lots", "streaks"])
def test_a_view_of_a_participant_with_nothing_yet_is_empty(
    database: sqlite3.Connection, view: str
) -> None:
    assert database.execute(f"SELECT * FROM {view}").fetchall() == []
