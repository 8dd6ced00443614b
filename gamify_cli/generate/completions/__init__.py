"""Completion scripts for bash, zsh and fish, out of the command tree.

Commands, options and their values stand in the scripts; only what a store or a configuration
holds, such as the ids of participants, is asked of gamify itself, at the TAB.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gamify_cli.commands.tree import Command, Option


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
