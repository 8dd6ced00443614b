"""The root of the command tree."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperOption

from gamify_cli import __version__
from gamify_cli.commands import HIDDEN, LEAVES, NOUNS
from gamify_cli.commands.base import Group, Verb, group_of, leaf_of

SUMMARY = """Administer the participants of a gamification platform.

More, by topic: gamify help.

Examples:
    gamify participants create user_123 --display-name "Jane Doe"
    gamify participants get user_123
    gamify participants list --tier gold -o ids | gamify participants get -

Exit codes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.
"""


class Root(Group):
    """Lists every noun from the registry, but imports only the one that runs."""

    def __init__(self) -> None:
        super().__init__(name="gamify", help=SUMMARY, rich_markup_mode=None)
        for name, summary in (NOUNS | LEAVES).items():
            self.add_command(Verb(name=name, help=summary, rich_markup_mode=None))
        self.params.append(_version_option())

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args[0] in HIDDEN:
            return args[0], load(args[0]), args[1:]
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(str(name)), rest


def load(name: str) -> Any:
    """The command of that name, with everything below it."""
    app = import_module(f"gamify_cli.commands.{HIDDEN.get(name, name)}").app
    return group_of(app) if name in NOUNS else leaf_of(app)


def _version_option() -> TyperOption:
    """--version, at the root alone."""

    def show(_ctx: Any, _param: Any, value: bool) -> None:
        if value:
            typer.echo(f"gamify {__version__}")
            raise typer.Exit

    return TyperOption(
        param_decls=["--version"],
        help="Show the version.",
        is_flag=True,
        default=False,
        expose_value=False,
        is_eager=True,
        callback=show,
    )
