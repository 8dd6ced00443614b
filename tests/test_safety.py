"""Confirmations: every writing command on a protected profile, and what is told before a write."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import EXECUTABLE, Place, Run

from gamify_cli.commands import LEAVES, NOUNS
from gamify_cli.commands.root import load

DATA = Path(__file__).parent / "data"

WRITES = {
    "participants create": "new",
    "participants update": "ada --attr a=1",
    "participants deactivate": "ada",
    "participants activate": "ada",
    "participants erase": "ada",
    "participants import": "people.csv",
    "points award": "ada 5",
    "points deduct": "ada 5",
    "badges award": "ada gift",
    "streaks record": "ada daily_login",
    "streaks restore": "ada daily_login --reason outage",
    "events record": "ada login",
    "events import": "events.jsonl",
    "challenges enroll": "ada onboarding",
    "tiers assign": "ada gold --reason friend",
    "rewards claim": "ada coupon10",
    "rewards load-codes": "coupon10 codes.txt",
    "program apply": "changed.toml",
    "operations undo": "op_0197f3c2a1b45d2c81f09a3e",
    "keys create": "",
    "keys revoke": "key_5d2c81f09a3e",
    "store backup": "copy.backup",
    "store verify": "--repair",
    "store restore": "saved.backup",
    "store sweep": "",
    "store upgrade": "",
}
"""Every command that writes to a store, with what it takes."""

READS = {
    *("participants export", "participants diff"),
    *("participants get", "participants state", "participants list", "participants exists"),
    *(
        "participants explain",
        "participants history",
        "points balance",
        "points history",
        "points expiring",
    ),
    *("badges list", "streaks list", "events list", "challenges list", "tiers show"),
    *("rewards list", "rewards history", "leaderboards show", "leaderboards rank"),
    *("program init", "program show", "program diff", "program validate", "keys list"),
    "program simulate",
    *("operations list", "operations show"),
    *("store info", "schema", "serve", "version", "doctor", "commands", "help"),
    *("config list", "config get", "config path"),
    *("profiles list", "profiles show", "profiles current", "profiles test"),
    *("completion show", "completion install", "completion uninstall"),
}
"""Those that write to none; `serve` lets others write, who have keys of their own."""

SETTINGS = {
    "config set": "profiles.local.protected false",
    "config unset": "profiles.local.protected",
    "config edit": "",
    "profiles add": "local --store other.db --replace",
    "profiles remove": "local",
}
"""Those that change what a profile is."""

HARMLESS = {"profiles use"}


def leaves() -> Iterator[str]:
    yield from LEAVES
    yield from (f"{noun} {verb}" for noun in NOUNS for verb in load(noun).commands)


@pytest.fixture
def config(place: Place, call: Run) -> Path:
    """A profile with something in it, which is protected then."""
    call("participants", "create", "ada")
    call("points", "award", "ada", "10")
    call("keys", "create")
    text = (DATA / "program.toml").read_text("utf-8")
    (place.home / "program.toml").write_text(text + '[[badges]]\ncode = "gift"\nname = "Gift"\n')
    (place.home / "changed.toml").write_text(text)
    (place.home / "events.jsonl").write_text('{"participant_id": "ada", "event_name": "x"}\n')
    (place.home / "people.csv").write_text("participant_id,attr.a:int\nada,1\n")
    (place.home / "codes.txt").write_text("A\n")
    assert call("program", "apply", "program.toml").exit_code == 0
    with closing(sqlite3.connect(place.store)) as store, store:
        given = (WRITES["operations undo"], "points_awarded")
        store.execute("UPDATE journal SET operation = ? WHERE kind = ?", given)
    assert call("store", "backup", "saved.backup").exit_code == 0
    path = place.home / "config" / "gamify" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[profiles.local]\nprotected = true\n")
    return path


def held(place: Place) -> bytes:
    return b"".join(one.read_bytes() for one in sorted(place.store.parent.iterdir()))


def test_every_command_is_known_to_write_or_not() -> None:
    known = [*WRITES, *READS, *SETTINGS, *HARMLESS]

    assert len(known) == len(set(known))
    assert set(leaves()) <= set(known)


@pytest.mark.parametrize("command", WRITES)
def test_a_write_to_a_protected_profile_needs_its_name(
    command: str, call: Run, place: Place, config: Path
) -> None:
    line = [*command.split(), *shlex.split(WRITES[command])]
    before = held(place)

    for more in ([], ["--yes"], ["--confirm", "prod"], ["--yes", "--no-input"]):
        refused = call(*line, *more)
        assert (refused.exit_code, refused.stdout) == (10, ""), more
        assert "profile local is protected; nothing was done" in refused.stderr
        assert "hint: add --confirm local if you mean it" in refused.stderr
    assert held(place) == before
    assert call(*line, "--dry-run").exit_code != 10
    assert held(place) == before
    named = call(*line, "--confirm", "local")
    assert named.exit_code != 10
    assert f"in profile local ({place.store})" in named.stderr or (
        f"write to profile local ({place.store}), which is protected\n" in named.stderr
    )
    assert config.exists()


@pytest.mark.parametrize("command", SETTINGS)
def test_what_a_protected_profile_is_needs_its_name(command: str, call: Run, config: Path) -> None:
    before = config.read_text()
    line = [*command.split(), *shlex.split(SETTINGS[command])]
    env = {"EDITOR": "sed -i d"}

    refused = call(*line, "--yes", env=env)

    assert (refused.exit_code, refused.stdout) == (10, "")
    assert config.read_text() == before
    named = call(*line, "--confirm", "local", env=env)
    assert named.exit_code == 0, named.stderr
    assert f" {config}, which is protected" in named.stderr
    assert config.read_text() != before


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("participants update ada bob --attr a=1", "update 2 participants"),
        ("participants deactivate ada", 'deactivate participant "ada"'),
        ("participants deactivate - ", "deactivate participants"),
    ],
)
def test_the_target_is_told_before_a_write_that_is_confirmed(
    line: str, target: str, run: Run, place: Place
) -> None:
    run("participants", "create", "ada")
    run("participants", "create", "bob")

    for answer in (["--yes"], ["--confirm", "local"]):
        told = run(*line.split(), *answer, stdin="ada\nbob\n").stderr.splitlines()
        counted = target.replace("participants", "2 participants")
        assert told[0] in {f"{one} in profile local ({place.store})" for one in (target, counted)}
    by_path = run(*line.split(), "--yes", "--store", str(place.store), stdin="ada\nbob\n")
    assert by_path.stderr.startswith(f"{target} in store {place.store}\n")


@pytest.mark.parametrize("command", ["participants deactivate ada", "points award ada 5"])
def test_a_confirmation_for_another_profile_is_none(command: str, run: Run, place: Place) -> None:
    run("participants", "create", "ada")

    result = run(*command.split(), "--confirm", "prod")

    assert (result.exit_code, result.stdout) == (10, "")
    assert f"--confirm prod is not profile local ({place.store}); nothing was" in result.stderr


def spawn(place: Place, line: str) -> Any:
    return pexpect.spawn(
        "/bin/sh",
        ["-c", line],
        env={**place.env, "TERM": "dumb"},
        cwd=str(place.home),
        encoding="utf-8",
        timeout=20,
        dimensions=(50, 200),
    )


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("exec gamify points award ada 5 -o ids", "Write to"),
        ("exec gamify participants deactivate ada -o ids", 'Deactivate participant "ada" in'),
        ("echo ada | gamify participants update - --attr a=1 -o ids", "Write to"),
    ],
)
@pytest.mark.usefixtures("config")
def test_on_a_terminal_the_name_is_typed_once(line: str, question: str, place: Place) -> None:
    for answer, code in (("local", 0), ("y", 10), ("", 10)):
        before = held(place)
        child = spawn(place, line)
        child.expect_exact(
            f"{question} profile local ({place.store})? It is protected: type local to go on: "
        )
        child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == code
        assert (held(place) == before) == (code == 10)


@pytest.mark.usefixtures("config")
def test_nobody_is_asked_whose_terminal_shows_no_question(place: Place) -> None:
    for line in ("points award ada 5", "participants update - --attr a=1"):
        shell = f"echo ada | {EXECUTABLE} {line} 2>told </dev/tty; echo code $?"
        child = spawn(place, shell if " - " not in line else shell.replace("</dev/tty", ""))
        child.expect_exact("code 10")
        child.expect(pexpect.EOF)
