"""Help: every command has it, with examples that work, and it fits 80 columns."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
import subprocess
from contextlib import closing
from typing import Any

import pytest
from conftest import EXECUTABLE, Place, Run
from test_walk_tree import FILES

from gamify_cli.commands import LEAVES, NOUNS, topics
from gamify_cli.commands.base import GLOBAL_OPTIONS
from gamify_cli.commands.pages import document
from gamify_cli.commands.root import Root, load
from gamify_cli.errors import GamifyError, kinds
from gamify_cli.generate.__main__ import ROOT


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
        line = [*shlex.split(re.sub(" --port [0-9]+", "", example))[1:], "--port", "0"]
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
    if path == ("store", "restore"):
        call("store", "backup", "saved.backup")
    call("keys", "create")
    with closing(sqlite3.connect(place.store)) as store, store:
        store.execute("UPDATE api_keys SET key_id = 'key_5d2c81f09a3e' WHERE name IS NULL")
        store.execute(
            "UPDATE journal SET operation = 'op_0197f3c2a1b45d2c81f09a3e'"
            " WHERE participant_id = 'user_456'"
        )
    for name, text in FILES.items():
        (place.home / name).write_text(text)
    for example in document(command(path)).examples:
        line = example.partition(" > ")[0].partition("; ")[0].partition(" && ")[0]
        line = line.partition(" < ")[0].split(" | ")[-1]
        stdin = FILES["events.jsonl"] if " < events.jsonl" in example else "user_123\n"

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


@pytest.mark.parametrize("topic", topics.TOPICS)
def test_a_topic_opens_with_examples_and_fits_80_columns(topic: str, run: Run) -> None:
    result = run("help", topic)

    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1:3] == ["", "Examples:"]
    assert "@" not in result.stdout
    assert f"  {topic}  " in run("help").stdout


@pytest.mark.parametrize("topic", topics.TOPICS)
def test_what_a_topic_refers_to_is_there(topic: str, call: Run) -> None:
    text = call("help", topic).stdout

    for topic_or_command in re.findall(r"gamify help ([\w-]+)", text):
        assert call("help", topic_or_command).exit_code == 0
    for found in re.findall(rf"gamify ({'|'.join(NOUNS)}) ([a-z-]+)", text):
        assert call("help", *found).exit_code == 0


def test_the_topics_on_failures_have_every_class_of_error_and_every_exit_code(call: Run) -> None:
    errors, codes = (
        " ".join(call("help", name).stdout.split()) for name in ("errors", "exit-codes")
    )

    for kind in GamifyError.__subclasses__():
        assert f"{kind.exit_code} {kind.code.replace('_', ' ')} {kind.__doc__}"[:40] in codes
    for kind in kinds():
        retry = "yes" if kind.retryable else "no"
        row = f"{kind.code} {kind.exit_code} {kind.http_status} {retry} {kind.__doc__}"
        assert row.splitlines()[0] in errors


def test_the_topic_on_the_environment_has_what_the_code_reads(call: Run) -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "gamify_cli").rglob("*.py")]
    read = {name for text in sources for name in re.findall(r'"(GAMIFY_[A-Z_]+)"', text)}

    text = call("help", "environment").stdout

    assert read - {name for name in read if f"  {name} " in text} == {"GAMIFY_TEST_NOW"}


def test_help_shows_the_page_of_any_command(call: Run) -> None:
    for path in [("points",), *leaves()]:
        if path[0] not in topics.TOPICS or len(path) > 1:
            assert call("help", *path).stdout == call(*path, "--help").stdout
    overview = call("help").stdout
    assert all(f"  {name} " in overview for name in [*NOUNS, *LEAVES])
    assert max(map(len, overview.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["enviroment"], 'no help on "enviroment"', "did you mean environment?"),
        (["Exit_Codes"], 'no help on "Exit_Codes"', "did you mean exit-codes?"),
        (["participant"], 'no help on "participant"', "did you mean participants?"),
        (["points", "awards"], 'no such command "points awards"', "did you mean award?"),
        (["xyzzy"], 'no help on "xyzzy"', "see: gamify help"),
        (["version", "now"], 'no such command "version now"', "see: gamify help version"),
    ],
)
def test_help_on_what_there_is_not_is_refused(
    words: list[str], message: str, hint: str, run: Run
) -> None:
    result = run("help", *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"gamify: {message}\n  hint: {hint}\n"


def test_the_tree_has_every_command_with_its_options_and_arguments(run: Run) -> None:
    root = json.loads(run("commands", "-o", "json").stdout)

    assert root["name"] == "gamify"
    assert [one["name"] for one in root["commands"]] == [*NOUNS, *LEAVES]
    points = root["commands"][1]
    assert points["summary"] == NOUNS["points"]
    assert [one["name"] for one in points["commands"]] == list(load("points").commands)
    award = points["commands"][0]
    assert [(one["name"], one["required"]) for one in award["arguments"]] == [
        ("ID", True),
        ("AMOUNT", True),
    ]
    assert award["options"][0] == {
        "names": ["--reason"],
        "metavar": "TEXT",
        "help": "Kept in the journal.",
        "default": None,
        "required": False,
        "repeatable": False,
        "global": False,
    }
    assert set(award) == set(root) == set(points)
    everywhere = [one["names"][-1] for one in root["options"] if one["global"]]
    assert everywhere == [option.opts[-1] for option in GLOBAL_OPTIONS] + ["--help"]


def test_the_tree_is_an_indented_list_for_people_and_rows_for_tables(run: Run) -> None:
    listed = run("commands", "-o", "table").stdout.splitlines()
    rows = run("commands", "-o", "csv", "--fields", "name,summary").stdout.splitlines()

    assert max(map(len, listed)) <= 80
    assert listed[0].split()[0] == "gamify"
    assert [line for line in listed if line.startswith("  points ")]
    assert [line for line in listed if line.startswith("    award ")]
    assert rows[0] == "name,summary"
    assert len(rows) == len(leaves()) + len(NOUNS) + 2
    assert f'gamify points,"{NOUNS["points"]}"' in rows
