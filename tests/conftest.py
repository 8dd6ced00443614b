"""Fixtures: gamify in process and as an installed executable, on a store of its own."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gamify_cli import app

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

    @property
    def store(self) -> Path:
        return self.home / "data" / "gamify" / "gamify.db"

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
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }


Run = Callable[..., Result]


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for the bytecode of every executable that the tests start."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def place(tmp_path: Path, bytecode: Path) -> Place:
    """A home of its own, with nothing in it."""
    return Place(tmp_path, bytecode)


@pytest.fixture
def execute(place: Place) -> Run:
    """Run the installed executable."""

    def run(*args: str, stdin: str | bytes = b"", env: dict[str, str] | None = None) -> Result:
        done = subprocess.run(
            [EXECUTABLE, *args],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env=place.env | (env or {}),
            cwd=place.home,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def call(place: Place, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run gamify in this process."""

    def run(*args: str, stdin: str | bytes = b"", env: dict[str, str] | None = None) -> Result:
        streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8") for name in ("stdout", "stderr")}
        given = stdin.encode() if isinstance(stdin, str) else stdin
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("GAMIFY_", "XDG_"))]:
                patch.delenv(name)
            for name, value in (place.env | (env or {})).items():
                patch.setenv(name, value)
            patch.chdir(place.home)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            code = app.run(list(args))
        return Result(code, *(_text(stream) for stream in streams.values()))

    return run


@pytest.fixture(params=["in process", "executable"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run gamify both ways: a test with this fixture holds for each."""
    name = "call" if request.param == "in process" else "execute"
    runner: Run = request.getfixturevalue(name)
    return runner


def program(name: str, package: str) -> str:
    """The path of a system program; without it the test is skipped, or fails in the gate."""
    path = shutil.which(name)
    if path is None:
        reason = f"needs {name}: install the Debian package {package}"
        if os.environ.get("GAMIFY_TEST_EVERYTHING"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def _text(stream: Any) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()
