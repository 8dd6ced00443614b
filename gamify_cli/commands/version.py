"""gamify version."""

from __future__ import annotations

import platform
import sqlite3

import typer

from gamify_cli import __version__
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes

app = noun("version", "Show the version of gamify and of what it runs on.")


@verb(app, shows=shapes.VERSION)
def version(ctx: typer.Context) -> None:
    """Show the version of gamify and of what it runs on.

    Examples:
        gamify version
        gamify --version

    Exit codes: 0, 2.
    """
    context: Context = ctx.obj
    versions = {"gamify": __version__, "python": platform.python_version()}
    context.output.one({**versions, "sqlite": sqlite3.sqlite_version})
