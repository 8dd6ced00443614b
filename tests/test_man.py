"""The manual: sound, complete, current, installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import program

from gamify_cli.commands import tree
from gamify_cli.errors import GamifyError
from gamify_cli.generate.__main__ import ROOT, generated
from gamify_cli.generate.man import escape

PAGES = sorted((ROOT / "man").iterdir())
COMMANDS = list(tree.read().walk())


def rendered(page: Path) -> str:
    """A page as a reader sees it, on one line, without bold and underlined letters."""
    mandoc = program("mandoc", "mandoc")
    done = subprocess.run([mandoc, "-Tutf8", page], capture_output=True, text=True, check=True)
    letters: list[str] = []
    for letter in done.stdout:
        if letter == "\b":
            letters.pop()
        else:
            letters.append(letter)
    return " ".join("".join(letters).split())


def page_of(command: tree.Command) -> Path:
    noun = "-".join(["gamify", *command.path[:1]])
    page = ROOT / "man" / f"{noun}.1"
    return page if page.exists() else ROOT / "man" / "gamify.1"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_mandoc_has_nothing_to_say_about_a_page(page: Path) -> None:
    mandoc = program("mandoc", "mandoc")

    lint = subprocess.run(
        [mandoc, "-Tlint", "-Wwarning", page], capture_output=True, text=True, check=False
    )

    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command.path) or "root")
def test_every_command_is_documented_with_its_options(command: tree.Command) -> None:
    text = rendered(page_of(command))

    assert command.document.summary in text
    for option in command.options:
        spelling = ", ".join(option.spellings) + (f" {option.metavar}" if option.metavar else "")
        assert f"{spelling} {option.help}" in text
    for argument in command.arguments:
        assert f"{argument.metavar} {argument.help}" in text
    for example in command.document.examples:
        assert " ".join(example.split()) in text


def test_the_main_page_documents_every_global_option_and_exit_code() -> None:
    text = rendered(ROOT / "man" / "gamify.1")

    for option in tree.global_options():
        assert f"{', '.join(option.spellings)} " in text
        assert option.help in text
    for kind in GamifyError.__subclasses__():
        assert f"{kind.exit_code} {str(kind.__doc__).splitlines()[0]}" in text


def test_the_hidden_command_is_in_no_generated_file() -> None:
    assert not any("__complete" in page.read_text("utf-8") for page in PAGES)
    assert "__complete" not in [command.name for command in COMMANDS if command.path]


def test_roff_shows_text_as_it_is_written(tmp_path: Path) -> None:
    nasty = "\n".join([".B dots", "'quotes\"", r"back\slash \fB", "--hyphen-ated", "`tick^~"])
    page = tmp_path / "nasty.1"
    head = ".Dd January 1, 2026\n.Dt NASTY 1\n.Os\n.Sh NAME\n.Nm nasty\n.Nd test\n"

    page.write_text(f"{head}.Sh DESCRIPTION\n{escape(nasty)}\n", "utf-8")

    assert " ".join(nasty.split()) in rendered(page)


@pytest.mark.parametrize("path", generated(), ids=str)
def test_a_generated_file_is_current(path: Path) -> None:
    assert (ROOT / path).read_text("utf-8") == generated()[path], "run: make generate"


def test_generation_does_not_depend_on_the_order_of_sets() -> None:
    script = "from gamify_cli.generate.__main__ import generated; print(generated())"
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3", "4")
    }

    assert len(texts) == 1


def test_pages_and_completions_are_installed_where_programs_look() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]

    assert {Path(source).name for source in shared} >= {page.name for page in PAGES}
    for source, target in shared.items():
        assert (ROOT / source).is_file()
        assert (Path(sys.prefix) / target).stat().st_size > 0
