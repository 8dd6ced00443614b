"""How fast do participants come into PostgreSQL, beside COPY of the rows that they become?"""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import cluster
import inputs
import installed
import psycopg
from figures import Figure, ratio, show, skipped
from sizes import size

from gamify_cli.store.postgres import sql

PARTICIPANTS = size(300_000, 10_000)
ROUNDS = size(3, 2)
TABLES = ("participants", "journal")

_QUESTION = f"PostgreSQL: participants import of {PARTICIPANTS:,} / COPY of the same rows"
_LIMIT = 2


def figures() -> list[Figure]:
    """In turns, into tables that are new, and the same."""
    if not cluster.BINARIES:
        return [skipped(_QUESTION, _LIMIT, cluster.MISSING)]
    installed.install()
    people = inputs.people(PARTICIPANTS).jsonl
    ours, theirs = [], []
    with cluster.running() as place, tempfile.TemporaryDirectory() as folder:
        administrator = place.administrator()
        for _ in range(ROUNDS):
            url = cluster.namespace(place, "ours")
            ours.append(_import(people, url))
            _psql(url, *(f"\\copy {one} TO '{folder}/{one}'" for one in TABLES))
            _drop(administrator, "ours")
            _make(administrator, "bare")
            theirs.append(_copy(Path(folder), cluster.namespace(place, "bare")))
            _drop(administrator, "bare")
    return [ratio(_QUESTION, ours, theirs, _LIMIT, "{:.1f} s", of_size=True)]


def _import(people: Path, url: str) -> float:
    command = ("--store", url, "participants", "import", people)
    return installed.cost(installed.GAMIFY, *command).seconds


def _copy(folder: Path, url: str) -> float:
    """One transaction, as each batch of an import is one."""
    return _psql(url, *(f"\\copy {one} FROM '{folder}/{one}'" for one in TABLES))


def _psql(url: str, *commands: str) -> float:
    told = [word for one in commands for word in ("-c", one)]
    return installed.cost(cluster.BINARIES / "psql", "-q", "-1", *told, url).seconds


def _make(administrator: str, name: str) -> None:
    with closing(psycopg.connect(administrator)) as connection, connection:
        connection.execute(f"CREATE SCHEMA {name}")
        connection.execute(f"SET LOCAL search_path = {name}")
        for ddl in sql.SCHEMA:
            connection.execute(ddl)


def _drop(administrator: str, name: str) -> None:
    """Both begin with nothing left to write from before."""
    with closing(psycopg.connect(administrator, autocommit=True)) as connection:
        connection.execute(f"DROP SCHEMA {name} CASCADE")
        connection.execute("CHECKPOINT")


if __name__ == "__main__":
    show(figures)
