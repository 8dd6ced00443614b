"""Completion scripts for bash, zsh and fish, out of the command tree.

Commands, options and their values stand in the scripts; only the ids of participants are
asked of gamify itself, at the TAB.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gamify_cli.commands import bodies
from gamify_cli.commands.tree import Command, Option
from gamify_cli.config import defaults
from gamify_cli.domain import facts, listing, vocabulary

NOTE = "`make generate` writes this file from the command tree; do not edit it."

_WORDS = {
    "--output": defaults.FORMATS,
    "--color": defaults.COLORS,
    "--include": vocabulary.SECTIONS,
    "--clear": bodies.CLEARABLE,
    "--sort": (*listing.SORT_KEYS, *(f"-{key}" for key in listing.SORT_KEYS)),
    "--type": facts.KINDS,
}
_LISTS = ("--include",)
_FILES = ("--input", "--store")


@dataclass(frozen=True)
class Values:
    """What an option takes: one of these words, or several with commas, or a file."""

    words: tuple[str, ...] = ()
    listed: bool = False
    files: bool = False


def values(option: Option) -> Values:
    """The values to offer after an option, none for most."""
    name = option.names[-1]
    return Values(_WORDS.get(name, ()), name in _LISTS, name in _FILES)


def takes_ids(command: Command) -> bool:
    """Whether its arguments are ids of participants."""
    return any(argument.metavar == "ID" for argument in command.arguments)


def letters(options: Iterable[Option], *, valued: bool) -> str:
    """The letters of the options that take a value, or of those that take none."""
    chosen = [option for option in options if bool(option.metavar) == valued]
    return "".join(name[1:] for option in chosen for name in option.names if len(name) == 2)


def short(text: str) -> str:
    """A description for a list of completions, without the full stop."""
    return text.split("\n")[0].removesuffix(".")


def files(root: Command, everywhere: tuple[Option, ...]) -> dict[Path, str]:
    """The script of each shell, by its path from the top of the repository."""
    from gamify_cli.generate.completions import bash, fish, zsh

    folder = Path("completions")
    return {
        folder / "gamify.bash": bash.script(root, everywhere),
        folder / "_gamify": zsh.script(root, everywhere),
        folder / "gamify.fish": fish.script(root, everywhere),
    }
