"""Connection profiles: added, shown, chosen, tested and removed, in a config.toml that lasts."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import EXECUTABLE, Place, Result, Run
from fake_server import says, serving

KEY = "bq_live_0123456789abcdef0123456789abcdef"
URL = "https://gamify.example.com/api/v1/gamify"
SERVER = ("--url", URL, "--key-stdin")

COMMENTED = """\
# Ours.
default_profile = "team"   # most of the time

[profiles.prod]   # careful
url = "https://old.example/api/v1/gamify"
# Typed for every write.
protected = true
[profiles.prod.key]
source = "env"

[profiles.team]
store = "t.db"
"""


@pytest.fixture
def config(place: Place) -> Path:
    """Where config.toml is going to be."""
    return place.home / "config" / "gamify" / "config.toml"


def write(config: Path, text: str) -> None:
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(text)


def shown(run: Run, *arguments: str, **env: str) -> Any:
    result = run("profiles", *arguments, "--json", env=env)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def key_file(place: Place, name: str = "prod") -> Path:
    return place.home / "config" / "gamify" / "keys" / f"{name}.key"


def test_the_built_in_profile_needs_no_configuration(run: Run, place: Place) -> None:
    local = {
        "name": "local",
        "is_default": True,
        "store": str(place.store),
        "url": None,
        "protected": False,
    }
    assert shown(run, "list") == [local | {"key_source": None}]
    assert shown(run, "show") == local | {"key": None}
    del local["is_default"]
    assert shown(run, "current") == {"name": "local", "chosen_by": "built in"} | local
    assert not (place.home / "config").exists()


def test_a_store_is_added_and_used(run: Run, place: Place, config: Path) -> None:
    added = run("profiles", "add", "team", "--store", "team.db")

    assert (added.exit_code, added.stderr) == (0, "created team\n")
    assert json.loads(added.stdout)["store"] == str(place.home / "team.db")
    assert tomllib.loads(config.read_text()) == {
        "profiles": {"team": {"store": str(place.home / "team.db")}}
    }
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.parent.stat().st_mode) == 0o700
    used = run("profiles", "use", "team")
    assert (used.exit_code, used.stderr) == (0, "updated team\n")
    assert shown(run, "current")["name"] == "team"
    run("participants", "create", "ada")
    assert (place.home / "team.db").exists()
    again = run("profiles", "use", "team")
    assert (again.exit_code, again.stderr) == (0, "unchanged team\n")


@pytest.mark.parametrize("source", [[], ["--key-source", "file"]])
def test_without_a_keyring_a_key_goes_into_a_file_of_its_own(
    source: list[str], run: Run, place: Place, config: Path
) -> None:
    result = run("profiles", "add", "prod", *SERVER, *source, stdin=f"{KEY}\n")

    assert result.exit_code == 0
    assert (
        result.stderr
        == f"the key is in {key_file(place)}\ncreated prod\ntry it: gamify profiles test prod\n"
    )
    assert key_file(place).read_text() == f"https://gamify.example.com\n{KEY}\n"
    assert stat.S_IMODE(key_file(place).stat().st_mode) == 0o600
    assert KEY not in config.read_text() + result.stdout
    assert tomllib.loads(config.read_text())["profiles"] == {
        "prod": {"url": URL, "key": {"source": "file"}}
    }


def test_show_says_where_the_key_is_but_never_what_it_is(run: Run, place: Place) -> None:
    run("profiles", "add", "prod", *SERVER, stdin=KEY)
    path = str(key_file(place))

    assert shown(run, "show", "prod")["key"] == {
        "source": "file",
        "place": path,
        "is_there": True,
        "problem": None,
    }
    key_file(place).chmod(0o644)
    open_ = shown(run, "show", "prod")["key"]
    assert open_["problem"] == f"the key file {path} is open to others than its owner"
    key_file(place).unlink()
    missing = shown(run, "show", "prod")["key"]
    assert (missing["is_there"], missing["problem"]) == (
        False,
        f"profile prod has no key: nothing in {path}",
    )


def test_another_url_in_the_file_does_not_take_the_key_along(run: Run, config: Path) -> None:
    run("profiles", "add", "prod", *SERVER, stdin=KEY)
    config.write_text(config.read_text().replace("gamify.example.com", "evil.example"))

    problem = shown(run, "show", "prod")["key"]["problem"]

    assert problem == (
        "the key of profile prod is for https://gamify.example.com,"
        " and its url leads to https://evil.example"
    )


def test_a_command_and_the_environment_are_kept_with_the_origin(run: Run, config: Path) -> None:
    run("profiles", "add", "ops", "--url", URL, "--key-command", "touch 'a b'")
    run("profiles", "add", "ci", "--url", URL, "--key-source", "env")

    origin = "https://gamify.example.com"
    assert [one["key"] for one in tomllib.loads(config.read_text())["profiles"].values()] == [
        {"source": "command", "origin": origin, "command": ["touch", "a b"]},
        {"source": "env", "origin": origin},
    ]
    assert shown(run, "show", "ops")["key"] == {
        "source": "command",
        "place": "touch 'a b'",
        "is_there": None,
        "problem": None,
    }
    assert not (config.parents[2] / "a b").exists()
    assert shown(run, "show", "ci", GAMIFY_API_KEY=KEY)["key"]["is_there"] is True


def test_comments_and_order_are_kept(run: Run, config: Path) -> None:
    write(config, COMMENTED)

    run("profiles", "add", "new", "--store", "/n.db")
    run("profiles", "use", "new")
    run("profiles", "add", "prod", "--url", URL, "--key-command", "x", "--replace",
        "--protected", "--confirm", "prod")  # fmt: skip

    assert (
        config.read_text()
        == """\
# Ours.
default_profile = "new"   # most of the time

[profiles.prod]   # careful
url = "https://gamify.example.com/api/v1/gamify"
# Typed for every write.
protected = true
[profiles.prod.key]
source = "command"
origin = "https://gamify.example.com"
command = ["x"]

[profiles.team]
store = "t.db"

[profiles.new]
store = "/n.db"
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        'profiles = {team = {store = "t.db"}}\n',
        'profiles.team.store = "t.db"\n',
        '[profiles]\nteam = {store = "t.db"}\n',
        '[profiles]\nteam.store = "t.db"\n[x]\na = 1\n',
        '[profiles.team]\nstore = "t.db"\n[x]\na = 1\n[profiles.b]\nstore = "b"\n[y]\n',
        'x = 1\r\n[profiles.team]\r\nstore = "t.db"\r\n',
        '[profiles."team"]\nstore = "t.db"\n# end, without a line break',
        '[profiles.team]\nurl = "https://x"\nkey.source = "env"\n[x]\n',
        '[[x]]\n[profiles.team]\nstore = "t.db"\n[[x]]\n[z.profiles.a]\n',
    ],
)
def test_any_spelling_of_toml_is_edited_soundly(text: str, call: Run, config: Path) -> None:
    write(config, text)
    before = tomllib.loads(text)

    results = [
        call("profiles", "add", "new", "--store", "/n.db"),
        call("profiles", "use", "new"),
        call("profiles", "add", "team", "--url", URL, "--key-source", "env", "--replace"),
    ]

    assert [result.exit_code for result in results] == [0, 0, 0], results
    after = tomllib.loads(config.read_bytes().decode())
    assert after.pop("default_profile") == "new"
    key = {"source": "env", "origin": "https://gamify.example.com"}
    added = {"new": {"store": "/n.db"}, "team": {"url": URL, "key": key}}
    assert after == before | {"profiles": before["profiles"] | added}
    for name in ("new", "team"):
        assert call("profiles", "remove", name, "--yes").exit_code == 0
    left = tomllib.loads(config.read_bytes().decode())
    assert left.get("profiles", {}) == {
        name: one for name, one in before["profiles"].items() if name != "team"
    }


def test_what_cannot_be_edited_is_left_as_it_is_and_no_key_is_kept(
    call: Run, place: Place, config: Path
) -> None:
    text = 'profiles.team.url = "https://x"\nprofiles.team.key.source = "env"\n'
    write(config, text)

    result = call("profiles", "add", "prod", *SERVER, stdin=KEY)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "is spelt in a way that cannot be edited; it was left as it is" in result.stderr
    assert config.read_text() == text
    assert not key_file(place).exists()


def test_a_link_to_the_configuration_stays_a_link(call: Run, place: Place, config: Path) -> None:
    real = place.home / "dotfiles" / "gamify.toml"
    write(real, "# mine\n")
    config.parent.mkdir(parents=True)
    config.symlink_to(real)

    call("profiles", "add", "team", "--store", "/t.db")

    assert config.is_symlink()
    assert real.read_text() == '# mine\n\n[profiles.team]\nstore = "/t.db"\n'
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_a_configuration_that_is_named_but_not_there_is_made(run: Run, place: Place) -> None:
    env = {"GAMIFY_CONFIG": str(place.home / "new" / "mine.toml")}

    result = run("profiles", "add", "team", "--store", "/t.db", env=env)

    assert (result.exit_code, result.stderr) == (0, "created team\n")
    assert (place.home / "new" / "mine.toml").read_text() == '[profiles.team]\nstore = "/t.db"\n'


def test_what_is_no_file_is_not_replaced(call: Run, place: Place) -> None:
    os.mkfifo(place.home / "pipe")
    env = {"GAMIFY_CONFIG": "/dev/null"}

    result = call("profiles", "add", "team", "--store", "/t.db", env=env)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot write /dev/null: it is not a regular file" in result.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("default_profile = ", "is not TOML"),
        ('[profiles.team]\nstoer = "t.db"', 'unknown key "stoer" in profiles.team'),
        ("[profiles.team]", "neither store nor url"),
        ("\xff", "is not TOML"),
    ],
)
def test_a_broken_configuration_is_left_as_it_is(
    text: str, message: str, call: Run, config: Path
) -> None:
    write(config, "")
    config.write_bytes(text.encode("latin-1"))

    for arguments in (["add", "x", "--store", "x.db"], ["use", "local"], ["remove", "team"]):
        result = call("profiles", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr
    assert config.read_bytes() == text.encode("latin-1")


def test_a_name_is_taken_once_unless_it_is_replaced(run: Run, place: Place) -> None:
    run("profiles", "add", "prod", *SERVER, stdin=KEY)

    refused = run("profiles", "add", "prod", *SERVER, stdin="other")
    built_in = run("profiles", "add", "local", "--store", "x.db")
    replaced = run("profiles", "add", "prod", "--store", "x.db", "--replace")

    assert (refused.exit_code, refused.stdout) == (5, "")
    assert "there is a profile prod already" in refused.stderr
    assert built_in.exit_code == 5
    assert (replaced.exit_code, replaced.stderr) == (0, "updated prod\n")
    assert not key_file(place).exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x"], "give --url or --store"),
        (["x", "--url", URL, "--store", "x.db"], "give --url or --store"),
        (["a/b", "--store", "x.db"], "a profile is named by"),
        (["", "--store", "x.db"], "a profile is named by"),
        (["x" * 65, "--store", "x.db"], "a profile is named by"),
        (["x", "--url", "http://gamify.example.com/"], "would send the key unencrypted"),
        (["x", "--url", "gamify.example.com"], "is not an absolute http or https URL"),
        (["x", "--url", URL, "--key-source", "keyrin"], "did you mean keyring?"),
        (["x", "--url", URL, "--key-source", "command"], "needs --key-command"),
        (["x", "--url", URL, "--key-source", "file", "--key-command", "x"], "contradicts"),
        (["x", "--url", URL, "--key-source", "env", "--key-stdin"], "contradicts"),
        (["x", "--url", URL, "--key-command", "'"], "No closing quotation"),
        (["x", "--url", URL, "--key-command", ""], "--key-command is empty"),
        (["x", "--store", "x.db", "--key-stdin"], "a store takes no key"),
        (["x", "--url", URL], "nobody can be asked"),
    ],
)
def test_what_makes_no_profile_is_refused_and_leaves_nothing(
    arguments: list[str], message: str, call: Run, place: Place
) -> None:
    result = call("profiles", "add", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert not [
        path for path in (place.home / "config").rglob("*") if path.suffix in {".toml", ".key"}
    ]


@pytest.mark.parametrize("text", ["", "\n", "a b", f"{KEY}\nmore\n", "é", "a\rb", "x" * 300])
@pytest.mark.parametrize("more", [[], ["--dry-run"], ["--debug"]])
def test_what_is_no_key_is_refused_unseen(
    text: str, more: list[str], call: Run, config: Path
) -> None:
    result = call("profiles", "add", "prod", *SERVER, *more, stdin=text)

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(text) < 2 or text not in result.stderr
    assert KEY not in result.stderr
    assert not config.exists()


def test_a_dry_run_shows_what_would_be_and_writes_nothing(run: Run, place: Place) -> None:
    added = run("profiles", "add", "prod", *SERVER, "-n", stdin=KEY)
    unasked = run("profiles", "add", "prod", "--url", URL, "-n")
    used = run("profiles", "use", "local", "-n")

    assert [added.exit_code, unasked.exit_code, used.exit_code] == [0, 0, 0]
    assert "dry run: prod would be created; nothing was written" in added.stderr
    assert f'  url: null → "{URL}"' in added.stderr
    assert json.loads(added.stdout)["key_source"] == "file"
    assert KEY not in added.stdout + added.stderr
    assert not (place.home / "config").exists()

    run("profiles", "add", "prod", *SERVER, stdin=KEY)
    before = sorted(path for path in place.home.rglob("*"))
    removed = run("profiles", "remove", "prod", "-n")
    assert "dry run: prod would be removed; nothing was written" in removed.stderr
    assert sorted(path for path in place.home.rglob("*")) == before


def test_a_removed_profile_takes_its_key_and_its_place_as_default_along(
    run: Run, place: Place, config: Path
) -> None:
    run("profiles", "add", "prod", *SERVER, stdin=KEY)
    run("profiles", "use", "prod")

    asked = run("profiles", "remove", "prod")
    assert (asked.exit_code, asked.stdout) == (10, "")
    assert "needs a confirmation" in asked.stderr
    assert key_file(place).exists()

    removed = run("profiles", "remove", "prod", "--yes")
    assert removed.exit_code == 0
    target = f"remove prod, which is the default profile, in {config}"
    assert removed.stderr == f"{target}\nremoved prod\n"
    assert not key_file(place).exists()
    assert config.read_text().strip() == ""
    assert shown(run, "current")["chosen_by"] == "built in"
    again = run("profiles", "remove", "prod")
    assert (again.exit_code, again.stdout) == (3, "")
    assert 'connection profile "prod" not found' in again.stderr


def test_a_key_file_of_ones_own_stays(call: Run, place: Place, config: Path) -> None:
    own = place.home / "own.key"
    own.write_text(KEY)
    write(config, f'[profiles.p]\nurl = "{URL}"\nkey = {{source = "file", path = "{own}"}}\n')

    assert call("profiles", "remove", "p").stderr == f"removed p\nthe key file {own} stays\n"
    assert own.exists()


def test_the_built_in_profile_cannot_be_removed(run: Run) -> None:
    assert "profile local is built in" in run("profiles", "remove", "local").stderr
    run("profiles", "add", "local", "--store", "/x.db", "--replace")
    assert shown(run, "show", "local")["store"] == "/x.db"

    removed = run("profiles", "remove", "local", "--yes")

    assert removed.exit_code == 0
    assert shown(run, "show", "local")["store"].endswith("gamify.db")


def test_a_protected_profile_is_replaced_and_removed_only_when_it_is_named(
    call: Run, config: Path
) -> None:
    call("profiles", "add", "prod", "--url", URL, "--key-source", "env", "--protected")
    text = config.read_text()

    for arguments in (["remove", "prod"], ["add", "prod", "--store", "x.db", "--replace"]):
        refused = call("profiles", *arguments, "--yes")
        assert (refused.exit_code, refused.stdout) == (10, "")
        assert "add --confirm prod if you mean it" in refused.stderr
        assert config.read_text() == text
    removed = call("profiles", "remove", "prod", "--confirm", "prod")
    assert removed.exit_code == 0
    assert f"remove profile prod in {config}, which is protected" in removed.stderr


def test_current_tells_what_decided(run: Run, config: Path) -> None:
    write(config, COMMENTED)

    def why(*arguments: str, **env: str) -> tuple[Any, str]:
        body = shown(run, "current", *arguments, **env)
        return body["name"], body["chosen_by"]

    assert why() == ("team", f"default_profile in {config}")
    assert why("-p", "prod", GAMIFY_STORE="x.db") == ("prod", "--profile")
    assert why(GAMIFY_PROFILE="prod") == ("prod", "GAMIFY_PROFILE")
    assert why("--store", "x.db", GAMIFY_PROFILE="prod") == (None, "--store")
    assert why(GAMIFY_STORE="x.db") == (None, "GAMIFY_STORE")
    assert shown(run, "show", GAMIFY_PROFILE="prod")["name"] == "prod"


def test_an_unknown_profile_is_told_with_the_nearest(run: Run, config: Path) -> None:
    write(config, COMMENTED)

    for verb in ("use", "show", "test", "remove"):
        result = run("profiles", verb, "pord")
        assert (result.exit_code, result.stdout) == (3, "")
        assert "did you mean prod?" in result.stderr
    assert config.read_text() == COMMENTED


def test_a_store_is_tested_by_opening_it(run: Run, place: Place) -> None:
    run("profiles", "add", "team", "--store", "t.db")
    (place.home / "t.db").write_bytes(b"no store at all" * 100)

    sound, damaged = shown(run, "test", "local"), run("profiles", "test", "team")

    assert sound.pop("latency_ms") >= 0
    assert sound == {"name": "local", "store": str(place.store), "url": None, "key": None}
    assert (damaged.exit_code, damaged.stdout) == (8, "")


def test_a_server_is_tested_by_asking_it_with_the_key(call: Run) -> None:
    with serving(says(200, {"rewards": [], "total": 0})) as server:
        call("profiles", "add", "prod", "--url", server.url, "--key-stdin", stdin=KEY)

        body = shown(call, "test", "prod")

    assert body.pop("latency_ms") > 0
    assert body == {"name": "prod", "store": None, "url": server.url, "key": "accepted"}
    assert [request.headers["x-api-key"] for request in server.requests] == [KEY]


def test_a_key_that_is_refused_and_a_server_that_is_gone_are_told(call: Run) -> None:
    with serving(says(401, {"detail": "unknown key", "code": "unauthorized"})) as server:
        call("profiles", "add", "prod", "--url", server.url, "--key-stdin", stdin=KEY)
        refused = call("profiles", "test", "prod")
    gone = call("profiles", "test", "prod", "--timeout", "0.2")

    assert (refused.exit_code, refused.stdout) == (4, "")
    assert "unknown key" in refused.stderr
    assert (gone.exit_code, gone.stdout) == (7, "")


def test_a_key_is_never_sent_to_another_server_than_its_own(call: Run, config: Path) -> None:
    answer = says(200, {"rewards": [], "total": 0})
    with serving(answer) as first, serving(answer) as second:
        call("profiles", "add", "prod", "--url", first.url, "--key-stdin", stdin=KEY)
        config.write_text(config.read_text().replace(first.url, second.url))

        results = [call("profiles", "test", "prod"), call("rewards", "list", "-p", "prod")]

    assert [result.exit_code for result in results] == [4, 4]
    assert first.requests == second.requests == []


def test_a_key_is_typed_unseen(place: Place) -> None:
    child = spawn(place, "profiles", "add", "prod", "--url", URL)

    child.expect_exact(f"Key for {URL}: ")
    child.sendline(KEY)
    child.expect_exact("created prod")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 0
    assert KEY not in child.logfile_read.text
    assert KEY in key_file(place).read_text()


def test_a_prompt_is_left_by_ctrl_c_with_nothing_done(place: Place) -> None:
    child = spawn(place, "profiles", "add", "prod", "--url", URL)

    child.expect_exact(f"Key for {URL}: ")
    child.sendintr()
    child.expect_exact("gamify: interrupted")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 130
    assert not (place.home / "config").exists()


def test_no_input_asks_for_no_key(place: Place) -> None:
    child = spawn(place, "profiles", "add", "prod", "--url", URL, "--no-input")

    child.expect_exact("no key was given, and nobody can be asked")
    child.expect(pexpect.EOF)


def test_the_keyring_is_taken_where_one_answers(place: Place, execute: Run) -> None:
    ring = place.home / "ring"
    env = {
        "PYTHON_KEYRING_BACKEND": "file_keyring.FileKeyring",
        "KEYRING_FILE": str(ring),
        "PYTHONPATH": str(Path(__file__).parent),
    }

    rehearsed = execute("profiles", "add", "prod", *SERVER, "-n", stdin=KEY, env=env)
    assert json.loads(rehearsed.stdout)["key_source"] == "keyring"
    assert not ring.exists()
    added = execute("profiles", "add", "prod", *SERVER, stdin=KEY, env=env)
    assert (
        added.stderr
        == "the key is in the keyring\ncreated prod\ntry it: gamify profiles test prod\n"
    )
    assert json.loads(ring.read_text()) == {"gamify/prod": f"https://gamify.example.com\n{KEY}\n"}
    assert not key_file(place).exists()
    details = json.loads(execute("profiles", "show", "prod", env=env).stdout)["key"]
    assert (details["place"], details["is_there"]) == ("the keyring (gamify, prod)", True)
    execute("profiles", "add", "prod", *SERVER, "--replace", "--key-source", "file",
            stdin=KEY, env=env)  # fmt: skip
    assert json.loads(ring.read_text()) == {}
    assert key_file(place).exists()


def test_writers_of_one_configuration_lose_nothing_of_each_other(
    place: Place, config: Path
) -> None:
    names = [f"p{number}" for number in range(12)]
    processes = [
        subprocess.Popen(
            [EXECUTABLE, "profiles", "add", name, "--store", f"/{name}.db", "-q"],
            env=place.env,
            stdout=subprocess.DEVNULL,
        )
        for name in names
    ]

    assert [process.wait(timeout=60) for process in processes] == [0] * len(names)
    assert sorted(tomllib.loads(config.read_text())["profiles"]) == sorted(names)


def test_a_configuration_that_another_process_holds_is_waited_for(call: Run, config: Path) -> None:
    write(config, COMMENTED)
    with (config.parent / ".config.toml.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        result = call("profiles", "use", "prod", "--timeout", "0")
        rehearsed = call("profiles", "use", "prod", "--timeout", "0", "--dry-run")

    assert (result.exit_code, result.stdout) == (7, "")
    assert f"{config} is being changed by another process" in result.stderr
    assert rehearsed.exit_code == 0
    assert config.read_text() == COMMENTED


KILLED = """
import os, pathlib, signal, sys
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
{what} = die
from gamify_cli import app
app.run(sys.argv[1:])
"""


@pytest.mark.parametrize("what", ["os.fchmod", "os.fsync", "pathlib.Path.replace"])
def test_a_writer_that_is_killed_leaves_the_old_file_and_no_lock(
    what: str, place: Place, call: Run, config: Path
) -> None:
    write(config, COMMENTED)

    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(what=what), "profiles", "use", "prod"],
        env=place.env,
        check=False,
    )

    assert done.returncode == -signal.SIGKILL
    assert config.read_text() == COMMENTED
    assert call("profiles", "use", "prod", "--timeout", "0").exit_code == 0
    assert config.read_text() == COMMENTED.replace('"team"   #', '"prod"   #')
    assert sorted(path.name for path in config.parent.iterdir()) == [
        ".config.toml.lock",
        "config.toml",
    ]


def test_a_full_disk_leaves_the_old_file(place: Place, config: Path) -> None:
    write(config, COMMENTED)

    done = subprocess.run(
        [EXECUTABLE, "profiles", "use", "prod"],
        env=place.env | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limited(10),
    )

    assert (done.returncode, done.stdout) == (7, "")
    assert f"cannot write {config}: File too large" in done.stderr
    assert config.read_text() == COMMENTED
    assert [path.name for path in config.parent.iterdir() if path.suffix == ".new"] == []


def limited(size: int) -> Callable[[], None]:
    """Files of a process may grow to so many bytes."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


class Log:
    """What a terminal showed."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        """Nothing is held back."""


def spawn(place: Place, *arguments: str) -> Any:
    """gamify at a terminal of its own."""
    child = pexpect.spawn(
        str(EXECUTABLE),
        list(arguments),
        env={**place.env, "TERM": "dumb"},
        cwd=str(place.home),
        encoding="utf-8",
        dimensions=(50, 200),
        timeout=20,
    )
    child.logfile_read = Log()
    return child


def test_no_key_is_ever_in_what_is_shown(run: Run) -> None:
    said: list[Result] = [
        run("profiles", "add", "prod", *SERVER, "--debug", "-v", stdin=KEY),
        run("profiles", "list", "-v"),
        run("profiles", "show", "prod", "-v", "-o", "csv"),
        run("profiles", "test", "prod", "--debug", "-v", "--timeout", "0"),
        run("participants", "list", "-p", "prod", "--debug", "-v", "--timeout", "0"),
        run("profiles", "remove", "prod", "--debug", "-v"),
    ]

    assert KEY not in "".join(result.stdout + result.stderr for result in said)
