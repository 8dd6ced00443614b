"""Servers of the same store, and wrk to call them."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import data
import installed

PARTICIPANTS = 10_000
CLIENTS = 32

Command = list[str | Path]

_HERE = Path(__file__).parent
_STOP_SECONDS = 40


class Server(NamedTuple):
    """A process that answers at `url`."""

    pid: int
    url: str

    def memory(self) -> int:
        """Memory of its own, in KiB: not the pages of the store that are mapped, which become
        more with what is written, and which the system takes back when it needs them."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines()
        (own,) = (line for line in lines if line.startswith("RssAnon:"))
        return int(own.split()[1])


class Load(NamedTuple):
    """What came of some load: latencies in seconds, and how much was not answered well."""

    requests: int
    seconds: float
    errors: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @classmethod
    def told(cls, wrk: subprocess.Popen[str]) -> Load:
        """What wrk tells at its end, by load.lua."""
        (line,) = (one for one in wrk.communicate()[0].splitlines() if one.startswith("told "))
        requests, microseconds, refused, broken, p50, p99 = map(int, line.split()[1:])
        return cls(requests, microseconds / 1e6, refused + broken, p50 / 1e6, p99 / 1e6)


class Place:
    """A folder with a store, a key without a limit to it, and copies for the servers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ids = folder / "ids.txt"
        # In an order that has nothing to do with the store's.
        ids = random.Random(7).sample(data.ids(PARTICIPANTS), PARTICIPANTS)
        self.ids.write_text("".join(f"{one}\n" for one in ids), encoding="utf-8")
        self._store = folder / "store.db"
        shutil.copy(data.store(PARTICIPANTS), self._store)
        options = ("--scope", "admin", "--rate-limit", "none", "--store", self._store)
        made = subprocess.run(
            [installed.GAMIFY, "keys", "create", *options, "-o", "json"],
            env=installed.environment(),
            capture_output=True,
            check=True,
        )
        self.key: str = json.loads(made.stdout)["key"]

    def remote(self, server: Server) -> dict[str, str]:
        """The environment of commands that work on a server."""
        config = self.folder / "config.toml"
        config.write_text(f'[profiles.served]\nurl = "{server.url}"\n', encoding="utf-8")
        chosen = {"GAMIFY_CONFIG": str(config), "GAMIFY_PROFILE": "served"}
        return installed.environment(**chosen, GAMIFY_API_KEY=self.key)

    @contextmanager
    def gamify(self) -> Iterator[Server]:
        """`gamify serve`, without its access log, since the others write none."""
        store = self._copy()
        command: Command = [
            installed.GAMIFY,
            "serve",
            "--port",
            "0",
            "--no-access-log",
            "--store",
            store,
        ]
        with _running(command) as server:
            yield server

    @contextmanager
    def reference(self, script: str) -> Iterator[Server]:
        """One of the apps beside this file."""
        with _running([installed.PYTHON, _HERE / script, self._copy()]) as server:
            yield server

    @contextmanager
    def wrk(self, server: Server, kind: str, seconds: int) -> Iterator[subprocess.Popen[str]]:
        """wrk, while it sends requests of a kind that load.lua knows."""
        options: Command = [
            "-t1",
            f"-c{CLIENTS}",
            f"-d{seconds}s",
            "-s",
            _HERE / "load.lua",
            server.url,
        ]
        command: Command = ["wrk", *options, "--", kind, self.key, self.ids]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            yield process

    def _copy(self) -> Path:
        path = self.folder / f"copy-{len(list(self.folder.iterdir()))}.db"
        shutil.copy(self._store, path)
        return path


@contextmanager
def _running(command: Command) -> Iterator[Server]:
    """The process from the line in which it tells its URL on, until it is told to stop."""
    process = subprocess.Popen(
        command,
        env=installed.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        if process.stdout is None:
            raise SystemExit("no pipe")
        url = process.stdout.readline().strip()
        if not url.startswith("http"):
            raise SystemExit(f"{command} did not serve: {url}{process.stdout.read()}")
        yield Server(process.pid, url)
    finally:
        process.terminate()
        process.communicate(timeout=_STOP_SECONDS)
