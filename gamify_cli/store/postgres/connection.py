"""Connections to a PostgreSQL store, and the making of one.

A store has a namespace of its own, `gamify` unless the URL's `options` set another
`search_path`, so that it shares a database with other programs in peace.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import psycopg
from psycopg import conninfo
from psycopg import sql as spelling

from gamify_cli.domain.instants import Instant
from gamify_cli.errors import StoreError, UsageError
from gamify_cli.store.postgres import faults, sql

_NAMESPACE = "gamify"
OLDEST = 150_000
"""The version that is needed, as `server_version_num` tells it."""

MAKING = 0x67616D66
"""The advisory lock under which a store is made."""

_HELLO = """
SELECT current_setting('server_version_num')::integer,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       set_config('lock_timeout', %(milliseconds)s, false),
       set_config('statement_timeout', %(milliseconds)s, false),
       set_config('search_path',
                  coalesce(%(namespace)s::text, current_setting('search_path')), false)
"""
# Reading a catalog makes the connection hear of a namespace that another one has just made.
_HERE = """
SELECT to_regclass('journal') IS NOT NULL, current_schema(), current_setting('search_path'),
       current_user, array_agg(nspname) FILTER (WHERE NOT has_schema_privilege(oid, 'USAGE'))
FROM pg_namespace
"""
_MOVE = "SELECT set_config(%(to)s, current_setting(%(from)s), false)"
_FIRST = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^",\s]*))')

BYTES = """
SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
"""

SNAPSHOT = "SELECT pg_export_snapshot()"
AS_OF = "SET TRANSACTION SNAPSHOT"

_PAUSE = 0.2
"""Seconds between two tries to connect."""

_Result = TypeVar("_Result")


class Opened(NamedTuple):
    """A connection, how many microseconds the database's clock is ahead, is there a store."""

    connection: psycopg.Connection
    ahead: int
    is_made: bool


class _Here(NamedTuple):
    """Is there a store; the namespace in use, if one is there, and the one that is asked for."""

    is_made: bool
    current: str | None
    wanted: str


def shown(url: str) -> str:
    """A URL as it may be told: a password in it is starred."""
    user = urlsplit(url).netloc.rpartition("@")[0]
    name, colon, _ = user.partition(":")
    starred = url.replace(f"{user}@", f"{name}:***@", 1) if colon else url
    return re.sub(r"password=[^&]*", "password=***", starred)


def connect(url: str, timeout: float) -> Opened:
    """A connection in autocommit; it sees an empty store where there is none.

    Raises psycopg's errors, UsageError, and StoreError for an old PostgreSQL.

    One that is cut off before it is of use is made again; where there are several hosts, one that
    is fit is waited for. `timeout` is for that, each lock and each statement, in seconds, 1 at
    least.
    """
    deadline = time.monotonic() + timeout
    while True:
        connection = patiently(timeout if _hosts(url) > 1 else 0, lambda: dial(url, timeout))
        try:
            opened = greeted(connection, url, timeout)
            if not opened.is_made:
                stand_in(connection)
            return opened
        except BaseException as error:
            was_cut = connection.closed and isinstance(error, psycopg.OperationalError)
            connection.close()
            if not was_cut or time.monotonic() >= deadline:
                raise
        time.sleep(_PAUSE)


def dial(url: str, timeout: float) -> psycopg.Connection:
    """The mere connection. Raises psycopg's errors, UsageError for a URL that is none."""
    given, milliseconds = _parameters(url), _milliseconds(timeout)
    defaults: dict[str, Any] = {
        "connect_timeout": max(2, milliseconds // 1_000 // _hosts(url)),
        "tcp_user_timeout": milliseconds,
        # A machine that is gone says nothing: it is asked after a second of silence, and given
        # up after that timeout.
        "keepalives_idle": 1,
        "keepalives_interval": 1,
        "application_name": "gamify",
    }
    return psycopg.connect(
        conninfo.make_conninfo("", **(defaults | given)),
        autocommit=True,
        client_encoding="utf8",
    )


def patiently(timeout: float, attempt: Callable[[], _Result]) -> _Result:
    """Repeat what fails for want of a connection, until that many seconds are over."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return attempt()
        except psycopg.OperationalError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE)


def greeted(connection: psycopg.Connection, url: str, timeout: float) -> Opened:
    """A connection set up for the store; raises psycopg's errors, StoreError."""
    has_namespace = "search_path" in str(_parameters(url).get("options"))
    asked = {
        "milliseconds": str(_milliseconds(timeout)),
        "namespace": None if has_namespace else _NAMESPACE,
    }
    row = connection.execute(_HELLO, asked).fetchone()
    version, there = (row[0], row[1]) if row else (0, 0)
    if version < OLDEST:
        raise too_old(version)
    return Opened(connection, there - time.time_ns() // 1_000, _here(connection).is_made)


def _here(connection: psycopg.Connection) -> _Here:
    """Where a store is, or would be made.

    Raises UsageError where that is no place of a user's: what goes into pg_temp is gone in the
    end; StoreError where the user may not look: nobody shall take that for an empty store.
    """
    row = connection.execute(_HERE).fetchone()
    is_made, current, path, user, hidden = row or (False, None, "", "", None)
    wanted = _first_name(path).replace("$user", user)
    if not wanted or wanted.startswith("pg_"):
        raise UsageError(
            f"the URL of the database names no place for a store: search_path is {path or 'empty'}",
            hint="name a namespace for the store alone, or none",
        )
    if current is None and wanted in (hidden or ()):
        raise StoreError(f"the user {user} lacks the privilege USAGE on the schema {wanted}")
    return _Here(is_made, current, wanted)


def _first_name(path: str) -> str:
    """The first name of a search path, which keeps its case between quotes alone."""
    first = _FIRST.match(path)
    quoted, plain = first.groups("") if first else ("", "")
    # PostgreSQL folds the letters of ASCII alone.
    return quoted.replace('""', '"') or plain.encode().lower().decode()


def too_old(version: int) -> StoreError:
    """The refusal of a PostgreSQL that lacks what the statements need."""
    return StoreError(
        f"the store needs PostgreSQL {OLDEST // 10_000} or later, and this is {version // 10_000}"
    )


def _parameters(url: str) -> dict[str, Any]:
    try:
        return conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise UsageError(f"the URL of the database is no good: {str(error).strip()}") from error


def _hosts(url: str) -> int:
    """How many hosts are tried in turn."""
    return str(_parameters(url).get("host")).count(",") + 1


def _milliseconds(timeout: float) -> int:
    return round(max(timeout, 1.0) * 1_000)


def stand_in(connection: psycopg.Connection) -> None:
    """Let this connection see an empty store where there is none; nobody else sees it."""
    connection.execute(_MOVE, {"from": "search_path", "to": "gamify.search_path"})
    connection.execute("SET search_path TO pg_temp")
    for ddl in sql.SCHEMA:
        connection.execute(ddl)
    connection.execute(sql.KEEP_REVISION, {"version_num": sql.REVISION})


def forget_stand_in(connection: psycopg.Connection) -> None:
    """Undo `stand_in`."""
    connection.execute(_MOVE, {"from": "gamify.search_path", "to": "search_path"})
    connection.execute("DISCARD TEMP")


def make(connection: psycopg.Connection, now: Instant, *, test_clock: bool) -> bool:
    """Make the store within the transaction that is open; whether no other process just did."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING,))
    here = _here(connection)
    if here.is_made:
        return False
    if here.current is None:
        name = spelling.Identifier(here.wanted)
        connection.execute(spelling.SQL("CREATE SCHEMA {}").format(name))
    for ddl in sql.SCHEMA:
        connection.execute(ddl)
    connection.execute(sql.KEEP_REVISION, {"version_num": sql.REVISION})
    store = {"identity": os.urandom(16).hex(), "created_at": now, "test_clock": int(test_clock)}
    connection.execute(sql.KEEP_STORE, store)
    return True


@contextmanager
def joining(connection: psycopg.Connection, place: str, begin: str) -> Iterator[None]:
    """A transaction that only reads, begun by a script."""
    with faults.Seam(place, connection):
        connection.execute(begin.encode())
        try:
            yield
        finally:
            connection.execute("ROLLBACK")
