"""gamify completion: what a shell offers at a TAB, put where the shell looks for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Annotated

import typer

from gamify_cli import shells
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes_access as shapes

app = noun(
    "completion",
    """Let a shell complete commands, ids and codes.

    Examples:
        gamify completion install
        gamify completion show bash
    """,
)

Shell = Annotated[
    str | None,
    typer.Argument(metavar="SHELL", help="bash, zsh or fish; without it, that of $SHELL."),
]


@verb(app, shows=shapes.COMPLETION, writes=True)
def install(ctx: typer.Context, shell: Shell = None) -> None:
    """Put the completion where the shell looks for it in your home.

    Where the shell has to be told as well, stderr has the lines for its settings, which stay
    as they are. Fails (exit 5) where a file that gamify did not write is in the way.

    Examples:
        gamify completion install zsh
        gamify completion install bash --dry-run

    Exit codes: 0, 2, 3, 5, 7.
    """
    context: Context = ctx.obj
    where = shells.place(shells.guessed(shell, os.environ), os.environ)
    outcome = _change(context, where, shells.install)
    if outcome != "unchanged" and not where.advice and not context.options.dry_run:
        context.note(f"it works in every {where.shell} that starts from now on")
    if where.advice:
        settings = "~/.zshrc" if where.shell == "zsh" else "~/.bashrc"
        context.note(f"add to {settings}, unless it is there:")
        for line in where.advice:
            context.note(f"  {line}")


@verb(app, shows=shapes.COMPLETION, writes=True)
def uninstall(ctx: typer.Context, shell: Shell = None) -> None:
    """Take the completion away from where install put it.

    Examples:
        gamify completion uninstall zsh
        gamify completion uninstall bash --dry-run

    Exit codes: 0, 2, 5, 7.
    """
    where = shells.place(shells.guessed(shell, os.environ), os.environ)
    _change(ctx.obj, where, shells.uninstall)


@verb(app)
def show(shell: Shell = None) -> None:
    """Print the completion, whatever the output format.

    Examples:
        gamify completion show bash
        gamify completion show fish > gamify.fish

    Exit codes: 0, 2, 3.
    """
    print(shells.script(shells.guessed(shell, os.environ)), end="")


def _change(context: Context, where: shells.Place, act: Callable[..., str]) -> str:
    """Do it, tell it and show it; the outcome."""
    outcome = act(where, dry_run=context.options.dry_run)
    if context.options.dry_run:
        context.note(f"dry run: it would be {outcome}; nothing was written")
    context.output.one({"shell": where.shell, "path": str(where.path), "outcome": outcome})
    return outcome
