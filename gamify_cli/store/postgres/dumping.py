"""Dumps of a store in PostgreSQL, made by pg_dump and read by pg_restore."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple, cast

import psycopg
from psycopg import conninfo
from psycopg.pq import Conninfo

from gamify_cli.errors import GamifyError, StoreError, Unavailable, UsageError
from gamify_cli.store.backing_up import Found, Watch, no_room
from gamify_cli.store.postgres import connection as opening
from gamify_cli.store.postgres import faults, sql
from gamify_cli.store.session import Row

_MOMENT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WHERE = "SELECT pg_export_snapshot(), current_schema(), set_config('statement_timeout', '0', true)"
_COPY = re.compile(rb'COPY (?:"(?:[^"]|"")+"|\w+)\.(\w+) \(([\w, "]*)\) FROM stdin;\n')
_SINGLE = ("alembic_version", "store")
"""Tables of one row, of which these columns are looked at."""

_KNOWN = ("version_num", "identity", "test_clock")
_END = b"\\.\n"
_FULL = ("No space left", "could not write", "File too large", "quota")
_AWAY = ("connection to server", "terminating connection", "lock timeout")


class Rows(NamedTuple):
    """What a dump has of one table: the names of the columns, a line of COPY for each row."""

    table: str
    columns: Sequence[str]
    lines: Iterator[bytes]


class PostgresCopier:
    """Implements `backing_up.Copier` on a database; `timeout` in seconds, for locks alone."""

    ending = "dump"
    own_files: Sequence[Path] = ()

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._timeout = timeout

    def copy(self, target: Path, named: Path, watch: Watch | None) -> Found:  # noqa: ARG002 (it cannot be known)
        program = _program("pg_dump")
        with faults.Seam(opening.shown(self._url)):
            opened = opening.connect(self._url, self._timeout)
            with closing(opened.connection) as connection:
                connection.execute(_MOMENT)
                snapshot, namespace, _ = connection.execute(_WHERE).fetchone() or ("", "", "")
                found = held(connection)
                options = [
                    f'--schema="{namespace.replace(chr(34), 2 * chr(34))}"',
                    f"--snapshot={snapshot}",
                    f"--lock-wait-timeout={round(max(self._timeout, 1.0) * 1_000)}",
                    f"--file={target}",
                ]
                environment = _environment(self._url, connection)
                command = [program, "--format=custom", "--encoding=UTF8", "--no-password", *options]
                _run(command, environment, named)
        return found

    def examine(self, path: Path, named: Path) -> Found:
        return examined(path, named)


def examined(path: Path, named: Path) -> Found:
    """What a dump holds, every row of which is read; raises StoreError for one that is no good."""
    counts: dict[str, int] = {}
    known: dict[str, str] = {}
    with rows_of(path, named) as tables:
        for table, columns, lines in tables:
            if table in counts:
                raise StoreError(f"{named} has the table {table} twice")
            if table in _SINGLE:
                known |= _values(columns, next(lines, b""))
            place = columns.index("is_void") if table == "participants" else None
            counts[table] = sum(place is None or _value(line, place) == b"0" for line in lines)
    if known.get("version_num", sql.REVISION) != sql.REVISION:
        return Found(known["version_num"])
    missing = [one for one in (*sql.TABLES, *_KNOWN) if one not in counts and one not in known]
    if missing:
        raise StoreError(f"{named} is no dump of a gamify store: it lacks {', '.join(missing)}")
    is_test = known["test_clock"] == "1"
    revision, identity = known["version_num"], known["identity"]
    return Found(revision, identity, counts["participants"], counts["journal"], is_test)


def _values(columns: Sequence[str], line: bytes) -> dict[str, str]:
    texts = line.decode(errors="replace").rstrip("\n").split("\t")
    return dict(zip(columns, texts, strict=False))


def _value(line: bytes, place: int) -> bytes:
    return line.rstrip(b"\n").split(b"\t")[place]


@contextmanager
def rows_of(path: Path, named: Path, table: str | None = None) -> Iterator[Iterator[Rows]]:
    """What a dump has in its tables, or in one; each is to be read before the next.

    A dump is a program, of which only rows are taken. Raises StoreError for one that is damaged.
    """
    command = [_program("pg_restore"), "--data-only", "--file=-"]
    command += [f"--table={table}"] if table else []
    with TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 (a program of the system, on a path)
            [*command, path],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=dict(os.environ) | {"LC_ALL": "C"},
        )
        with process:
            try:
                yield _tables(cast(IO[bytes], process.stdout))
            except BaseException:
                process.kill()
                raise
        errors.seek(0)
        told = errors.read().decode(errors="replace")
    if process.returncode:
        raise StoreError(f"{named} is no dump, or damaged: {_first(told)}")


def _tables(out: IO[bytes]) -> Iterator[Rows]:
    for line in out:
        if head := _COPY.fullmatch(line):
            columns = [one.strip(' "') for one in head[2].decode().split(",")]
            yield Rows(head[1].decode(), columns, iter(out.readline, _END))


def held(connection: psycopg.Connection) -> Found:
    """What there is; of another schema than ours that schema alone."""

    def one(statement: str) -> Row:
        return connection.execute(statement).fetchone() or ("", 0, 0)

    revision = str(one(sql.FIND_REVISION)[0])
    if revision != sql.REVISION:
        return Found(revision)
    identity, _, test_clock = one(sql.FIND_STORE)
    participants, facts = one(sql.COUNT_PARTICIPANTS)[0], one(sql.COUNT_JOURNAL)[0]
    return Found(revision, identity, participants, facts, bool(test_clock))


def _environment(url: str, connection: psycopg.Connection) -> dict[str, str]:
    """How a program of PostgreSQL comes to the same server, without a word on its command line."""
    given = conninfo.conninfo_to_dict(url)
    names = {one.keyword.decode(): one.envvar for one in Conninfo.get_defaults()}
    found = {
        variable.decode(): str(value)
        for keyword, value in given.items()
        if (variable := names.get(keyword))
    }
    # Of several hosts, the one that has the snapshot.
    info = connection.info
    found |= {"PGHOST": info.host, "PGPORT": str(info.port)} if info.host else {}
    found |= {"PGHOSTADDR": info.hostaddr} if "hostaddr" in given else {}
    return dict(os.environ) | found | {"LC_ALL": "C"}


def _run(command: Sequence[str], environment: Mapping[str, str], named: Path) -> None:
    done = subprocess.run(  # noqa: S603 (a program of the system, on a path)
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        raise _failure(done.returncode, done.stderr.decode(errors="replace"), named)


def _failure(code: int, told: str, named: Path) -> GamifyError:
    """What a program says that failed; it names no value of a row."""
    if code == -signal.SIGXFSZ or any(one in told for one in _FULL):
        return no_room(named)
    if "server version" in told:
        return UsageError(
            f"pg_dump is older than the server: {_first(told)}",
            hint="install the postgresql-client of the server's version",
        )
    kind = Unavailable if any(one in told for one in _AWAY) else StoreError
    return kind(f"{named} was not made: {_first(told)}")


def _first(told: str) -> str:
    return told.strip().partition("\n")[0] or "it said nothing"


def _program(name: str) -> str:
    """The path of a program of PostgreSQL; raises UsageError where it is missing."""
    path = shutil.which(name)
    if path is None:
        raise UsageError(
            f"a backup of a PostgreSQL store needs {name}, which is not installed",
            hint="install the package postgresql-client",
        )
    return path
