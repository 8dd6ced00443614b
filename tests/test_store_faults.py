"""A store that cannot be used says so in a sentence, and is left exactly as it was."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from conftest import EXECUTABLE, Place, Result, Run, program

READ = ("participants", "get", "user_1")
WRITE = ("participants", "update", "user_1", "--display-name", "New")
CREATE = ("participants", "create", "user_2")
INFO = ("store", "info")
UPGRADE = ("store", "upgrade")
VERIFY = ("store", "verify")
EVERY = [READ, WRITE, (*WRITE, "--dry-run"), CREATE, INFO, UPGRADE, VERIFY]
LEFT = "it was left as it is"
RESTORE = "restore a backup of it"
LOCKED = "the store {} is locked by another process"
WAIT = "try again, or wait longer with --timeout"
ALONE = ("PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE")
CUT_OFF = "the store {} is damaged: it is cut off"
MALFORMED = "the store {} is damaged: database disk image is malformed"
PAGE = 4096
RUBBISH = random.Random(1).randbytes(PAGE)


@pytest.fixture
def store(call: Run, place: Place) -> Path:
    """A store with one participant, and nothing beside it."""
    assert call("participants", "create", "user_1", "--display-name", "Jane").exit_code == 0
    return place.store


@pytest.fixture
def large(call: Run, place: Place) -> Path:
    """A store of many pages."""
    for number in range(60):
        call("participants", "create", f"user_{number}", "--attr", "note=" + "x" * 600)
    return place.store


def refused(message: str, hint: str | None = None, code: int = 8) -> Result:
    ending = f"  hint: {hint}\n" if hint else ""
    return Result(code, "", f"gamify: {message}\n{ending}")


def unknown(store: Path) -> Result:
    hint = f"there is no store at {store} yet"
    return refused('participant "user_1" not found in profile local', hint, code=3)


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every path below a folder with its mode and content."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_mode, _content(path))
        for path in sorted(folder.rglob("*"))
    }


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def restricted(place: Place, prefix: list[str], *args: str) -> Result:
    """Run the installed executable behind a program that takes something away from it."""
    done = subprocess.run(
        [*prefix, EXECUTABLE, *args],
        env=place.env,
        cwd=place.home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def unprivileged(place: Place, *args: str) -> Result:
    """Run the executable so that permissions bind it, even where the tests run as root."""
    powers = "-dac_override,-dac_read_search"
    setpriv = program("setpriv", "util-linux")
    prefix = [setpriv, "--bounding-set", powers, "--inh-caps", powers] if os.getuid() == 0 else []
    return restricted(place, prefix, *args)


@contextmanager
def locked(path: Path, *statements: str) -> Iterator[None]:
    """Another process holds a lock that these statements take."""
    code = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "for statement in sys.argv[2:]: connection.execute(statement)\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, path, *statements],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout
    try:
        assert holder.stdout.readline() == b"locked\n"
        yield
    finally:
        holder.communicate()


def _folder(path: Path) -> None:
    path.mkdir()


def _text(path: Path) -> None:
    path.write_text("Dear diary,\n" * 100)


def _other(path: Path) -> None:
    sql(path, "CREATE TABLE participants (id)", "INSERT INTO participants VALUES ('user_1')")


def _other_in_wal_mode(path: Path) -> None:
    sql(path, "PRAGMA journal_mode=WAL", "CREATE TABLE diary (day)")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (_folder, "{} is a folder, not a gamify store", None),
        (_text, "{} is not a gamify store", LEFT),
        (_pipe, "{} is not a gamify store", LEFT),
        (_loop, "cannot open the store {}: Too many levels of symbolic links", None),
        (_other, "{} is an SQLite database of another program, not a gamify store", LEFT),
        (
            _other_in_wal_mode,
            "{} is an SQLite database of another program, not a gamify store",
            LEFT,
        ),
    ],
)
def test_what_is_no_store_is_refused_and_left_alone(
    call: Run,
    place: Place,
    make: Callable[[Path], None],
    message: str,
    hint: str | None,
) -> None:
    place.store.parent.mkdir(parents=True)
    make(place.store)
    before = everything(place.home)

    for command in EVERY:
        assert call(*command) == refused(message.format(place.store), hint)
        assert everything(place.home) == before


def test_the_executable_refuses_another_programs_database_too(execute: Run, place: Place) -> None:
    place.store.parent.mkdir(parents=True)
    _other_in_wal_mode(place.store)
    before = everything(place.store.parent)

    assert execute(*WRITE) == refused(
        f"{place.store} is an SQLite database of another program, not a gamify store", LEFT
    )
    assert everything(place.store.parent) == before


@pytest.mark.parametrize(
    ("version", "message", "hint"),
    [
        (
            "9999",
            "the store {} was made by a newer gamify (schema 9999; this one knows up to 0001)",
            "upgrade gamify: pip install --upgrade gamify-cli",
        ),
        ("0000", "the store {} is older than this gamify", "run: gamify store upgrade --store {}"),
    ],
)
def test_a_store_of_another_schema_is_refused_with_what_to_do(
    run: Run, store: Path, version: str, message: str, hint: str
) -> None:
    sql(store, f"UPDATE alembic_version SET version_num = '{version}'")
    before = everything(store.parent)

    for command in (READ, WRITE, CREATE, INFO):
        assert run(*command) == refused(message.format(store), hint.format(store))
        assert everything(store.parent) == before


@pytest.mark.parametrize(
    ("size", "message", "hint"),
    [
        (1, "{} is not a gamify store", LEFT),
        (15, "{} is not a gamify store", LEFT),
        (16, CUT_OFF, RESTORE),
        (99, CUT_OFF, RESTORE),
        (100, CUT_OFF, RESTORE),
        (512, CUT_OFF, RESTORE),
        (PAGE - 1, CUT_OFF, RESTORE),
        (PAGE, MALFORMED, RESTORE),
        (PAGE + 1, CUT_OFF, RESTORE),
        (8 * PAGE, MALFORMED, RESTORE),
        (-PAGE - 1, CUT_OFF, RESTORE),
        (-PAGE, MALFORMED, RESTORE),
        (-1, CUT_OFF, RESTORE),
    ],
)
def test_a_store_that_was_cut_off_is_refused(
    call: Run, store: Path, size: int, message: str, hint: str
) -> None:
    os.truncate(store, size % store.stat().st_size)
    before = everything(store.parent)

    for command in EVERY:
        assert call(*command) == refused(message.format(store), hint)
        assert everything(store.parent) == before


@pytest.mark.parametrize("rubbish", [bytes(PAGE), RUBBISH], ids="0r")
def test_a_page_of_rubbish_is_reported_or_has_no_part_in_the_answer(
    call: Run, large: Path, rubbish: bytes
) -> None:
    reads = [("participants", "get", "user_7"), ("participants", "history", "user_7")]
    expected = [call(*command) for command in reads]
    damaged = refused(MALFORMED.format(large), RESTORE)
    content, seen = large.read_bytes(), set()

    for start in range(PAGE, len(content), PAGE):
        broken = content[:start] + rubbish + content[start + PAGE :]
        large.write_bytes(broken)
        for command, answer in zip(reads, expected, strict=True):
            result = call(*command)
            assert result in (answer, damaged)
            seen.add(result.exit_code)
        assert large.read_bytes() == broken
    assert seen == {0, 8}


def test_an_empty_file_is_an_empty_store_and_the_first_write_fills_it(
    run: Run, place: Place
) -> None:
    place.store.parent.mkdir(parents=True)
    place.store.touch()
    before = everything(place.store.parent)

    missing = run(*READ)
    assert missing == unknown(place.store)
    assert everything(place.store.parent) == before

    assert run("participants", "create", "user_1").exit_code == 0
    assert run(*READ).exit_code == 0


def test_a_store_whose_making_was_cut_short_is_an_empty_store(run: Run, store: Path) -> None:
    _leave_half_made(store)

    missing = run(*READ)
    upgraded = run(*UPGRADE)
    created = run("participants", "create", "user_1")

    assert missing == unknown(store)
    assert upgraded.stderr == "the store does not exist yet; the first write makes it\n"
    assert (created.exit_code, created.stderr) == (0, "created user_1\n")
    assert run(*READ).exit_code == 0


def _leave_half_made(path: Path) -> None:
    """As a crash leaves it: all of the content, but a journal that takes it back to nothing."""
    sql(path, "PRAGMA journal_mode=DELETE")
    numbers = (0, 0, 0, 512, PAGE)  # records, nonce, pages before, sector, page size
    header = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"".join(n.to_bytes(4) for n in numbers)
    Path(f"{path}-journal").write_bytes(header.ljust(512, b"\0"))


def test_a_store_made_but_for_its_journal_mode_gets_it_with_the_next_write(
    run: Run, store: Path
) -> None:
    sql(store, "PRAGMA journal_mode=DELETE")

    assert run(*WRITE).exit_code == 0

    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_reading_a_missing_store_makes_nothing(run: Run, place: Place) -> None:
    before = everything(place.home)

    for command in (READ, WRITE, (*CREATE, "--dry-run"), INFO, UPGRADE):
        assert run(*command).exit_code in (0, 3)
    assert everything(place.home) == before


def test_the_first_write_makes_missing_folders_for_the_owner_alone(run: Run, place: Place) -> None:
    before = os.umask(0)
    try:
        assert run(*CREATE).exit_code == 0
        with closing(sqlite3.connect(place.store)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM participants").fetchall()
            assert run("participants", "create", "user_3").exit_code == 0
            modes = {
                str(path.relative_to(place.home)): path.stat().st_mode & 0o777
                for path in (place.home / "data").rglob("*")
            }
    finally:
        os.umask(before)

    assert modes == {
        "data/gamify": 0o700,
        "data/gamify/gamify.db": 0o600,
        "data/gamify/gamify.db-shm": 0o600,
        "data/gamify/gamify.db-wal": 0o600,
    }
    assert (place.home / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("occupied", "message"),
    [("data", "Not a directory"), ("data/gamify", "Not a directory")],
)
def test_a_file_in_the_place_of_a_folder_is_named(
    run: Run, place: Place, occupied: str, message: str
) -> None:
    file = place.home / occupied
    file.parent.mkdir(exist_ok=True)
    file.write_text("here first\n")

    for command in (READ, CREATE):
        assert run(*command) == refused(f"cannot open the store {place.store}: {message}")
    assert file.read_text() == "here first\n"


@pytest.mark.parametrize(
    "name",
    [
        "a?mode=memory.db", "a#b.db", "100%.db", "%00.db", "two words.db", ":memory:", "file:x.db",
        "ünï.db", "'\".db", "-.db", "new\nline.db",
    ],
)  # fmt: skip
def test_the_path_of_a_store_is_taken_as_it_is(call: Run, place: Place, name: str) -> None:
    at = ("--store", name)

    assert call(*CREATE, *at).exit_code == 0
    assert call("participants", "get", "user_2", *at).exit_code == 0
    assert call(*UPGRADE, *at).exit_code == 0
    assert json.loads(call(*INFO, *at).stdout)["path"] == str(place.home / name)
    assert [path.name for path in place.home.iterdir() if path.is_file()] == [name]


def test_the_path_of_a_store_may_be_of_bytes_that_are_not_utf8(execute: Run, place: Place) -> None:
    name = os.fsdecode(b"caf\xe9.db")
    at = ("--store", name)

    assert execute(*CREATE, *at).stderr == "created user_2\n"
    assert execute("participants", "get", "user_2", *at).exit_code == 0
    assert json.loads(execute(*INFO, *at).stdout)["participants"] == 1
    assert execute("participants", "get", "user_9", *at).exit_code == 3
    assert os.listdir(os.fsencode(place.home)) == [b"caf\xe9.db"]  # noqa: PTH208 (names as bytes)


@pytest.mark.parametrize(
    ("mode", "folder_mode"), [(0o400, 0o700), (0o600, 0o500), (0o400, 0o500)], ids=oct
)
def test_a_read_only_store_can_be_read_and_nothing_is_left_beside_it(
    call: Run, place: Place, store: Path, mode: int, folder_mode: int
) -> None:
    expected = call(*READ)
    store.chmod(mode)
    store.parent.chmod(folder_mode)
    before = everything(place.home)

    for command in (READ, (*WRITE, "--dry-run"), INFO, UPGRADE):
        assert unprivileged(place, *command).exit_code == 0
    assert unprivileged(place, *READ) == expected
    for command in (WRITE, CREATE):
        assert unprivileged(place, *command) == refused(f"the store {store} is read-only")
    assert everything(place.home) == before


def test_a_read_only_store_shows_what_its_writer_has_not_folded_in_yet(
    place: Place, store: Path
) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as writer:
        writer.execute("UPDATE participants SET display_name = 'June'")
        store.chmod(0o400)
        store.parent.chmod(0o500)

        result = unprivileged(place, *READ)

    assert json.loads(result.stdout)["display_name"] == "June"


def test_a_read_only_store_that_changes_while_it_is_read_is_reported(
    place: Place, large: Path, call: Run
) -> None:
    sql(
        large,
        "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
        " INSERT INTO participants (participant_id, first_seen_at, last_seen_at, recorded_at,"
        " version, search) SELECT 'bulk_' || i, 0, 0, 0, 1, '' FROM n",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    )
    large.chmod(0o400)
    reads, powers = os.pipe(), "-dac_override,-dac_read_search"
    prefix = [program("setpriv", "util-linux"), "--bounding-set", powers, "--inh-caps", powers]
    lister = subprocess.Popen(
        [*(prefix if os.getuid() == 0 else []), EXECUTABLE, "participants", "list", "--all"],
        env=place.env,
        stdout=reads[1],
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(reads[1])
    with os.fdopen(reads[0], "rb") as output:
        assert output.read(1)
        large.chmod(0o600)
        call("participants", "create", "user_100")
        output.read()
    _, complaint = lister.communicate(timeout=60)

    assert complaint == f"gamify: the store {large} changed while it was read\n"
    assert lister.returncode == 7


@pytest.mark.parametrize(
    ("mode", "folder_mode"), [(0o000, 0o700), (0o200, 0o700), (0o600, 0o000)], ids=oct
)
def test_a_store_that_may_not_be_read_is_refused(
    place: Place, store: Path, mode: int, folder_mode: int
) -> None:
    store.chmod(mode)
    store.parent.chmod(folder_mode)
    before = everything(place.home)

    for command in (READ, WRITE, CREATE, INFO, UPGRADE):
        result = unprivileged(place, *command)
        assert result == refused(f"cannot open the store {store}: Permission denied")
    assert everything(place.home) == before


@pytest.mark.parametrize("inside", ["gamify.db", "deep/er/gamify.db"])
def test_a_store_cannot_be_made_where_nothing_may_be_made(place: Place, inside: str) -> None:
    closed = place.home / "closed"
    closed.mkdir(mode=0o500)
    path = closed / inside

    result = unprivileged(place, *CREATE, "--store", str(path))

    assert result == refused(f"cannot open the store {path}: Permission denied")
    assert list(closed.iterdir()) == []


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_locked_store_can_be_read_but_not_written(run: Run, store: Path, lock: str) -> None:
    waiting = ("--timeout", "0.3")
    expected = run(*READ)

    with locked(store, f"BEGIN {lock}"):
        assert run(*READ, *waiting) == expected
        assert run(*WRITE, "--dry-run", *waiting).exit_code == 0
        for command in (WRITE, UPGRADE):
            assert run(*command, *waiting) == refused(LOCKED.format(store), WAIT, 7)
        result = run(*WRITE, *waiting, "--json")

    assert (result.exit_code, result.stdout) == (7, "")
    assert json.loads(result.stderr)["error"] == {
        "code": "unavailable",
        "message": LOCKED.format(store),
        "hint": WAIT,
        "exit": 7,
        "retryable": True,
        "request_id": None,
        "profile": "local",
    }
    assert run(*READ) == expected


def test_a_store_held_by_one_process_alone_is_reported_as_locked(call: Run, store: Path) -> None:
    with locked(store, *ALONE):
        for command in (READ, WRITE, UPGRADE):
            assert call(*command, "--timeout", "0.3") == refused(LOCKED.format(store), WAIT, 7)


def test_a_store_that_another_process_is_making_is_reported_as_locked(
    run: Run, place: Place
) -> None:
    place.store.parent.mkdir(parents=True)
    place.store.touch()

    with locked(place.store, "BEGIN EXCLUSIVE"):
        assert run(*CREATE, "--timeout", "0.3") == refused(LOCKED.format(place.store), WAIT, 7)


@pytest.mark.parametrize("command", [READ, WRITE, UPGRADE], ids=" ".join)
def test_a_command_waits_for_the_lock_as_long_as_it_may(
    place: Place, store: Path, command: tuple[str, ...]
) -> None:
    with locked(store, *ALONE):
        waiting = subprocess.Popen(
            [EXECUTABLE, *command],
            env=place.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.communicate(timeout=1.5)
    _, complaint = waiting.communicate(timeout=60)

    assert waiting.returncode == 0, complaint


def test_a_full_disk_loses_nothing_that_was_acknowledged(
    place: Place, store: Path, call: Run
) -> None:
    prlimit = program("prlimit", "util-linux")
    full = refused(f"the disk took no more of the store {store}; the change was not made", code=7)
    acknowledged = ["user_1"]

    for size in range(1024, 64 * 1024, 7 * 1024):
        name = f"full_{size}"
        result = restricted(
            place, [prlimit, f"--fsize={size}"], "participants", "create", name, "--attr",
            "note=" + "x" * 9_000,
        )  # fmt: skip
        if result.exit_code == 0:
            acknowledged.append(name)
        else:
            assert result == full
        assert sorted(call("participants", "list", "-o", "ids").stdout.split()) == sorted(
            acknowledged
        )
    assert 1 < len(acknowledged) < 10
    sql(store, "PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("size", [0, 4096, 40_000, 90_000])
def test_a_disk_too_full_for_a_store_leaves_an_empty_one(
    place: Place, call: Run, size: int
) -> None:
    result = restricted(place, [program("prlimit", "util-linux"), f"--fsize={size}"], *CREATE)

    message = f"the disk took no more of the store {place.store}; the change was not made"
    assert result == refused(message, code=7)
    assert call(*READ).exit_code == 3
    assert call(*CREATE).exit_code == 0


def test_a_row_whose_json_is_damaged_is_no_bug_of_ours(run: Run, store: Path) -> None:
    sql(store, "UPDATE participants SET attributes = '{\"plan\":'")

    result = run("participants", "get", "user_1")

    assert (result.exit_code, result.stdout) == (8, "")
    assert result.stderr.startswith("gamify: the store holds JSON that is damaged: ")


@pytest.mark.parametrize("state", ["[]", "{", '{"lots":{"soon":1}}'])
def test_a_row_that_is_no_participant_is_named(run: Run, store: Path, state: str) -> None:
    sql(store, f"UPDATE participants SET state = '{state}'")

    for line in ("participants get user_1", "participants list", "points award user_1 5"):
        result = run(*line.split())
        assert (result.exit_code, result.stdout) == (8, "")
        assert result.stderr == (
            'gamify: the row of participant "user_1" is damaged\n'
            "  hint: see what is wrong: gamify store verify\n"
        )
