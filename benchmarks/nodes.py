"""Two PostgreSQL nodes under Patroni with etcd, on loopback, in a temporary folder.

A commit is answered when both nodes have it. All that runs here ends with the process that
started it, however that ends, and the folder goes, too.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from cluster import postgres

TTL = 10
"""Seconds after which a leader that is not heard of is replaced."""
_LOOP, _RETRY = 1, 4
_PATIENCE = 180.0

Look = Callable[[], Any]
"""Finds something, or nothing yet."""

_DATABASE = "gamify"
_CREATE = (f"CREATE ROLE {_DATABASE} LOGIN", f"CREATE DATABASE {_DATABASE} OWNER {_DATABASE}")

# It waits until the process that started it ends. PostgreSQL has a session of its own on each
# node; a process id may have gone to another process meanwhile.
_GUARDIAN = """\
read -r _
for data in "$1"/a/data "$1"/b/data; do
    server=$(head -n 1 "$data/postmaster.pid" 2> /dev/null) || continue
    grep -qsF "$data" "/proc/$server/cmdline" || continue
    kill -s QUIT "$server"
    for _ in $(seq 50); do [ -e "$data/postmaster.pid" ] && sleep 0.1; done
done
rm -rf "$1"
"""


class Stuck(RuntimeError):
    """What had to happen did not."""


@dataclass
class Node:
    """A Patroni and its PostgreSQL; `api` is the port of Patroni's own answers."""

    name: str
    folder: Path
    port: int = field(default_factory=postgres.free_port)
    api: int = field(default_factory=postgres.free_port)
    patroni: subprocess.Popen[bytes] | None = None

    def is_(self, role: str) -> bool:
        """Whether it says of itself that it is `leader` or `synchronous`."""
        asked = http.client.HTTPConnection("127.0.0.1", self.api, timeout=5)
        try:
            asked.request("GET", f"/{role}")
            return asked.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()

    def takes_writes(self) -> bool:
        """Whether its PostgreSQL was promoted."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2) as connection:
                (recovers,) = connection.execute("SELECT pg_is_in_recovery()").fetchone() or (1,)
                return not recovers
        except psycopg.Error:
            return False

    def url(self, role: str) -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/postgres"

    def kill_server(self) -> None:
        """Kill PostgreSQL, every process of it, at one blow."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in (postmaster, *map(int, children)):
            _kill(process)

    def kill(self) -> None:
        """Kill Patroni and PostgreSQL, as if the machine were gone."""
        if self.patroni:
            self.patroni.kill()
            self.patroni.wait()
        self.kill_server()


class Nodes:
    """A primary and its synchronous replica."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._folder, self._binaries = folder, binaries
        self._etcd = postgres.free_port()
        self._nodes = [Node(name, folder / name) for name in ("a", "b")]
        self._started: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        """The database on whichever node takes writes."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self._nodes)
        return f"postgresql://gamify@{hosts}/gamify?target_session_attrs=read-write"

    def start(self) -> None:
        """Start everything, with an empty database. Raises Stuck."""
        self._run("etcd", *self._etcd_options())
        for node in self._nodes:
            self.start_node(node)
        primary, _ = self.healthy()
        with psycopg.connect(primary.url("postgres"), autocommit=True) as connection:
            for statement in _CREATE:
                connection.execute(statement)

    def start_node(self, node: Node) -> None:
        """Start its Patroni, which starts its PostgreSQL and makes it follow the leader."""
        settings = self._folder / f"{node.name}.json"
        settings.write_text(json.dumps(self._settings(node)))
        node.patroni = self._run("patroni", str(settings))

    def healthy(self) -> tuple[Node, Node]:
        """Wait until there are a primary and its synchronous replica. Raises Stuck."""

        def pair() -> tuple[Node, Node] | None:
            for primary, replica in (self._nodes, self._nodes[::-1]):
                if primary.is_("leader") and replica.is_("synchronous"):
                    return primary, replica
            return None

        return self.until(pair, "a primary with a synchronous replica")

    def until(self, look: Look, what: str) -> Any:
        """What `look` finds once it finds something. Raises Stuck."""
        last = time.monotonic() + _PATIENCE
        while time.monotonic() < last:
            if found := look():
                return found
            time.sleep(0.02)
        raise Stuck(f"waited {_PATIENCE:.0f} s for {what}:\n{self._last_words()}")

    def stop(self) -> None:
        """Kill what this started; servers end with the folder."""
        for process in self._started:
            process.kill()
            process.wait()

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        """Start something that is killed when this process ends."""
        with (self._folder / f"{Path(command[-1]).stem}.log").open("ab") as log:
            process = subprocess.Popen(
                ["setpriv", *_as_ordinary_user(), "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": f"{self._binaries}:{os.defpath}", "LANG": "C.UTF-8"},
                cwd=self._folder,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def _etcd_options(self) -> list[str]:
        client, peer = (f"http://127.0.0.1:{one}" for one in (self._etcd, postgres.free_port()))
        return [
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=etcd={peer}",
            "--name=etcd",
            f"--data-dir={self._folder / 'etcd'}",
        ]

    def _settings(self, node: Node) -> dict[str, Any]:
        """Patroni's own; its file is YAML, of which JSON is a part."""
        api = f"127.0.0.1:{node.api}"
        return {
            "scope": "gamify",
            "name": node.name,
            "etcd3": {"host": f"127.0.0.1:{self._etcd}"},
            "restapi": {"listen": api, "connect_address": api},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL,
                    "loop_wait": _LOOP,
                    "retry_timeout": _RETRY,
                    "primary_start_timeout": 0,
                    "synchronous_mode": True,
                    "postgresql": {"use_pg_rewind": True},
                },
                "initdb": ["data-checksums", {"encoding": "UTF8"}, {"locale": "C.UTF-8"}],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{node.port}",
                "connect_address": f"127.0.0.1:{node.port}",
                "data_dir": str(node.folder / "data"),
                "bin_dir": str(self._binaries),
                "pgpass": str(node.folder / "pgpass"),
                "parameters": {"unix_socket_directories": str(node.folder)},
                "pg_hba": [
                    f"host {what} all 127.0.0.1/32 trust" for what in ("all", "replication")
                ],
                "authentication": {
                    "superuser": {"username": "postgres"},
                    "replication": {"username": "replicator"},
                },
                "remove_data_directory_on_rewind_failure": True,
                "remove_data_directory_on_diverged_timelines": True,
            },
        }

    def _last_words(self) -> str:
        logs = sorted(self._folder.glob("*.log"))
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-2_000:]}" for log in logs
        )


@contextmanager
def running() -> Iterator[Nodes]:
    """Both nodes, ready. Exits where a program is missing. Raises Stuck."""
    binaries = _required()
    folder = Path(tempfile.mkdtemp(prefix="gamify-nodes-"))
    for one in (folder, folder / "a", folder / "b"):
        one.mkdir(exist_ok=True, mode=0o700)
        if user := postgres.ordinary_user():
            os.chown(one, user["user"], user["group"])
    guardian = subprocess.Popen(
        ["/bin/sh", "-c", _GUARDIAN, "guardian", str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
        **postgres.ordinary_user(),
    )
    nodes = Nodes(folder, binaries)
    try:
        nodes.start()
        yield nodes
    finally:
        nodes.stop()
        guardian.communicate()


def _required() -> Path:
    """The folder of PostgreSQL's programs; exits where something is missing."""
    packages = {"patroni": "patroni", "etcd": "etcd-server", "setpriv": "util-linux"}
    missing = [package for name, package in packages.items() if not shutil.which(name)]
    binaries = postgres.binaries()
    if binaries is None:
        missing.append(postgres.PACKAGE)
    if missing or not binaries:
        raise SystemExit(f"needs {', '.join(missing)}: apt-get install {' '.join(missing)}")
    return binaries


def _as_ordinary_user() -> list[str]:
    user = postgres.ordinary_user()
    if not user:
        return []
    return [f"--reuid={user['user']}", f"--regid={user['group']}", "--clear-groups"]


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return
