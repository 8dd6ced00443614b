"""gamify doctor: each check where all is well, and under a fault that is a real one."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Result, Run
from fake_server import FakeServer, hangs, says, serving

KEY = "bq_live_0123456789abcdef0123456789abcdef"
HOUR = 3600


def found(result: Result) -> dict[str, dict[str, Any]]:
    """The findings by their check."""
    return {one["check"]: one for one in json.loads(result.stdout)}


def failing(result: Result, check: str) -> str:
    """What a check says that fails, with its hint; the exit code is 9 for it."""
    finding = found(result)[check]
    assert (result.exit_code, finding["status"]) == (9, "fail"), finding
    assert "checks failed" in result.stderr
    return f"{finding['detail']} | {finding['hint']}"


def warning(result: Result, check: str) -> str:
    finding = found(result)[check]
    assert (result.exit_code, finding["status"]) == (0, "warn"), result.stdout
    return f"{finding['detail']} | {finding['hint']}"


def everything(folder: Path) -> dict[Path, bytes]:
    """All files below a folder, apart from bytecode, with what is in them."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path: path.read_bytes() for path in files}


@pytest.fixture
def store(place: Place, call: Run) -> Path:
    """A store with some pages."""
    for number in range(30):
        call("participants", "create", f"p{number}", "--attr", f"x={'y' * 2_000}")
    return place.store


@pytest.fixture
def config(place: Place) -> Path:
    path = place.home / "config" / "gamify" / "config.toml"
    path.parent.mkdir(parents=True, mode=0o700)
    return path


def write(config: Path, text: str, mode: int = 0o600) -> None:
    config.write_text(text)
    config.chmod(mode)


def to_server(config: Path, server: FakeServer, key: str = 'source = "env"') -> None:
    write(config, f'[profiles.local]\nurl = "{server.url}"\n[profiles.local.key]\n{key}\n')


@pytest.mark.usefixtures("store")
def test_where_all_is_well_every_check_passes_and_nothing_is_touched(
    run: Run, place: Place, config: Path
) -> None:
    write(config, 'output = "json"\n')
    before = everything(place.home)

    result = run("doctor")

    assert (result.exit_code, result.stderr) == (0, "")
    assert {name: one["status"] for name, one in found(result).items()} == dict.fromkeys(
        [
            "versions",
            "completion",
            "manual",
            "configuration",
            "configuration permissions",
            "disk space",
            "store",
            "store log",
            "store schema",
            "store integrity",
            "store permissions",
        ],
        "pass",
    )
    assert found(result)["store"]["profile"] == "local"
    assert everything(place.home) == before


def test_a_store_that_is_not_there_yet_is_a_warning_and_is_not_made(run: Run, place: Place) -> None:
    result = run("doctor")

    assert warning(result, "store") == (
        f"there is none at {place.store} yet | the first write makes it"
    )
    assert "configuration permissions" not in found(result)
    assert not place.store.parent.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("output = ", "is not TOML"),
        ('output = "xml"', 'output "xml" is none of'),
        ('default_profile = "tema"', 'connection profile "tema" not found'),
        ('[profiles.x]\nurl = "ftp://x"', "is not an absolute http or https URL"),
        ('[profiles.x]\nurl = "https://x"\nkey.source = "heaven"', "is none of keyring"),
    ],
)
def test_a_faulty_configuration_fails(text: str, message: str, call: Run, config: Path) -> None:
    write(config, text)

    assert message in failing(call("doctor"), "configuration")
    assert message in failing(call("doctor", "--all"), "configuration")
    assert "store" in found(call("doctor", "--store", "x.db"))


def test_a_configuration_that_is_named_but_missing_fails(call: Run) -> None:
    result = call("doctor", env={"GAMIFY_CONFIG": "nowhere.toml"})

    assert "No such file" in failing(result, "configuration")


def test_what_means_nothing_in_the_configuration_is_a_warning(call: Run, config: Path) -> None:
    write(config, "otput = 1\n")

    assert "says otput, which means nothing | did you mean output?" in warning(
        call("doctor"), "configuration"
    )


def test_a_configuration_that_others_may_change_fails(call: Run, config: Path) -> None:
    write(config, "", 0o666)
    told = failing(call("doctor"), "configuration permissions")
    assert told == f"everyone may change {config} | run: chmod 600 {config}"

    config.chmod(0o644)
    assert "others than you may read" in warning(call("doctor"), "configuration permissions")

    config.chmod(0o600)
    config.parent.chmod(0o777)
    assert f"chmod go-w {config.parent}" in failing(call("doctor"), "configuration permissions")


def test_a_file_that_is_no_store_fails(call: Run, place: Place) -> None:
    (place.home / "notes.db").write_text("dear diary " * 50)

    told = failing(call("doctor", "--store", "notes.db"), "store")

    assert "is not a gamify store" in told


@pytest.mark.parametrize("page", [2, 6])
def test_damaged_pages_fail(page: int, run: Run, store: Path) -> None:
    with store.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
    before = store.read_bytes()

    told = failing(run("doctor"), "store integrity")

    assert "damaged" in told
    assert "restore a backup of it" in told
    assert store.read_bytes() == before


def test_a_store_that_is_cut_off_fails(call: Run, store: Path) -> None:
    os.truncate(store, store.stat().st_size - 1000)

    assert "it is cut off" in failing(call("doctor"), "store")


@pytest.mark.parametrize(
    ("revision", "message"),
    [("0000", "older than this gamify | run: gamify store upgrade --store"), ("9999", "newer")],
)
def test_a_store_of_another_schema_fails(
    revision: str, message: str, call: Run, store: Path
) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))

    assert message in failing(call("doctor"), "store schema")


def test_a_store_that_others_may_change_fails(call: Run, store: Path) -> None:
    store.chmod(0o606)
    assert "everyone may change" in failing(call("doctor"), "store permissions")

    store.chmod(0o640)
    assert "others than you may read" in warning(call("doctor"), "store permissions")


def test_a_log_that_was_left_over_is_a_warning_and_stays(
    run: Run, place: Place, store: Path
) -> None:
    cut_off = (
        "import os, sqlite3, sys; store = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "store.execute('UPDATE participants SET display_name = 1'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", cut_off, store], check=True)
    before = everything(place.home)

    result = run("doctor")

    assert f"changes stand in {store}-wal" in warning(result, "store log")
    assert found(result)["store integrity"]["status"] == "pass"
    assert everything(place.home) == before
    Path(f"{store}-shm").unlink()
    assert "has no index" in warning(run("doctor"), "store integrity")
    assert not Path(f"{store}-shm").exists()


def test_a_disk_without_room_fails(call: Run) -> None:
    told = failing(call("doctor", "--store", "/proc/gamify.db"), "disk space")

    assert told == "0 MB free in /proc | make room: a write needs some"


def test_a_server_that_is_well_passes_with_its_key_unseen(run: Run, config: Path) -> None:
    with serving(says(200, {"rewards": []}, f"Date: {formatdate(usegmt=True)}")) as server:
        to_server(config, server)
        result = run("doctor", env={"GAMIFY_API_KEY": KEY})

    assert result.exit_code == 0, result.stdout
    for check in ("key", "server", "clock"):
        assert found(result)[check]["status"] == "pass"
    assert found(result)["key"]["detail"] == "from GAMIFY_API_KEY"
    assert {one.headers["x-api-key"] for one in server.requests} == {KEY}
    assert {one.method for one in server.requests} == {"GET"}
    assert KEY not in result.stdout + result.stderr


def test_without_a_key_that_check_fails_and_the_server_is_still_asked(
    call: Run, config: Path
) -> None:
    refusal = {"detail": "no key", "code": "unauthorized"}
    with serving(says(401, refusal, f"Date: {formatdate(usegmt=True)}")) as server:
        to_server(config, server)
        result = call("doctor")

    assert "profile local has no key" in failing(result, "key")
    assert found(result)["server"]["status"] == "pass"
    assert "x-api-key" not in server.requests[0].headers


def test_a_key_command_that_hangs_fails_after_three_seconds(call: Run, config: Path) -> None:
    with serving(says(200, {"rewards": []})) as server:
        to_server(config, server, 'source = "command"\ncommand = ["sleep", "60"]')
        began = time.monotonic()
        result = call("doctor")

    assert 'the key command "sleep" took over 3 s' in failing(result, "key")
    assert time.monotonic() - began < 9


def test_a_key_file_that_is_open_to_others_fails(call: Run, config: Path, place: Place) -> None:
    key = place.home / "own.key"
    key.write_text(KEY)
    key.chmod(0o644)
    with serving(says(200, {"rewards": []})) as server:
        to_server(config, server, f'source = "file"\npath = "{key}"')
        told = failing(call("doctor"), "key")

    assert "is open to others than its owner | run: chmod 600" in told
    assert KEY not in told


def test_a_server_that_is_down_fails(call: Run, config: Path) -> None:
    with serving(says(200)) as server:
        to_server(config, server)

    told = failing(call("doctor", env={"GAMIFY_API_KEY": KEY}), "server")

    assert f"no answer from {server.url}: Connection refused" in told


def test_a_server_that_hangs_is_waited_for_no_longer_than_the_timeout(
    call: Run, config: Path
) -> None:
    with serving(hangs) as server:
        to_server(config, server)
        result = call("doctor", "--timeout", "0.3", env={"GAMIFY_API_KEY": KEY})

    assert "it did not answer in time" in failing(result, "server")


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, {"detail": "unknown key", "code": "unauthorized"}, "it refuses the key: unknown key"),
        (404, {"detail": "Not Found"}, ""),
        (502, b"<html>proxy</html>", ""),
        (200, b"<html>welcome</html>", ""),
    ],
)
def test_an_answer_that_is_no_good_fails(
    status: int, body: Any, message: str, call: Run, config: Path
) -> None:
    with serving(says(status, body)) as server:
        to_server(config, server)
        result = call("doctor", env={"GAMIFY_API_KEY": KEY})

    assert message in failing(result, "server")
    assert KEY not in result.stdout


@pytest.mark.parametrize(("skew", "way"), [(HOUR, "ahead of"), (-HOUR, "behind"), (-9, "behind")])
def test_a_clock_that_is_off_by_more_than_five_seconds_is_a_warning(
    skew: int, way: str, call: Run, config: Path
) -> None:
    date = f"Date: {formatdate(time.time() + skew, usegmt=True)}"
    with serving(says(200, {"rewards": []}, date)) as server:
        to_server(config, server)
        told = warning(call("doctor", env={"GAMIFY_API_KEY": KEY}), "clock")

    assert f"s {way} the one here" in told


def test_a_server_that_tells_no_time_is_a_warning(call: Run, config: Path) -> None:
    with serving(says(200, {"rewards": []})) as server:
        to_server(config, server)
        told = warning(call("doctor", env={"GAMIFY_API_KEY": KEY}), "clock")

    assert "does not tell its time" in told


def test_completion_and_manual_that_were_not_installed_are_warnings(place: Place) -> None:
    """By the interpreter below the virtual environment, whose share folder has neither."""
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    done = subprocess.run(
        [sys._base_executable, "-m", "gamify_cli", "doctor"],  # type: ignore[attr-defined]
        env=place.env
        | {
            "PYTHONPATH": f"{Path(__file__).parents[1]}:{packages}",
            "XDG_DATA_DIRS": str(place.home),
            "SHELL": "/usr/bin/fish",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    result = Result(done.returncode, done.stdout, done.stderr)
    assert warning(result, "completion").startswith("there is none for fish | install gamify")
    assert warning(result, "manual").startswith("there are no pages for man")


def test_a_sqlite_that_is_too_old_fails(call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))

    assert "needs sqlite 3.35.0 or later" in failing(call("doctor"), "versions")


def test_every_profile_is_looked_at_or_the_one_in_use(call: Run, config: Path) -> None:
    write(config, '[profiles.team]\nstore = "team.db"\n[profiles.old]\nstore = "old.db"\n')

    def looked_at(*arguments: str) -> set[str | None]:
        rows = json.loads(call("doctor", *arguments).stdout)
        return {row["profile"] for row in rows} - {None}

    assert looked_at() == {"local"}
    assert looked_at("-p", "team") == {"team"}
    assert looked_at("--all") == {"local", "team", "old"}
    told = failing(call("doctor", "-p", "tema"), "profile")
    assert told == 'connection profile "tema" not found | did you mean team?'


def test_people_see_a_mark_and_the_profile_where_there_are_several(call: Run, config: Path) -> None:
    write(config, '[profiles.team]\nstore = "/proc/team.db"\n')

    text = call("doctor", "--all", "-o", "table", "--color", "never").stdout

    assert "✓ pass  versions" in text
    assert "! warn  local: store" in text
    assert "✗ fail  team: disk space" in text
