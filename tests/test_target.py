"""A store in PostgreSQL as the target of commands: named, refused, looked at, upgraded."""

from __future__ import annotations

import json
import select
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from conftest import EXECUTABLE, Place, Result, Run
from postgres import Cluster

from gamify_cli.errors import StoreError, Unavailable
from gamify_cli.store.postgres import connection as opening
from gamify_cli.store.postgres.dumping import PostgresCopier
from gamify_cli.store.upgrade import MIGRATIONS, upgrade_store

SECRET = "hunter2"  # noqa: S105 (it is none)
WITH_PASSWORDS = [
    f"postgresql://u:{SECRET}@h/db",
    f"postgres://u:{SECRET}@h/db",
    f"postgresql://:{SECRET}@h",
    f"postgresql://u:{SECRET}/x@h/db",
    f"postgresql://u:{SECRET}?x@h/db",
    f"postgresql://u%3a{SECRET}@h/db",
    f"postgresql://h1,h2:5433/db?user=u&password={SECRET}",
    f"postgresql://h/db?pass%77ord={SECRET}",
    f"postgresql:///?sslpassword={SECRET}",
]
NO_PASSWORDS = [
    "postgresql://",
    "postgres://h/db",
    "postgresql://u@h1:5432,h2:5433/db?target_session_attrs=read-write&options=-c%20search_path=x",
    "postgresql://[::1]:5432/db?passfile=/home/me/.pgpass",
    "postgresql:///db?host=/run/postgresql&user=a%40b&options=-c search_path=x",
]
HOUR = 3600


@pytest.fixture
def config(place: Place) -> Path:
    path = place.home / "config" / "gamify" / "config.toml"
    path.parent.mkdir(parents=True, mode=0o700)
    return path


def findings(result: Result) -> dict[str, tuple[str, str]]:
    """Status and what was found, with its hint, by check."""
    rows = json.loads(result.stdout)
    return {row["check"]: (row["status"], f"{row['detail']} | {row['hint']}") for row in rows}


def execute(url: str, *statements: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("url", WITH_PASSWORDS)
def test_a_url_with_a_password_is_refused_wherever_it_stands(
    url: str, call: Run, place: Place, config: Path
) -> None:
    ways = [
        call("points", "award", "ada", "1", "--store", url, "--debug", "--verbose"),
        call("participants", "get", "ada", "--json", env={"GAMIFY_STORE": url}),
        call("config", "list", env={"GAMIFY_STORE": url}),
        call("profiles", "add", "shop", "--store", url),
        call("config", "set", "profiles.local.store", url),
    ]
    assert not config.exists()
    config.write_text(f"[profiles.shop]\nstore = {json.dumps(url)}\n")
    ways += [call("profiles", "list"), call("config", "list"), call("participants", "get", "ada")]

    for result in ways:
        assert result.exit_code == 2
        assert "the URL of the database holds a password" in result.stderr
        assert ".pgpass" in result.stderr
        assert SECRET not in result.stdout + result.stderr
    assert not (place.home / ".local").exists()


def test_a_password_in_a_command_line_is_starred_in_the_journal(call: Run) -> None:
    call("participants", "create", "ada", "--avatar-url", f"https://u:{SECRET}@x/a.png")

    (row,) = json.loads(call("participants", "history", "ada", "--json").stdout)

    assert row["command"] == "gamify participants create ada --avatar-url https://u:***@x/a.png"


@pytest.mark.parametrize("url", NO_PASSWORDS)
def test_any_other_url_reaches_the_library_as_it_is(url: str, call: Run, config: Path) -> None:
    assert call("profiles", "add", "shop", "--store", url).exit_code == 0

    assert json.loads(call("profiles", "current", "-p", "shop").stdout)["store"] == url
    listed = json.loads(call("config", "get", "profiles.shop.store").stdout)
    assert (listed["value"], listed["place"]) == (url, f"{config}:2")


@pytest.mark.parametrize(
    ("url", "code", "message"),
    [
        ("postgresql://%zz", 2, "the URL of the database is no good: invalid percent-encoded"),
        ("postgresql:///?bogus=1", 2, "the URL of the database is no good: invalid URI query"),
        ("postgresql://h\0/db", 2, "holds a character that does not print"),
        ("postgresql://127.0.0.1:1/db", 7, "cannot be reached: connection failed"),
    ],
)
def test_a_url_that_leads_nowhere_is_told(url: str, code: int, message: str, call: Run) -> None:
    result = call("participants", "get", "ada", "--store", url, "--timeout", "1")

    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr


def test_a_missing_driver_is_told_with_what_installs_it(place: Place, database: str) -> None:
    lines = (["participants", "get", "ada"], ["store", "upgrade"], ["serve"], ["doctor", "--json"])
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from gamify_cli.app import run\n"
        f"codes = [run([*line, '--store', {database!r}]) for line in {lines}]\n"
        "sys.exit(codes != [2, 2, 2, 9])"
    )
    done = subprocess.run(
        [EXECUTABLE.with_name("python"), "-c", code],
        env=place.env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = (
        "gamify: a PostgreSQL store needs packages that are not installed: psycopg\n"
        "  hint: pip install 'gamify-cli[postgres]'\n"
    )
    assert done.stderr.startswith(3 * told)
    assert "pip install 'gamify-cli[postgres]'" in done.stdout


def test_a_store_in_a_database_is_shown_by_its_url(call: Run, config: Path, database: str) -> None:
    config.write_text(f'[profiles.shop]\nstore = "{database}"\nprotected = true\n')
    empty = json.loads(call("store", "info", "-p", "shop").stdout)

    refused = call("points", "award", "ada", "1", "-p", "shop")
    awarded = call("points", "award", "ada", "1", "-p", "shop", "--confirm", "shop", "-v")
    info = json.loads(call("store", "info", "-p", "shop").stdout)
    tested = json.loads(call("profiles", "test", "shop").stdout)

    assert (refused.exit_code, awarded.exit_code) == (10, 0)
    assert f"write to profile shop ({database})" in awarded.stderr
    assert "operation: op_" in awarded.stderr
    assert (empty["path"], empty["exists"], empty["bytes"]) == (database, False, 0)
    assert (info["path"], info["exists"], info["facts"]) == (database, True, 2)
    assert (tested["store"], tested["url"]) == (database, None)


def test_completion_knows_what_is_in_a_database(execute: Run, database: str) -> None:
    execute("participants", "create", "ada", "--store", database)

    assert execute("__complete", "ids", "a", "--store", database).stdout == "ada\n"


def test_completion_waits_for_no_database_that_does_not_answer(execute: Run) -> None:
    """It listens, and then says nothing for longer than this test may take."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/db?connect_timeout=600"
        result = execute("__complete", "ids", "", "--store", url)

    assert result == Result(0, "", "")


def test_a_database_that_is_well_passes_every_check(call: Run, cluster: Cluster) -> None:
    durable = ("fsync", "full_page_writes")
    execute(
        cluster.administrator(),
        *(f"ALTER SYSTEM SET {name} = on" for name in durable),
        "SELECT pg_reload_conf()",
    )
    url = f"{cluster.namespace()}%20-csynchronous_commit%3Don"
    try:
        call("participants", "create", "ada", "--store", url)
        found = findings(_settled(call, url))
    finally:
        execute(
            cluster.administrator(),
            *(f"ALTER SYSTEM RESET {name}" for name in durable),
            "SELECT pg_reload_conf()",
        )

    checks = ("store", "database version", "database encoding", "durability", "clock")
    assert {name: found[name][0] for name in (*checks, "store schema")} == dict.fromkeys(
        (*checks, "store schema"), "pass"
    )
    assert found["store"][1].startswith(f"{url} answered in ")


def _settled(call: Run, url: str) -> Result:
    """What doctor finds once the server has read its settings again."""
    for _ in range(100):
        result = call("doctor", "--store", url, "--json")
        if findings(result)["durability"][0] == "pass":
            break
    return result


def test_what_a_database_lacks_is_found(
    call: Run, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, latin = cluster.namespace(), f"latin_{time.monotonic_ns()}"
    execute(
        cluster.administrator("postgres"),
        f"CREATE DATABASE {latin} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
    )
    away = findings(call("doctor", "--store", "postgresql://127.0.0.1:1/x", "--json"))
    new = findings(call("doctor", "--store", url, "--json"))
    other = findings(call("doctor", "--store", cluster.url(latin), "--json"))
    call("participants", "create", "ada", "--store", url)
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with monkeypatch.context() as patch:
        real = time.time_ns
        patch.setattr(time, "time_ns", lambda: real() - HOUR * 1_000_000_000)
        newer = findings(call("doctor", "--store", url, "--json"))
    execute(url, "DROP TABLE alembic_version")
    strange = findings(call("doctor", "--store", url, "--json"))
    monkeypatch.setattr(opening, "OLDEST", 990_000)
    old = findings(call("doctor", "--store", url, "--json"))

    assert away["store"][0] == "fail"
    assert "Connection refused" in away["store"][1]
    assert new["store schema"] == (
        "warn",
        "there is no store in it yet | the first write makes it",
    )
    assert new["durability"] == (
        "fail",
        "fsync, full_page_writes, synchronous_commit off: a crash of its machine may lose"
        " what was answered as done | set in postgresql.conf: fsync = on, full_page_writes = on,"
        " synchronous_commit = on",
    )
    assert other["database encoding"][0] == "fail"
    assert other["database encoding"][1].startswith("LATIN1, which does not take every text")
    assert newer["store schema"][0] == "fail"
    assert "was made by a newer gamify (schema 9999" in newer["store schema"][1]
    assert newer["clock"][0] == "warn"
    assert "the database's is 3,600 s ahead of the one here" in newer["clock"][1]
    assert strange["store schema"][0] == "fail"
    assert 'relation "alembic_version" does not exist' in strange["store schema"][1]
    assert old["database version"][0] == "fail"
    assert "needs PostgreSQL 99 or later, and this is" in old["database version"][1]


def test_a_change_that_may_be_done_names_the_command_that_finishes_it(
    call: Run, store: str
) -> None:
    address = urlsplit(store).netloc.partition("@")[2]
    with cutting(int(address.partition(":")[2])) as port:
        through = store.replace(address, f"127.0.0.1:{port}")
        lost = call("points", "award", "ada", "5", "--store", through, "--timeout", "1")
    command = lost.stderr.partition("to finish it safely, run: gamify ")[2]
    finished = call(*shlex.split(command.replace(through, store)))

    assert (lost.exit_code, lost.stdout) == (7, "")
    assert "was lost while the change was committed; it may be done, or not" in lost.stderr
    assert finished.exit_code == 0
    assert json.loads(finished.stdout)["new_balance"] == 5
    assert json.loads(call("points", "balance", "ada", "--store", store).stdout)["balance"] == 5


@contextmanager
def cutting(port: int) -> Iterator[int]:
    """A way to PostgreSQL that ends for good with the first answer to COMMIT, which is lost."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        guard = threading.Thread(target=cut, args=(listener, port))
        guard.start()
        yield listener.getsockname()[1]
        guard.join()


def cut(listener: socket.socket, port: int) -> None:
    address = ("127.0.0.1", port)
    with listener, listener.accept()[0] as client, socket.create_connection(address) as server:
        ways = {client: server, server: client}
        while True:
            for ready in select.select([*ways], [], [])[0]:
                data = ready.recv(65_536)
                ways[ready].sendall(data)
                if not data:
                    return
                if b"COMMIT\0" in data:
                    server.recv(65_536)
                    return


@pytest.fixture
def store(call: Run, database: str) -> str:
    """The URL of a store with one participant."""
    assert call("participants", "create", "ada", "--store", database).exit_code == 0
    return database


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """The migrations of gamify with one more, which takes what `body` gives."""
    return shutil.copytree(MIGRATIONS, tmp_path / "migrations")


def add(migrations: Path, *statements: str) -> Path:
    body = "".join(f"    {statement}\n" for statement in statements)
    (migrations / "versions" / "0002_next.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n\n"
        'revision, down_revision = "0002", "0001"\n\n\n'
        f"def upgrade():\n{body}"
    )
    return migrations


ADD_COLUMN = 'op.add_column("participants", sa.Column("nickname", sa.Text()))'


def test_a_current_store_in_a_database_needs_no_upgrade(call: Run, database: str) -> None:
    missing = call("store", "upgrade", "--store", database)
    call("participants", "create", "ada", "--store", database)
    current = call("store", "upgrade", "--store", database)

    assert missing.stderr == "the store does not exist yet; the first write makes it\n"
    assert current.stderr == "nothing to do: the store has the schema of this gamify\n"
    told = {"path": database, "from": "0001", "to": "0001", "backup": None}
    assert json.loads(current.stdout) == told
    assert json.loads(missing.stdout) == told | {"from": None}


@pytest.mark.parametrize(("version", "message"), [("9999", "newer gamify"), ("0000", "not know")])
def test_a_schema_that_leads_nowhere_is_refused_in_a_database(
    version: str, message: str, call: Run, store: str
) -> None:
    execute(store, f"UPDATE alembic_version SET version_num = '{version}'")

    for command in ([], ["--dry-run"]):
        refused = call("store", "upgrade", "--store", store, *command)
        assert (refused.exit_code, refused.stdout) == (8, "")
        assert message in refused.stderr
    assert call("participants", "get", "ada", "--store", store).exit_code == 8


def test_a_database_is_migrated_whole_or_not_at_all(
    call: Run, store: str, migrations: Path
) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        upgrade_store(
            store,
            timeout=5,
            dry_run=False,
            migrations=add(migrations, ADD_COLUMN, 'op.drop_table("nowhere")'),
        )
    assert call("participants", "get", "ada", "--store", store).exit_code == 0

    add(migrations, ADD_COLUMN)
    dry = upgrade_store(store, timeout=5, dry_run=True, migrations=migrations)
    assert call("participants", "get", "ada", "--store", store).exit_code == 0
    kept = migrations.parent / "kept.dump"
    done = upgrade_store(store, timeout=5, dry_run=False, keep=lambda: kept, migrations=migrations)

    assert dry == {"path": store, "from": "0001", "to": "0002", "backup": None}
    assert done == dry | {"backup": str(kept)}
    assert PostgresCopier(store, 5).examine(kept, kept).participants == 1
    assert execute(store, "SELECT participant_id, nickname FROM participants") == [("ada", None)]
    assert execute(store, "SELECT version_num FROM alembic_version") == [("0002",)]


def test_an_upgrade_waits_for_those_who_write_and_they_for_it(store: str, migrations: Path) -> None:
    """A rival holds the store as any transaction of gamify does: it has read the schema."""
    add(migrations, ADD_COLUMN)
    with psycopg.connect(store) as rival:
        rival.execute("SELECT version_num FROM alembic_version")
        with pytest.raises(Unavailable, match="took too long"):
            upgrade_store(store, timeout=1, dry_run=False, migrations=migrations)
        late = threading.Thread(
            target=upgrade_store,
            args=(store,),
            kwargs={"timeout": 30, "dry_run": False, "migrations": migrations},
        )
        late.start()
        rival.execute("UPDATE participants SET display_name = 'Ada'")
    late.join(30)

    assert execute(store, "SELECT display_name, nickname FROM participants") == [("Ada", None)]
