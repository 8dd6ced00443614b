"""Bringing a store to another schema: after a backup, whole or not at all."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Result, Run, program

from gamify_cli.errors import StoreError, Unavailable
from gamify_cli.store.upgrade import MIGRATIONS, upgrade_store

ADD_COLUMN = 'op.add_column("participants", sa.Column("nickname", sa.Text()))'
REMAKE_TABLE = (
    'with op.batch_alter_table("operations", recreate="always") as batch:\n'
    '        batch.add_column(sa.Column("nickname", sa.Text()))'
)
FAIL = f'{ADD_COLUMN}\n    op.drop_table("nowhere")'
CRASH = f"{ADD_COLUMN}\n    raise RuntimeError('no way')"
DIE = f"{ADD_COLUMN}\n    import os\n    os.kill(os.getpid(), 9)"


@pytest.fixture
def store(call: Run, place: Place) -> Path:
    """A store with one participant, and nothing beside it."""
    assert call("participants", "create", "user_1", "--display-name", "Jane").exit_code == 0
    return place.store


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """The migrations of gamify, to be added to."""
    return shutil.copytree(MIGRATIONS, tmp_path / "migrations")


def add(migrations: Path, body: str) -> Path:
    """A migration after the newest."""
    (migrations / "versions" / "0002_next.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n\n"
        'revision, down_revision = "0002", "0001"\n\n\n'
        f"def upgrade():\n    {body}\n"
    )
    return migrations


def content(path: Path) -> list[str]:
    """All of a database as SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def run_upgrade(store: Path, migrations: Path, *prefix: str) -> subprocess.CompletedProcess[str]:
    """Upgrade in a process of its own."""
    code = (
        "import sys; from pathlib import Path\n"
        "from gamify_cli.store.upgrade import upgrade_store\n"
        "store, migrations = map(Path, sys.argv[1:])\n"
        "upgrade_store(store, timeout=1, dry_run=False, migrations=migrations)\n"
    )
    return subprocess.run(
        [*prefix, sys.executable, "-c", code, store, migrations],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_current_store_needs_nothing(run: Run, store: Path) -> None:
    before = store.read_bytes()

    result = run("store", "upgrade")

    assert result.exit_code == 0
    assert result.stderr == "nothing to do: the store has the schema of this gamify\n"
    assert json.loads(result.stdout) == {
        "path": str(store),
        "from": "0001",
        "to": "0001",
        "backup": None,
    }
    assert store.read_bytes() == before
    assert names(store.parent) == ["gamify.db"]


def test_a_missing_store_is_not_made(run: Run, place: Place) -> None:
    result = run("store", "upgrade")

    assert result.exit_code == 0
    assert result.stderr == "the store does not exist yet; the first write makes it\n"
    assert json.loads(result.stdout)["from"] is None
    assert not place.store.parent.exists()


@pytest.mark.parametrize(
    ("version", "message", "hint"),
    [
        (
            "9999",
            "the store {} was made by a newer gamify (schema 9999; this one knows up to 0001)",
            "  hint: upgrade gamify: pip install --upgrade gamify-cli\n",
        ),
        ("0000", 'the store {} has the schema "0000", which this gamify does not know', ""),
        ("", 'the store {} has the schema "", which this gamify does not know', ""),
    ],
)
def test_a_schema_that_leads_nowhere_is_refused(
    run: Run, store: Path, version: str, message: str, hint: str
) -> None:
    execute(store, f"UPDATE alembic_version SET version_num = '{version}'")
    before = store.read_bytes()

    for command in (("store", "upgrade"), ("store", "upgrade", "--dry-run")):
        result = run(*command)
        assert result == Result(8, "", f"gamify: {message.format(store)}\n{hint}")
    assert store.read_bytes() == before
    assert names(store.parent) == ["gamify.db"]


def test_a_store_without_a_schema_is_refused(call: Run, store: Path) -> None:
    execute(store, "DROP TABLE alembic_version")

    for command in (("store", "upgrade"), ("participants", "get", "user_1")):
        message = f"the store {store} failed: no such table: alembic_version"
        assert call(*command) == Result(8, "", f"gamify: {message}\n")


@pytest.mark.parametrize(
    ("body", "table"), [(ADD_COLUMN, "participants"), (REMAKE_TABLE, "operations")]
)
def test_an_older_store_is_migrated_after_a_backup(
    store: Path, migrations: Path, body: str, table: str
) -> None:
    columns = "operation, command, actor, recorded_at, program, participants, facts"
    execute(store, f"INSERT INTO operations ({columns}) VALUES ('op_1', 'x', 'me', 0, 1, 1, 1)")
    execute(store, "INSERT INTO programs VALUES (1, '{}', 0, 'op_1')")
    before = content(store)

    answer = upgrade_store(store, timeout=1, dry_run=False, migrations=add(migrations, body))

    backup = Path(answer["backup"])
    assert answer == {"path": str(store), "from": "0001", "to": "0002", "backup": str(backup)}
    assert names(store.parent) == ["gamify.db", backup.name]
    assert backup.name.startswith("gamify.db.before-upgrade.")
    assert backup.stat().st_mode & 0o777 == 0o600
    assert content(backup) == before
    assert rows(store, "SELECT version_num FROM alembic_version") == [("0002",)]
    assert rows(store, f"SELECT nickname FROM {table}") == [(None,)]
    assert rows(store, "SELECT participant_id, display_name FROM participants") == [
        ("user_1", "Jane")
    ]
    assert rows(store, "SELECT kind FROM journal") == [("registered",)]
    assert rows(store, "PRAGMA foreign_key_check") == []
    assert rows(store, "PRAGMA integrity_check") == [("ok",)]


def test_the_backup_answers_in_the_place_of_the_store(
    call: Run, store: Path, migrations: Path
) -> None:
    profile = call("participants", "get", "user_1")
    migrations = add(migrations, ADD_COLUMN)
    answer = upgrade_store(store, timeout=1, dry_run=False, migrations=migrations)

    assert call("participants", "get", "user_1").exit_code == 8
    assert call("participants", "get", "user_1", "--store", answer["backup"]) == profile


def test_the_backup_holds_what_was_not_folded_in_yet(
    call: Run, store: Path, migrations: Path
) -> None:
    with closing(sqlite3.connect(store)) as reader:
        reader.execute("SELECT * FROM participants").fetchall()
        call("participants", "create", "user_2")
        assert Path(f"{store}-wal").stat().st_size

        migrations = add(migrations, ADD_COLUMN)
        answer = upgrade_store(store, timeout=1, dry_run=False, migrations=migrations)

    ids = rows(Path(answer["backup"]), "SELECT participant_id FROM participants")
    assert ids == [("user_1",), ("user_2",)]


def test_a_dry_run_changes_nothing(store: Path, migrations: Path) -> None:
    before = store.read_bytes()

    migrations = add(migrations, ADD_COLUMN)
    answer = upgrade_store(store, timeout=1, dry_run=True, migrations=migrations)

    assert answer == {"path": str(store), "from": "0001", "to": "0002", "backup": None}
    assert store.read_bytes() == before
    assert names(store.parent) == ["gamify.db"]


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [(FAIL, StoreError, "no such table: nowhere"), (CRASH, RuntimeError, "no way")],
)
def test_a_migration_that_fails_leaves_the_store_as_it_was(
    call: Run, store: Path, migrations: Path, body: str, error: type[Exception], message: str
) -> None:
    before, profile = content(store), call("participants", "get", "user_1")

    with pytest.raises(error, match=message):
        upgrade_store(store, timeout=1, dry_run=False, migrations=add(migrations, body))

    assert content(store) == before
    assert call("participants", "get", "user_1") == profile
    assert call("participants", "create", "user_2").exit_code == 0


def test_a_killed_upgrade_leaves_the_store_as_it_was(
    call: Run, store: Path, migrations: Path
) -> None:
    before, profile = content(store), call("participants", "get", "user_1")
    killed = run_upgrade(store, add(migrations, DIE))

    assert killed.returncode == -signal.SIGKILL
    assert call("participants", "get", "user_1") == profile
    assert call("store", "upgrade").exit_code == 0
    assert content(store) == before
    (migrations / "versions" / "0002_next.py").unlink()
    migrations = add(migrations, ADD_COLUMN)
    upgrade_store(store, timeout=1, dry_run=False, migrations=migrations)
    assert rows(store, "SELECT version_num FROM alembic_version") == [("0002",)]


def test_a_locked_store_is_not_upgraded(store: Path, migrations: Path) -> None:
    migrations = add(migrations, ADD_COLUMN)
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked by another process"):
            upgrade_store(store, timeout=0, dry_run=False, migrations=migrations)

    assert names(store.parent) == ["gamify.db"]
    assert upgrade_store(store, timeout=0, dry_run=True, migrations=migrations)["from"] == "0001"


def test_a_backup_that_finds_no_room_stops_the_upgrade(store: Path, migrations: Path) -> None:
    before = content(store)

    stopped = run_upgrade(
        store, add(migrations, ADD_COLUMN), program("prlimit", "util-linux"), "--fsize=50000"
    )

    message = stopped.stderr.splitlines()[-1]
    assert f"Unavailable: the disk took no more of {store}.before-upgrade." in message
    assert message.endswith("; it was not made")
    assert names(store.parent) == ["gamify.db"]
    assert content(store) == before
