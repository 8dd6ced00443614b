"""Help: every command has it, with examples that work, and it fits 80 columns."""

from __future__ import annotations

import shlex
import sqlite3
import subprocess
from contextlib import closing
from typing import Any

import pytest
from conftest import EXECUTABLE, Place, Run

from gamify_cli.app import Root, load
from gamify_cli.commands import LEAVES, NOUNS
from gamify_cli.commands.help import document
from gamify_cli.errors import GamifyError


def leaves() -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = [(leaf,) for leaf in LEAVES]
    return paths + [(noun, verb) for noun in NOUNS for verb in load(noun).commands]


def command(path: tuple[str, ...]) -> Any:
    found = load(path[0])
    return found.commands[path[1]] if len(path) > 1 else found


@pytest.mark.parametrize("path", [(), *[(noun,) for noun in NOUNS], *leaves()])
def test_a_help_page_opens_with_examples_and_fits_80_columns(
    path: tuple[str, ...], call: Run
) -> None:
    result = call(*path, "--help")

    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1:3] == ["", "Examples:"]
    assert 2 <= lines[3:].index("") <= 3
    assert f"  gamify {' '.join(path)}".rstrip() in result.stdout
    assert call(*path, "-h").stdout == result.stdout


@pytest.mark.parametrize("path", leaves())
def test_every_option_is_explained_and_every_exit_code_listed(path: tuple[str, ...]) -> None:
    found = command(path)

    assert all(parameter.help for parameter in found.params)
    codes = document(found).exits
    assert codes[0] == 0
    assert set(codes[1:]) <= {kind.exit_code for kind in GamifyError.__subclasses__()}


def test_every_example_of_serve_serves_until_it_is_told_to_stop(place: Place, call: Run) -> None:
    call("keys", "create")
    for example in document(command(("serve",))).examples:
        line = [*shlex.split(example)[1:], "--port", "0"]
        server = subprocess.Popen([EXECUTABLE, *line], env=place.env, stderr=subprocess.PIPE)
        assert server.stderr
        assert b"/api/v1/gamify" in server.stderr.readline()
        server.terminate()
        server.communicate(timeout=30)
        assert server.returncode == 0, example


@pytest.mark.parametrize("path", [path for path in leaves() if path != ("serve",)])
def test_every_example_runs(path: tuple[str, ...], call: Run, place: Place) -> None:
    call("participants", "create", "user_456")
    call("participants", "create", "user_123")
    call("points", "award", "user_123", "1000")
    call("program", "init")
    call("program", "apply", "program.toml")
    (place.home / "codes.txt").write_text("A1\nB2\n")
    if path != ("rewards", "load-codes"):
        call("rewards", "load-codes", "coupon10", "codes.txt")
    if path == ("program", "init"):
        (place.home / "program.toml").unlink()
    call("streaks", "record", "user_123", "daily_login")
    if path == ("profiles", "remove"):
        call("profiles", "add", "team", "--store", "team.db")
    call("keys", "create")
    with closing(sqlite3.connect(place.store)) as store, store:
        store.execute("UPDATE api_keys SET key_id = 'key_5d2c81f09a3e' WHERE name IS NULL")
    events = '{"participant_id": "user_123", "event_name": "login"}\n'
    (place.home / "events.jsonl").write_text(events)
    (place.home / "request.json").write_text('{"participant_id": "user_789"}')
    for example in document(command(path)).examples:
        line = example.partition(" > ")[0].partition("; ")[0].partition(" && ")[0]
        line = line.partition(" < ")[0].split(" | ")[-1]
        stdin = events if " < events.jsonl" in example else "user_123\n"

        code = call(*shlex.split(line)[1:], "--yes", stdin=stdin).exit_code

        expected = 5 if "--if-not-exists" in example else 0
        assert code == expected, example


def test_bare_gamify_and_bare_nouns_print_their_help(run: Run) -> None:
    for path in [[], *[[noun] for noun in NOUNS]]:
        bare = run(*path)
        assert (bare.exit_code, bare.stderr) == (0, "")
        assert bare.stdout == run(*path, "--help").stdout


def test_the_version_is_told(run: Run) -> None:
    from gamify_cli import __version__

    assert run("--version").stdout == f"gamify {__version__}\n"
    assert f'"gamify": "{__version__}"' in run("version").stdout


def test_every_noun_of_the_registry_loads_and_is_summed_up_alike() -> None:
    for name, summary in (NOUNS | LEAVES).items():
        assert document(load(name)).summary == summary
    assert list(Root().commands) == [*NOUNS, *LEAVES]
