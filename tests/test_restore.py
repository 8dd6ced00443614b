"""Restoring a backup: all of it at once, whoever has the store open; what was there is kept."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pexpect
import psycopg
import pytest
from conftest import EXECUTABLE, Place, Result, Run
from contract import write
from serving import Server, make_key, serving

from gamify_cli.backend import Entry, Source
from gamify_cli.errors import Conflict
from gamify_cli.store.local import LocalStore

EXPORT = ("participants", "export", "-o", "jsonl")


@pytest.fixture(params=["sqlite", "postgres"])
def at(request: pytest.FixtureRequest, place: Place) -> str:
    """Where a store will be, by its path or URL."""
    kind: str = request.param
    return str(place.store) if kind == "sqlite" else request.getfixturevalue("database")


@pytest.fixture
def gamify(at: str, call: Run) -> Run:
    """Commands on that store."""
    return lambda *args, **more: call(*args, "--store", at, **more)


@pytest.fixture
def saved(gamify: Run, place: Place) -> Path:
    """A backup of a store with one participant, which has two of them now."""
    gamify("participants", "create", "ada", "--display-name", "Ada")
    gamify("points", "award", "ada", "5")
    assert gamify("store", "backup", "saved.backup").exit_code == 0
    gamify("points", "award", "ada", "7")
    gamify("participants", "create", "bob")
    return place.home / "saved.backup"


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    body: dict[str, Any] = json.loads(result.stdout)
    return body


def query(at: str, statement: str) -> list[tuple[Any, ...]]:
    if "://" in at:
        with psycopg.connect(at) as database:
            return database.execute(statement).fetchall()
    with closing(sqlite3.connect(at)) as file:
        return file.execute(statement).fetchall()


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_a_drill_brings_back_what_was_there_and_keeps_what_came_after(
    at: str, gamify: Run, saved: Path
) -> None:
    later = gamify(*EXPORT)

    answer = told(gamify("store", "restore", "saved.backup", "--yes"))

    kept = answer["kept"]
    assert answer.pop("seconds") >= 0
    assert answer == {
        "path": at,
        "from": str(saved),
        "participants": 1,
        "facts": 2,
        "kept": kept,
    }
    assert ".before-restore." in kept
    assert Path(kept).stat().st_mode & 0o777 == 0o600
    (line,) = gamify(*EXPORT).stdout.splitlines()
    assert json.loads(line)["points"]["balance"] == 5
    known = {path for (path,) in query(at, "SELECT path FROM backups")}
    assert known == {str(saved), kept}
    assert told(gamify("store", "restore", kept, "--yes"))["participants"] == 2
    assert gamify(*EXPORT) == later
    commands = query(at, "SELECT command FROM operations ORDER BY recorded_at, operation")
    assert commands[-1][0].startswith(f"gamify store restore {kept}")


def test_a_restore_makes_a_store_that_is_not_there(
    at: str, call: Run, gamify: Run, saved: Path, place: Place, cluster: Any
) -> None:
    before = gamify(*EXPORT)
    gamify("store", "backup", "all.backup")
    other = cluster.namespace() if "://" in at else str(place.home / "new" / "other.db")

    answer = told(call("store", "restore", "all.backup", "--yes", "--store", other))

    assert answer["kept"] is None
    assert saved.exists()
    assert call(*EXPORT, "--store", other) == before
    assert call("participants", "create", "eve", "--store", other).exit_code == 0


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3_000] = b"\x5a" * 3_000
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9_000])


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")


BAD: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "missing": (Path.unlink, 2, "it is not there, or no file"),
    "text": (lambda path: path.write_text("hello\n" * 2_000), 8, "is not a gamify store"),
    "empty": (lambda path: path.write_text(""), 8, "is empty, and no gamify store"),
    "damaged": (damaged, 8, "is damaged"),
    "cut off": (cut, 8, "is damaged"),
    "newer": (newer, 8, "was made by a newer gamify (schema 9999; this one knows up to 0001)"),
}
"""What a file may be, the exit code, and what is told of it on SQLite."""


def test_a_file_that_is_no_good_changes_nothing(
    at: str, gamify: Run, saved: Path, place: Place
) -> None:
    before, sound = gamify(*EXPORT), saved.read_bytes()

    for fault, (spoil, code, message) in BAD.items():
        if "://" in at and fault == "newer":
            continue  # A dump is written by pg_dump alone.
        saved.write_bytes(sound)
        spoil(saved)
        there = names(place.home)
        expected = message if "://" not in at or code == 2 else "is no dump, or damaged"
        for more in ("--yes", "--dry-run"):
            refused = gamify("store", "restore", "saved.backup", more)
            assert (refused.exit_code, refused.stdout) == (code, ""), fault
            assert expected in refused.stderr
            assert str(saved) in refused.stderr
        assert names(place.home) == there
    assert gamify(*EXPORT) == before


def test_another_kind_of_backup_is_refused(call: Run, database: str, place: Place) -> None:
    call("participants", "create", "ada")
    call("participants", "create", "ada", "--store", database)
    call("store", "backup", "file.backup")
    call("store", "backup", "base.dump", "--store", database)

    dump = call("store", "restore", "base.dump", "--yes")
    file = call("store", "restore", "file.backup", "--yes", "--store", database)

    assert (dump.exit_code, file.exit_code) == (8, 8)
    assert call("store", "restore", str(place.store), "--yes").exit_code == 2


def test_a_restore_is_confirmed_by_the_name_of_what_is_replaced(
    at: str, gamify: Run, saved: Path, place: Place
) -> None:
    before = gamify(*EXPORT)
    name = "gamify"  # of the database
    if "://" not in at:
        name = "gamify.db"

    refused = gamify("store", "restore", "saved.backup")

    question = "replace what is there by saved.backup (participants: 1, facts: 2)"
    hint = "  hint: add --yes if you mean it\n"
    message = f"gamify: {question} needs a confirmation, and nobody can give it\n"
    assert refused == Result(10, "", message + hint)
    assert told(gamify("store", "restore", "saved.backup", "-n"))["participants"] == 1
    assert gamify(*EXPORT) == before
    for typed, code in (("y", 10), (name, 0)):
        child = pexpect.spawn(
            str(EXECUTABLE),
            ["store", "restore", saved.name, "--store", at],
            env={**place.env, "TERM": "dumb"},
            cwd=str(place.home),
            encoding="utf-8",
            timeout=20,
            dimensions=(50, 300),
        )
        child.expect_exact(f"? All of it is replaced: type {name} to go on: ")
        child.sendline(typed)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == code
        assert (gamify(*EXPORT) == before) == (code == 10)


@pytest.mark.usefixtures("saved")
def test_a_store_that_others_keep_is_not_restored(at: str, gamify: Run) -> None:
    before = gamify(*EXPORT)
    lock = "BEGIN IMMEDIATE" if "://" not in at else "LOCK TABLE journal"
    if "://" in at:
        holder: Any = psycopg.connect(at)
    else:
        holder = sqlite3.connect(at, isolation_level=None)
    with closing(holder):
        holder.execute(lock)
        refused = gamify("store", "restore", "saved.backup", "--yes", "--timeout", "0")

    assert (refused.exit_code, refused.stdout) == (7, "")
    assert gamify(*EXPORT) == before


Award = Callable[[], int]
"""Gives a point, and tells the balance."""


class Writer(threading.Thread):
    """Awards one point at a time; `balances` are those that it was told."""

    def __init__(self, way: AbstractContextManager[Award]) -> None:
        super().__init__()
        self._way = way
        self._is_to_stop = threading.Event()
        self.balances: list[int] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with self._way as award:
                while not self._is_to_stop.is_set():
                    self.balances.append(award())
        except Exception as error:
            self.error = error

    def go_on(self, more: int = 5) -> list[int]:
        """What it is told from now on, until it has written so many more times."""
        first = len(self.balances)
        while len(self.balances) < first + more and self.is_alive():
            self.join(0.01)
        return self.balances[first:]

    def stop(self) -> None:
        self._is_to_stop.set()
        self.join()


@contextmanager
def by_itself(at: str, one: str) -> Iterator[Award]:
    """On a store of its own: of one file, a process opens one."""
    place = at if "://" in at else Path(at)
    with closing(LocalStore.open(place, timeout=60)) as store:
        yield lambda: int(store.points.award(one, {"amount": 1}, write()).body["new_balance"])


@contextmanager
def over(server: Server, one: str) -> Iterator[Award]:
    """Through a server, which is a process of its own."""

    def award() -> int:
        reply = server.ask("POST", "/points/award", {"participant_id": one, "amount": 1})
        assert reply.status < 300, reply.raw
        return int(reply.body["new_balance"])

    yield award


def test_writers_and_a_server_go_on_upon_what_was_restored(
    at: str, call: Run, gamify: Run, place: Place
) -> None:
    key = make_key(call, "--scope", "admin", "--rate-limit", "none", "--store", at)
    gamify("points", "award", "ada", "5")
    gamify("store", "backup", "saved.backup")
    line = [EXECUTABLE, "store", "restore", "saved.backup", "--yes", "--store", at]

    with serving(place, key, "--no-access-log", "--store", at) as server:
        ways = {"ada": by_itself(at, "ada"), "bob": over(server, "bob"), "eve": over(server, "eve")}
        writers = {one: Writer(way) for one, way in ways.items()}
        for writer in writers.values():
            writer.start()
            writer.go_on()
        done = subprocess.run(
            line, env=place.env, cwd=place.home, capture_output=True, timeout=90, check=False
        )
        for writer in writers.values():
            writer.go_on()
            writer.stop()

    assert done.returncode == 0, done.stderr.decode()
    assert [writer.error for writer in writers.values()] == [None] * 3
    kept = Path(json.loads(done.stdout)["kept"])
    assert kept.stat().st_size
    balances = dict(query(at, "SELECT participant_id, balance FROM participants"))
    kept_balances = {}
    for one, writer in writers.items():
        began_with = 5 if one == "ada" else 0
        # It counts up to the restore, and once more from what was restored.
        again = writer.balances.index(began_with + 1, 1)
        kept_balances[one] = began_with + again
        assert writer.balances[again:] == [*range(began_with + 1, balances[one] + 1)]
        assert writer.balances[:again] == [*range(began_with + 1, began_with + 1 + again)]
    facts = query(at, "SELECT participant_id, count(*), max(number) FROM journal GROUP BY 1")
    assert all(count == newest for _, count, newest in facts)
    if "://" not in at:
        assert query(at, "PRAGMA integrity_check") == [("ok",)]
        held_before = query(str(kept), "SELECT participant_id, balance FROM participants")
        assert dict(held_before) == kept_balances


def test_an_import_does_not_go_on_upon_what_lacks_its_beginning(at: str, place: Place) -> None:
    def people(first: int) -> list[Entry]:
        return [Entry(n, f"user_{n}", {"display_name": "New"}) for n in range(first, first + 3)]

    with closing(LocalStore.open(at if "://" in at else Path(at), timeout=60)) as store:
        store.points.award("ada", {"amount": 1}, write())
        store.backup(place.home / "saved.backup", write())
        importer = store.participants.importer(write(), Source("hash"))
        assert len(list(importer.record(people(1), 3))) == 3
        assert len(list(importer.record(people(4), 6))) == 3
        subprocess.run(
            [EXECUTABLE, "store", "restore", "saved.backup", "--yes", "--store", at],
            env=place.env,
            cwd=place.home,
            check=True,
            capture_output=True,
        )
        with pytest.raises(Conflict, match="the store was restored while this went on"):
            list(importer.record(people(7), 9))
    assert query(at, "SELECT participant_id FROM participants") == [("ada",)]


def moments(place: Place) -> dict[str, Callable[[], bool]]:
    """What can be seen of a restore from outside while it runs, in order."""
    folder = place.store.parent
    wal = folder / "gamify.db-wal"
    return {
        "the backup is read": lambda: (folder / ".gamify.db.partial").exists(),
        "what is there is being kept": lambda: any(folder.glob(".*before-restore*")),
        "what is there is kept": lambda: any(folder.glob("gamify.db.before-restore*")),
        "pages are replaced": lambda: wal.exists() and wal.stat().st_size > 500_000,
        "nearly all are": lambda: wal.exists() and wal.stat().st_size > 1_500_000,
    }


def test_a_kill_leaves_what_was_there_or_what_was_restored(call: Run, place: Place) -> None:
    for text in ("old", "new"):
        lines = (
            json.dumps({"participant_id": f"user_{n}", "attributes": {"note": text * 400}})
            for n in range(1_500)
        )
        (place.home / "people.jsonl").write_text("\n".join(lines))
        assert call("participants", "import", "people.jsonl").exit_code == 0
        assert call("store", "backup", f"{text}.backup").exit_code == 0
    contents = {name: held(place.home / f"{name}.backup") for name in ("old", "new")}
    seen = set()

    for moment, has_come in moments(place).items():
        shutil.rmtree(place.store.parent)
        assert call("store", "restore", "new.backup", "--yes").exit_code == 0
        process = subprocess.Popen(
            [EXECUTABLE, "store", "restore", "old.backup", "--yes"],
            env=place.env,
            cwd=place.home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not has_come() and process.poll() is None:
            pass
        process.kill()
        process.wait()
        found = held(place.store)
        assert found in contents.values(), moment
        assert call("participants", "update", "user_1", "--attr", "a=1").exit_code == 0
        seen.add("new" if found == contents["new"] else "old")

    assert "new" in seen
    assert call("store", "restore", "old.backup", "--yes").exit_code == 0
    assert held(place.store) == contents["old"]
    assert not [name for name in names(place.store.parent) if name.endswith("partial")]


def held(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return file.execute("SELECT * FROM participants ORDER BY 1").fetchall()


def test_a_killed_restore_of_a_database_leaves_what_was_there(
    call: Run, database: str, place: Place
) -> None:
    for name in ("old", "new"):
        call("participants", "create", name, "--store", database)
        call("store", "backup", f"{name}.dump", "--store", database)
    before = call(*EXPORT, "--store", database)
    process = subprocess.Popen(
        [EXECUTABLE, "store", "restore", "old.dump", "--yes", "--store", database],
        env=place.env,
        cwd=place.home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    folder = place.home / "data" / "gamify"
    while not any(folder.glob("gamify.before-restore*")) and process.poll() is None:
        pass
    process.kill()
    process.wait()

    after = call(*EXPORT, "--store", database)

    assert after in (before, Result(0, before.stdout.splitlines(keepends=True)[1], ""))
    assert call("store", "restore", "old.dump", "--yes", "--store", database).exit_code == 0


def test_a_store_that_cannot_be_opened_is_moved_away_first(call: Run, place: Place) -> None:
    call("participants", "create", "ada")
    call("store", "backup", "saved.backup")
    content = place.store.read_bytes()
    place.store.write_bytes(content[:9_000])

    refused = call("store", "restore", "saved.backup", "--yes")

    assert refused.exit_code == 8
    assert "hint: move it away, with what stands beside it, and restore again" in refused.stderr
    place.store.unlink()
    assert call("store", "restore", "saved.backup", "--yes").exit_code == 0


def test_a_damaged_store_is_restored_and_kept_as_it_was(call: Run, place: Place) -> None:
    for number in range(40):
        call("participants", "create", f"user_{number}", "--attr", "note=" + "x" * 900)
    call("store", "backup", "saved.backup")
    before = call(*EXPORT)
    damaged(place.store)
    spoilt = place.store.read_bytes()

    answer = told(call("store", "restore", "saved.backup", "--yes"))

    assert call(*EXPORT) == before
    assert Path(answer["kept"]).read_bytes()[4096:] == spoilt[4096:]
