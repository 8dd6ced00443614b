"""Every command of the tree, by its own examples: in every format, rehearsed, and with no stdin.

The commands come from the tree, and what they do from what they declare; what cannot be walked
is in EXCEPTIONS.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import NOW, Place, Run

from gamify_cli.commands import LEAVES, NOUNS, tree
from gamify_cli.commands.base import shape_of
from gamify_cli.commands.pages import document
from gamify_cli.commands.root import load
from gamify_cli.domain import journal_file

EXCEPTIONS = {
    "serve": "it runs until it is told to stop; test_help runs its examples",
}
NOTHING_TO_DO = {
    "participants activate": "everyone is active",
    "streaks restore": "no streak lapsed",
    "profiles use": "the default stays the default",
    "config unset": "nothing is set",
    "config edit": "the editor leaves it as it is",
    "store sweep": "no points ran out",
    "completion uninstall": "nothing is installed",
    "store upgrade": "the store is of this version already",
    "store verify": "nothing has drifted",
}
"""Commands that write, but whose examples find nothing to change."""

IN_THE_WAY = {
    "program init": "program.toml",
    "store backup": "saved.backup",
    "profiles add": "config/gamify/config.toml",
}
"""Files without which the examples of a command begin."""

TEXT = {
    "participants exists": "it answers by its exit code",
    "program init": "it writes a file, or prints it",
    "completion show": "it prints a script",
    "help": "it explains",
    "schema": "it prints a JSON Schema, or names",
}
"""Commands that show no data of a shape."""

STREAMS = {"participants export"}
HAS_IDS = {"program simulate"}
"""Their shape is that of the whole answer, of which -o ids tells whom it names."""
"""Commands whose answer is no table."""

FORMATS = ("auto", "table", "json", "jsonl", "csv", "tsv", "ids")
EVENT = '{"participant_id": "user_123", "event_name": "login"}\n'
JOURNAL = (journal_file.header("0001", None, NOW), journal_file.Seal().end())
"""A whole one, of a store with nothing in it."""

FILES = {
    "codes.txt": "A1\nB2\n",
    "more.txt": "C3\n",
    "events.jsonl": EVENT,
    "events.csv": "participant_id,event_name,property.amount:int\nuser_123,login,5\n",
    "people.jsonl": '{"participant_id": "user_123"}\n',
    "people.csv": "participant_id,attr.plan\nuser_123,basic\n",
    "journal.jsonl": "".join(f"{json.dumps(one)}\n" for one in JOURNAL),
    "ids.txt": "user_123\nuser_456\n",
    "request.json": '{"participant_id": "user_789"}',
}
EXPECTED = {"--if-not-exists": 5}
"""Exit codes of examples that show a failure, by the option that makes it."""


class Example(NamedTuple):
    """A line of a help page as it is typed: its words, and what it reads."""

    text: str
    words: list[str]
    stdin: str

    @property
    def whole(self) -> list[str]:
        """The words without --fields, which may not be given twice."""
        at = self.words.index("--fields") if "--fields" in self.words else len(self.words)
        return self.words[:at] + self.words[at + 2 :]

    @property
    def exit_code(self) -> int:
        return next((code for option, code in EXPECTED.items() if option in self.words), 0)


def commands() -> list[str]:
    """Every command that does something, by its path."""
    return [" ".join(one.path) for one in tree.read().walk() if one.path and not one.children]


WALKED = [path for path in commands() if path not in EXCEPTIONS]


def leaf(path: str) -> Any:
    noun, _, verb = path.partition(" ")
    return load(noun).commands[verb] if verb else load(noun)


WRITING = [path for path in WALKED if leaf(path).callback.writes]


def examples(path: str) -> Iterator[Example]:
    """The examples of a command without their format, and only the last of a pipe."""
    for text in document(leaf(path)).examples:
        if not text.startswith(f"gamify {path}") and " | " not in text:
            continue
        line = re.split(r" > | && |; ", text)[0].split(" | ")[-1]
        line, _, file = line.partition(" < ")
        words = shlex.split(re.sub(r" (--json|-o \S+|--output \S+|--jq ('.*?'|\S+))", "", line))
        yield Example(text, words[1:], FILES.get(file, "user_123\n"))


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that all examples find what they name in; it is made once."""
    return tmp_path_factory.mktemp("furnished")


@pytest.fixture
def anew(
    request: pytest.FixtureRequest, place: Place, call: Run, furnished: Path
) -> Callable[[], None]:
    """Furnishes the home of the test, as often as it is called."""
    path = request.node.callspec.params["path"]
    if not any(furnished.iterdir()):
        _furnish(place, call)
        shutil.copytree(place.home, furnished, dirs_exist_ok=True)

    def furnish() -> None:
        shutil.rmtree(place.home)
        shutil.copytree(furnished, place.home)
        if path in IN_THE_WAY:
            (place.home / IN_THE_WAY[path]).unlink()

    furnish()
    return furnish


def _furnish(place: Place, call: Run) -> None:
    for name, text in FILES.items():
        (place.home / name).write_text(text, "utf-8")
    for line in (
        "program init",
        "program apply program.toml",
        "participants create user_456",
        "points award user_123 1000",
        "points award user_456 10",
        "rewards load-codes coupon10 more.txt",
        "streaks record user_123 daily_login",
        "events record user_123 login",
        "challenges enroll user_123 onboarding",
        "keys create",
        "store backup saved.backup",
        "profiles add team --store team.db",
    ):
        assert call(*line.split()).exit_code == 0, line
    program = place.home / "program.toml"
    program.write_text(program.read_text("utf-8").replace('"demo"', '"changed"'), "utf-8")
    with closing(sqlite3.connect(place.store)) as store, store:
        store.execute("UPDATE api_keys SET key_id = 'key_5d2c81f09a3e'")
        store.execute(
            "UPDATE journal SET operation = 'op_0197f3c2a1b45d2c81f09a3e'"
            " WHERE participant_id = 'user_456' AND kind = 'points_awarded'"
        )


def everything(home: Path) -> dict[str, bytes]:
    """Every file below a home, byte for byte."""
    files = (path for path in home.rglob("*") if path.is_file())
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


def parse(format_: str, text: str) -> Any:
    """What a format holds; fails for text that is not of it."""
    if format_ in ("auto", "json"):
        return json.loads(text)
    if format_ == "jsonl":
        return [json.loads(line) for line in text.splitlines()]
    if format_ in ("csv", "tsv"):
        rows = (
            list(csv.reader(io.StringIO(text), strict=True))
            if format_ == "csv"
            else [line.split("\t") for line in text.splitlines()]
        )
        assert {len(row) for row in rows} == {len(rows[0])}
        return rows
    if format_ == "ids":
        known = re.compile("user_(123|456|789)|erased-[0-9a-f]{16}")
        assert all(known.fullmatch(line) for line in text.splitlines())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    return text


def test_the_tables_above_are_of_commands_that_are_there() -> None:
    every = set(commands())

    assert every >= {*EXCEPTIONS, *NOTHING_TO_DO, *TEXT}
    assert len(every) == len(LEAVES) + sum(len(load(noun).commands) for noun in NOUNS)
    assert {path for path in WALKED if shape_of(leaf(path)) is None} == set(TEXT)


@pytest.mark.parametrize("path", WALKED)
def test_every_example_runs_in_every_format(path: str, call: Run, anew: Callable[[], None]) -> None:
    shape = shape_of(leaf(path))
    for example in examples(path):
        is_stream = path in STREAMS and "--bundle" not in example.words
        for format_ in FORMATS if shape else ("auto",):
            line = [*example.words, "-o", format_, "--yes"]

            result = call(*line, stdin=example.stdin)

            is_refused = format_ == "ids" and shape and not shape.has_ids and path not in HAS_IDS
            is_refused = is_refused or (format_ == "table" and is_stream)
            assert result.exit_code == (2 if is_refused else example.exit_code), (line, result)
            if result.exit_code == 0 and shape:
                parse("jsonl" if is_stream and format_ == "auto" else format_, result.stdout)
            assert result.exit_code == 0 or result.stdout == ""
            if path in WRITING:
                anew()


@pytest.mark.parametrize("path", [path for path in WALKED if path not in TEXT])
def test_every_example_can_be_filtered(path: str, call: Run, anew: Callable[[], None]) -> None:
    for example in examples(path):
        shape = shape_of(leaf(path), {word.removeprefix("--"): True for word in example.words})
        assert shape
        shown = []
        for option in (["--json"], ["--jq", "."], ["--fields", shape.fields[-1], "--jq", "."]):
            result = call(*example.whole, "--yes", *option, stdin=example.stdin)
            assert result.exit_code == example.exit_code, (example, result)
            if result.exit_code == 0:
                shown.append(json.loads(result.stdout))
            if path in WRITING:
                anew()
        assert [type(one) for one in shown] == [type(one) for one in shown[:1]] * len(shown)


@pytest.mark.parametrize("path", WALKED)
@pytest.mark.usefixtures("anew")
def test_what_is_unknown_stops_an_example_before_anything_runs(
    path: str, call: Run, place: Place
) -> None:
    before = everything(place.home)
    for example in examples(path):
        for option in (["--fields", "nonsense"], ["--jq", ".["], ["-o", "nonsense"]):
            result = call(*example.whole, "--yes", *option, stdin=example.stdin)
            assert (result.exit_code, result.stdout) == (2, ""), (example, option)
    assert everything(place.home) == before


@pytest.mark.parametrize("path", WALKED)
@pytest.mark.usefixtures("anew")
def test_what_is_rehearsed_or_only_reads_changes_nothing(
    path: str, call: Run, place: Place
) -> None:
    rehearsed = ["--dry-run"] if path in WRITING else []
    before = everything(place.home)
    for example in examples(path):
        result = call(*example.words, *rehearsed, "--yes", stdin=example.stdin)

        assert everything(place.home) == before, example
        assert result.exit_code == example.exit_code, (example, result)


@pytest.mark.parametrize("path", [path for path in WRITING if path not in NOTHING_TO_DO])
@pytest.mark.usefixtures("anew")
def test_what_is_said_to_write_does(path: str, call: Run, place: Place) -> None:
    before = everything(place.home)
    for example in examples(path):
        call(*example.words, "--yes", stdin=example.stdin)

    assert everything(place.home) != before


@pytest.mark.parametrize("path", WALKED)
@pytest.mark.usefixtures("anew")
def test_nothing_waits_or_asks_where_stdin_is_closed(
    path: str, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gamify_cli.render.prompt.Path", NoTerminal)
    documented = {0, *document(leaf(path)).exits}
    for example in examples(path):
        for stdin in (None, ""):
            result = call(*example.words, stdin=stdin)
            assert result.exit_code in documented, (example, result)
            assert "[y/N]" not in result.stderr


class NoTerminal:
    """A machine without a controlling terminal."""

    def __init__(self, path: str) -> None:
        assert path == "/dev/tty"

    def open(self, **_options: str) -> None:
        raise OSError(f"no terminal at {NOW}")
