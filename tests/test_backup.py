"""Backups: whole, of one moment, verified; or none at all."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import EXECUTABLE, NOW, Place, Result, Run, program
from contract import write

from gamify_cli.store.local import LocalStore

PAGE = 4096


@pytest.fixture
def store(call: Run, place: Place) -> Path:
    """A store with one participant."""
    assert call("participants", "create", "ada", "--display-name", "Ada").exit_code == 0
    return place.store


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    body: dict[str, Any] = json.loads(result.stdout)
    return body


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


@pytest.fixture(params=["sqlite", "postgres"])
def at(request: pytest.FixtureRequest, place: Place) -> str:
    """Where a store will be, by its path or URL."""
    kind: str = request.param
    return str(place.store) if kind == "sqlite" else request.getfixturevalue("database")


def test_a_backup_is_whole_verified_and_known_to_its_store(
    at: str, call: Run, place: Place
) -> None:
    call("participants", "create", "ada", "--store", at)
    call("points", "award", "ada", "5", "--store", at)
    path = place.home / "saved.backup"

    answer = told(call("store", "backup", "saved.backup", "--store", at))

    assert answer.pop("seconds") > 0
    assert answer == {
        "path": str(path),
        "bytes": path.stat().st_size,
        "participants": 1,
        "facts": 2,
        "made_at": NOW,
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert [name for name in names(place.home) if "partial" in name] == []
    info = told(call("store", "info", "--store", at))
    assert info["last_backup"] == {"path": str(path), "made_at": NOW}


def test_a_backup_that_is_there_is_overwritten_only_by_force(
    at: str, call: Run, place: Place
) -> None:
    call("participants", "create", "ada", "--store", at)
    path = place.home / "saved.backup"
    path.write_text("of old")

    refused = call("store", "backup", "saved.backup", "--store", at)

    hint = "  hint: add --force to overwrite it\n"
    assert refused == Result(5, "", f"gamify: {path} exists already\n{hint}")
    rehearsed = told(call("store", "backup", "saved.backup", "--force", "-n", "--store", at))
    assert (rehearsed["participants"], rehearsed["facts"]) == (1, 1)
    assert path.read_text() == "of old"
    assert told(call("store", "backup", "saved.backup", "--force", "--store", at))["bytes"] > 1_000
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("-", "a backup is a file, which is read again when it is written: - is none"),
        ("", "the path of a backup is empty, or holds a character that does not print"),
        ("nowhere/saved", "cannot write {home}/nowhere/saved: No such file or directory"),
        (".", "cannot write {home}: it is not a regular file"),
        ("data/gamify/gamify.db-wal", "{store}-wal is a file of the store itself"),
        ("link", "{store} is a file of the store itself"),
    ],
)
@pytest.mark.usefixtures("store")
def test_a_place_that_takes_no_backup_is_told(
    file: str, message: str, call: Run, place: Place
) -> None:
    (place.home / "link").symlink_to(place.store)

    refused = call("store", "backup", file, "--force")

    assert (refused.exit_code, refused.stdout) == (2, "")
    line = refused.stderr.splitlines()[0]
    assert line == f"gamify: {message.format(home=place.home, store=place.store)}"


def test_what_is_no_store_has_no_backup(at: str, call: Run, place: Place) -> None:
    refused = call("store", "backup", "saved.backup", "--store", at)

    assert (refused.exit_code, refused.stdout) == (8, "")
    assert refused.stderr.startswith(f"gamify: there is no store at {at} yet\n")
    assert not (place.home / "saved.backup").exists()


def test_a_server_has_no_backup_for_its_callers(call: Run, place: Place) -> None:
    config = place.home / "config.toml"
    config.write_text('[profiles.team]\nurl = "http://127.0.0.1:1/"\n')

    for verb in (("backup", "saved.backup"),):
        refused = call("store", *verb, "-p", "team", env={"GAMIFY_CONFIG": str(config)})
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "is a server, and this command is for a local store" in refused.stderr


def test_a_full_disk_leaves_no_part_of_a_backup(at: str, call: Run, place: Place) -> None:
    call("participants", "create", "ada", "--store", at)
    line = [program("prlimit", "util-linux"), "--fsize=40000", EXECUTABLE, "--store", at]
    if "://" in at:
        line[1] = "--fsize=8000"

    full = subprocess.run(
        [*line, "store", "backup", "saved.backup"],
        # A limit on files is one on bytecode, too.
        env=place.env | {"PYTHONDONTWRITEBYTECODE": "1"},
        cwd=place.home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    path = place.home / "saved.backup"
    assert (full.returncode, full.stdout) == (7, "")
    message = f"gamify: the disk took no more of {path}; it was not made"
    assert full.stderr.splitlines() == [message, "  hint: make room, or choose a folder elsewhere"]
    assert [name for name in names(place.home) if "saved" in name] == []


def test_a_backup_is_of_one_moment_while_others_write(store: Path, place: Place) -> None:
    """Each change is of one fact and one point: in a mixture they would not be as many."""
    stop = threading.Event()

    def award() -> None:
        with closing(LocalStore.open(store, timeout=20)) as mine:
            while not stop.is_set():
                mine.points.award("ada", {"amount": 1}, write())

    writers = [threading.Thread(target=award) for _ in range(2)]
    for one in writers:
        one.start()
    try:
        with closing(LocalStore.open(store, timeout=20)) as mine:
            made = [mine.backup(place.home / f"{n}.backup", write()) for n in range(5)]
    finally:
        stop.set()
        for one in writers:
            one.join()

    for answer in made:
        path = Path(answer["path"])
        assert rows(path, "SELECT total_earned + 1 FROM participants") == [(answer["facts"],)]
        assert rows(path, "SELECT count(*) FROM journal") == [(answer["facts"],)]
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_damaged_store_makes_no_backup_that_would_pass_for_one(
    call: Run, store: Path, place: Place
) -> None:
    with store.open("r+b") as file:
        for page in range(5, store.stat().st_size // PAGE):
            file.seek(page * PAGE)
            file.write(b"\x5a" * 64)

    refused = call("store", "backup", "saved.backup")

    assert (refused.exit_code, refused.stdout) == (8, "")
    assert "damaged" in refused.stderr
    assert not [name for name in names(place.home) if "saved" in name]


def test_no_program_of_postgresql_is_no_backup(call: Run, database: str) -> None:
    call("participants", "create", "ada", "--store", database)

    refused = call("store", "backup", "saved.dump", "--store", database, env={"PATH": "/nowhere"})

    message = "a backup of a PostgreSQL store needs pg_dump, which is not installed"
    hint = "  hint: install the package postgresql-client\n"
    assert refused == Result(2, "", f"gamify: {message}\n{hint}")


def test_a_password_is_on_no_command_line(call: Run, cluster: Any, place: Place) -> None:
    """What pg_dump was called with is told by a program of its name before it."""
    url = cluster.namespace("guarded")
    env = {"PGPASSWORD": "sesame", "PATH": f"{place.home}/bin:{os.environ['PATH']}"}
    call("participants", "create", "ada", "--store", url, env=env)
    fake = place.home / "bin" / "pg_dump"
    fake.parent.mkdir()
    real = shutil.which("pg_dump")
    fake.write_text(f'#!/bin/sh\necho "$@" > {place.home}/told\nexec {real} "$@"\n')
    fake.chmod(0o700)

    answer = told(call("store", "backup", "saved.dump", "--store", url, env=env))

    assert answer["participants"] == 1
    line = (place.home / "told").read_text()
    assert "sesame" not in line
    assert "127.0.0.1" not in line
