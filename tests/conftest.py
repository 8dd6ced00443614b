"""Fixtures: gamify in process and as an installed executable, on a store and over a server."""

from __future__ import annotations

import inspect
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import parity
import postgres
import psycopg
import pytest
from hypothesis import settings
from loopback import Loop, Loopback
from parity import Transcript

from gamify_cli import app
from gamify_cli.backend.whole import Backend
from gamify_cli.domain import instants
from gamify_cli.store.local import LocalStore

# What takes how long depends on what else the machine does.
settings.register_profile("gamify", deadline=None)
settings.load_profile("gamify")

NOW = "2026-02-14T10:00:00Z"
EXECUTABLE = Path(sys.executable).with_name("gamify")


@dataclass
class Result:
    """What a command line left behind."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass
class Place:
    """Where a test's gamify lives: its environment, its store, its bytecode."""

    home: Path
    bytecode: Path
    is_served: bool = False
    database: str | None = None

    def execute(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        """Change the store behind gamify's back, on a file or on PostgreSQL."""
        if self.database is None:
            with closing(sqlite3.connect(self.store)) as store, store:
                store.executemany(statement, rows)
        else:
            with psycopg.connect(self.database) as database:
                database.cursor().executemany(statement.replace("?", "%s"), rows)

    @property
    def store(self) -> Path:
        return self.home / "data" / "gamify" / "gamify.db"

    @property
    def is_untouched(self) -> bool:
        """Whether no change was ever made; a store that is served is there from the start."""
        if not self.is_served:
            return not self.store.exists()
        with closing(sqlite3.connect(self.store)) as store:
            tables = ("participants", "journal", "operations", "programs", "requests")
            return not any(store.execute(f"SELECT 1 FROM {one}").fetchall() for one in tables)

    @property
    def env(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "PATH": f"{EXECUTABLE.parent}:{os.environ['PATH']}",
            "PYTHONPYCACHEPREFIX": str(self.bytecode),
            "GAMIFY_TEST_NOW": NOW,
            "LANG": "C.UTF-8",
            "EDITOR": "true",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }


Run = Callable[..., Result]
Environment = Callable[[tuple[str, ...], dict[str, str]], dict[str, str]]


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for the bytecode of every executable that the tests start."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def place(tmp_path: Path, bytecode: Path) -> Place:
    """A home of its own, with nothing in it."""
    return Place(tmp_path, bytecode)


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """Where the servers of all tests run."""
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def environment(request: pytest.FixtureRequest, place: Place) -> Iterator[Environment]:
    """The environment for a command line: it works on a file, on a server of it, or on PostgreSQL.

    Commands that are for a local store work on the file itself, served or not.
    """
    where = getattr(request, "param", "local")
    if where == "local":
        yield lambda _args, more: place.env | more
        return
    if where == "postgres":
        config = place.home / "postgres.toml"
        place.database = request.getfixturevalue("database")
        config.write_text(f'[profiles.local]\nstore = "{place.database}"\n')
        yield lambda _args, more: place.env | {"GAMIFY_CONFIG": str(config)} | more
        return
    place.is_served = True
    servers = Loopback(place.store, request.getfixturevalue("loop"))

    def over_a_server(args: tuple[str, ...], more: dict[str, str]) -> dict[str, str]:
        env = place.env | more
        if args[:1] and args[0] in parity.LOCAL_NOUNS:
            return env
        return servers.environment(env["GAMIFY_TEST_NOW"], place.home / "remote.toml") | env

    yield over_a_server
    servers.close()


@pytest.fixture
def execute(place: Place, environment: Environment, transcript: Transcript) -> Run:
    """Run the installed executable."""

    def run(*args: str, stdin: str | bytes = b"", env: dict[str, str] | None = None) -> Result:
        done = subprocess.run(
            [EXECUTABLE, *args],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env=environment(args, env or {}),
            cwd=place.home,
            capture_output=True,
            timeout=60,
            check=False,
        )
        result = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
        transcript.add(args, result.exit_code, result.stdout, result.stderr)
        return result

    return run


@pytest.fixture(scope="session")
def transcripts() -> dict[str, Transcript]:
    """What was told on a store, by test."""
    return {}


@pytest.fixture
def transcript(
    request: pytest.FixtureRequest, place: Place, transcripts: dict[str, Transcript]
) -> Iterator[Transcript]:
    """What is told; over a server it must be the same as on a store."""
    told = Transcript(str(place.home))
    yield told
    name = parity.name_of(request.node)
    if not place.is_served:
        transcripts[name] = told
    elif name in transcripts:
        assert told.lines == transcripts[name].lines, "over a server it tells something else"


@pytest.fixture
def call(
    place: Place,
    environment: Environment,
    transcript: Transcript,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Run gamify in this process."""

    def run(
        *args: str, stdin: str | bytes | None = b"", env: dict[str, str] | None = None
    ) -> Result:
        """Of None, stdin is closed."""
        streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8") for name in ("stdout", "stderr")}
        given = stdin.encode() if isinstance(stdin, str) else stdin
        reading = None if given is None else io.TextIOWrapper(io.BytesIO(given), "utf-8")
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("GAMIFY_", "XDG_"))]:
                patch.delenv(name)
            for name, value in environment(args, env or {}).items():
                patch.setenv(name, value)
            patch.chdir(place.home)
            patch.setattr(sys, "stdin", reading)
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            code = app.run(list(args))
        result = Result(code, *(_text(stream) for stream in streams.values()))
        transcript.add(args, result.exit_code, result.stdout, result.stderr)
        return result

    return run


@pytest.fixture
def run(request: pytest.FixtureRequest, call: Run, execute: Run) -> Run:
    """Run gamify in every way: a test with this fixture holds for each."""
    return call if request.param == "in process" else execute


@pytest.fixture(params=["sqlite", "http→sqlite", "postgres", "http→postgres"])
def backend(request: pytest.FixtureRequest, place: Place, loop: Loop) -> Iterator[Backend]:
    """A backend with nothing in it; what holds for one holds for each."""
    at = instants.parse(NOW, 0)
    way, _, kind = request.param.rpartition("→")
    if kind == "sqlite":
        place.store.parent.mkdir(parents=True)
    where = place.store if kind == "sqlite" else request.getfixturevalue("database")
    servers = Loopback(where, loop)
    opened: Backend
    opened = servers.backend(at) if way else LocalStore.open(where, timeout=5, test_now=at)
    yield opened
    opened.close()
    servers.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL for all tests; each takes a namespace or a database of its own there."""
    if postgres.binaries() is None:
        _missing(f"PostgreSQL {postgres.OLDEST} or later", postgres.PACKAGE)
    with postgres.running() as cluster:
        yield cluster


@pytest.fixture
def database(cluster: postgres.Cluster) -> str:
    """The URL of a place in PostgreSQL with nothing in it."""
    return cluster.namespace()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test runs in the ways that it asks for, and over a server as `parity` has it."""
    if "environment" not in metafunc.fixturenames:
        return
    module, name = metafunc.module.__name__, metafunc.function.__name__
    others = parity.ways(module, name, inspect.signature(metafunc.function).parameters)
    if "run" in metafunc.fixturenames:
        ways = [("in process", "local"), ("executable", "local"), *others]
        ids = [how if where == "local" else f"{how}, {where}" for how, where in ways]
        metafunc.parametrize(("run", "environment"), ways, indirect=True, ids=ids)
    elif others:
        places = ("local", *dict.fromkeys(where for _, where in others))
        metafunc.parametrize("environment", places, indirect=True)


def program(name: str, package: str) -> str:
    """The path of a system program; without it the test is skipped, or fails in the gate."""
    return shutil.which(name) or _missing(name, package)


def _missing(name: str, package: str) -> NoReturn:
    reason = f"needs {name}: install the Debian package {package}"
    if os.environ.get("GAMIFY_TEST_EVERYTHING"):
        pytest.fail(reason)
    pytest.skip(reason)


def _text(stream: Any) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()
