"""A PostgreSQL of the tests' own: a cluster in a temporary folder that ends with them.

    with running() as cluster:
        url = cluster.namespace()

Its database orders text as English does, and its clock is far from UTC: a statement that relies
on either being as in SQLite is found out.
"""

from __future__ import annotations

import itertools
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

OLDEST = 15
PACKAGE = "postgresql"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests, where no machine fails; a benchmark runs with what PostgreSQL itself has."""

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "timezone": "Asia/Kathmandu",
    "lc_messages": "C",
}
_CREATE = (
    "CREATE ROLE gamify LOGIN CREATEDB PASSWORD 'sesame'",
    "CREATE ROLE guarded LOGIN PASSWORD 'sesame'",
    "CREATE DATABASE gamify OWNER gamify TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'",
    "GRANT CREATE ON DATABASE gamify TO guarded",
)
_ACCESS = """\
local all all trust
host all guarded 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""

# It lives until its stdin ends, which is also when the process that started it was killed.
_GUARDIAN = """\
umask 077
folder=$1
cd "$folder" || exit
if initdb --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync \
    > log 2>&1 && cp access data/pg_hba.conf && cat settings >> data/postgresql.conf &&
    pg_ctl start --pgdata=data --wait --log=log > /dev/null
then
    echo ready
    read -r _
    pg_ctl stop --pgdata=data --mode=immediate --wait > /dev/null
else
    cat log
fi
rm -rf "$folder"
"""


@dataclass
class Cluster:
    """A running PostgreSQL. Its role `gamify` needs no password, `guarded` has `sesame`."""

    folder: Path
    port: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def namespace(self, role: str = "gamify") -> str:
        """The URL of a namespace of the database `gamify` that is not there yet."""
        options = quote(f"-csearch_path=place_{next(self._numbers)}", safe="")
        return f"{self.url('gamify', role)}?options={options}"

    def database(self) -> str:
        """The URL of a new database; takes 50 times as long as a namespace."""
        name = f"database_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database: str, role: str = "gamify") -> str:
        """A database over TCP."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def administrator(self, database: str = "gamify") -> str:
        """A database as the superuser sees it, over the Unix socket."""
        folder = quote(str(self.folder), safe="")
        return f"postgresql://postgres@/{database}?host={folder}&port={self.port}"


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL that is new enough."""
    found = shutil.which("initdb")
    folders = [*Path("/usr/lib/postgresql").glob("*/bin")]
    if found:
        folders.append(Path(found).resolve().parent)
    known = {folder: _version(folder) for folder in folders if (folder / "initdb").exists()}
    newest = max(known, key=lambda folder: known[folder], default=None)
    return newest if newest and known[newest] >= OLDEST else None


def ordinary_user() -> dict[str, str | int | list[str]]:
    """Arguments of Popen for a user that PostgreSQL runs as, since it refuses to run as root."""
    if os.geteuid():
        return {}
    users = {one.pw_name: one for one in pwd.getpwall()}
    user = users.get("postgres", users["nobody"])
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def running(settings: Mapping[str, str] = FAST) -> Iterator[Cluster]:
    """A new cluster; stopped and removed at the end, even if this process is killed.

    Raises RuntimeError with PostgreSQL's own words if it does not start.
    """
    folder = binaries()
    assert folder, f"needs PostgreSQL {OLDEST} or later: install the Debian package {PACKAGE}"
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="gamify-postgres-")), free_port())
    _write_settings(cluster, settings)
    guardian = subprocess.Popen(
        ["/bin/sh", "-c", _GUARDIAN, "guardian", str(cluster.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": f"{folder}:{os.defpath}", "LANG": "C.UTF-8"},
        start_new_session=True,
        **ordinary_user(),
    )
    try:
        assert guardian.stdout
        if guardian.stdout.readline() != "ready\n":
            raise RuntimeError(f"PostgreSQL does not start:\n{guardian.stdout.read()}")
        _create(cluster)
        yield cluster
    finally:
        guardian.communicate()


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _write_settings(cluster: Cluster, settings: Mapping[str, str]) -> None:
    own = {"port": str(cluster.port), "unix_socket_directories": str(cluster.folder)}
    lines = [f"{name} = '{value}'\n" for name, value in {**_SETTINGS, **own, **settings}.items()]
    (cluster.folder / "settings").write_text("".join(lines))
    (cluster.folder / "access").write_text(_ACCESS)
    if user := ordinary_user():
        for path in (cluster.folder, *cluster.folder.iterdir()):
            os.chown(path, user["user"], user["group"])


def _create(cluster: Cluster) -> None:
    with psycopg.connect(cluster.administrator("postgres"), autocommit=True) as connection:
        for statement in _CREATE:
            connection.execute(statement)


def _version(folder: Path) -> int:
    """The number before the point."""
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, check=True)
    return int(re.findall(rb"\d+", told.stdout)[0])
