"""A served store for tests: gamify serve as a process of its own, and requests to it."""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conftest import EXECUTABLE, Place, Run

BASE = "/api/v1/gamify"


@dataclass
class Reply:
    """What was answered; names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Server:
    """A server that runs, and the key that it is called with."""

    process: subprocess.Popen[str]
    port: int
    key: str
    _connections: list[http.client.HTTPConnection] = field(default_factory=list)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Ask on a connection of its own; a body that is no bytes is sent as JSON."""
        sent = {"X-API-Key": self.key if key is None else key, **(headers or {})}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if body is not None:
            sent = {"Content-Type": "application/json", **sent}
        where = (
            path if path.startswith(("/healthz", "/readyz", "/metrics", "/open")) else BASE + path
        )
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, where, None if body is None else content, sent)
            answer = connection.getresponse()
            given = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, given, answer.read())
        finally:
            connection.close()

    def stop(self) -> str:
        """Tell it to stop, and return what it logged."""
        self.process.terminate()
        _, log = self.process.communicate(timeout=30)
        return log


@contextmanager
def serving(place: Place, key: str, *options: str) -> Iterator[Server]:
    """gamify serve on a free port of loopback, over the place's store."""
    process = subprocess.Popen(
        [EXECUTABLE, "serve", "--port", "0", *options],
        env=place.env,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        url = process.stderr.readline().strip()
        assert url.startswith("http"), url + process.stderr.read()
        yield Server(process, urlsplit(url).port or 0, key)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def serving_for_all(place: Place, *commands: Sequence[str | Path]) -> Iterator[Server]:
    """A server for the tests of a whole module, after these commands."""

    def run(*args: str | Path) -> str:
        return subprocess.run(
            [EXECUTABLE, *args], env=place.env, check=True, capture_output=True, text=True
        ).stdout

    for command in commands:
        run(*command)
    made = run("keys", "create", "--scope", "admin", "--rate-limit", "none", "--json")
    # Nobody reads the log, whose pipe would fill up.
    with serving(place, json.loads(made)["key"], "--no-access-log") as server:
        yield server


def make_key(call: Run, *options: str) -> str:
    """A key of the store, for administration and without limit unless the options say so."""
    given = options or ("--scope", "admin", "--rate-limit", "none")
    made = call("keys", "create", *given, "--json")
    assert made.exit_code == 0, made.stderr
    return str(json.loads(made.stdout)["key"])
