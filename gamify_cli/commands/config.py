"""gamify config: what is set, by what and where; config.toml, changed and edited."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from gamify_cli.commands.base import noun, verb
from gamify_cli.config.configuration import Change
from gamify_cli.context import Context
from gamify_cli.domain import shapes_access as shapes
from gamify_cli.errors import Declined

app = noun(
    "config",
    """Show what is set, and by what; change config.toml.

    Examples:
        gamify config list
        gamify config set output jsonl
        gamify config edit
    """,
)

Key = Annotated[
    str,
    typer.Argument(metavar="KEY", help="As config list shows it.", show_default=False),
]


@verb(app, "list", shows=shapes.SETTING)
def list_(ctx: typer.Context) -> None:
    """Show every setting with its value, what gave it, and where that stands.

    An option wins over the environment, that over config.toml, that over what is built in.
    A value in config.toml that something else overrides is told on stderr. No key is shown.
    A store that is chosen by its path leaves the defaults of options in config.toml unread.

    Examples:
        gamify config list
        gamify config list -o csv --fields key,value

    Exit codes: 0, 2.
    """
    context: Context = ctx.obj
    context.output.many(context.configuration.list())
    for shadow in context.configuration.shadows():
        context.note(f"warning: {shadow}")


@verb(app, shows=shapes.SETTING)
def get(ctx: typer.Context, key: Key) -> None:
    """Show one setting as config list does.

    Examples:
        gamify config get output
        gamify config get profiles.local.store -o csv --fields value

    Exit codes: 0, 2, 3.
    """
    context: Context = ctx.obj
    context.output.one(context.configuration.get(key))


@verb(app, "set", shows=shapes.SETTING, writes=True)
def set_(
    ctx: typer.Context,
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="What it is to be.")],
) -> None:
    """Write a value into config.toml, and show what holds then.

    default_profile, a member of a profile (profiles.NAME.url), or the default of an option:
    output, color, timeout, jobs, no_input. Comments and order stay.

    Examples:
        gamify config set output table
        gamify config set timeout 10 --dry-run
        gamify config set default_profile local

    Exit codes: 0, 2, 3, 7, 10.
    """
    context: Context = ctx.obj
    _require_named(context, key)
    change = context.configuration.set(key, value, dry_run=context.options.dry_run)
    _show(context, change)


@verb(app, shows=shapes.SETTING, writes=True)
def unset(ctx: typer.Context, key: Key) -> None:
    """Take a value out of config.toml, and show what holds then.

    A whole profile goes by profiles remove.

    Examples:
        gamify config unset output
        gamify config unset timeout --dry-run

    Exit codes: 0, 2, 3, 7, 10.
    """
    context: Context = ctx.obj
    _require_named(context, key)
    _show(context, context.configuration.unset(key, dry_run=context.options.dry_run))


@verb(app, shows=shapes.CONFIG_FILE, writes=True)
def edit(ctx: typer.Context) -> None:
    """Open a draft of config.toml in $VISUAL or $EDITOR; keep it if it is sound.

    With a fault in it the old file stays, and the draft is kept: the message says where.

    Examples:
        gamify config edit
        gamify config edit --dry-run

    Exit codes: 0, 2, 3, 5, 7, 10.
    """
    context: Context = ctx.obj
    if context.options.no_input:
        raise Declined("nobody can edit under --no-input", hint="use: gamify config set")
    path = context.configuration.path
    allow = partial(context.require_named, where=str(path))
    if not context.configuration.edit(allow, dry_run=context.options.dry_run):
        context.note(f"unchanged {path}")
    elif context.options.dry_run:
        context.note(f"dry run: {path} would be updated; nothing was written")
    else:
        context.note(f"updated {path}")
    context.output.one({"path": str(path), "exists": path.exists()})


@verb(app, "path", shows=shapes.CONFIG_FILE)
def path_(ctx: typer.Context) -> None:
    """Show where config.toml is, whether it exists or not.

    Examples:
        gamify config path
        gamify config path -o tsv --fields path

    Exit codes: 0, 2.
    """
    context: Context = ctx.obj
    path = context.configuration.path
    context.output.one({"path": str(path), "exists": path.exists()})


def _require_named(context: Context, key: str) -> None:
    """A protected profile is changed only if it is named; raises Declined."""
    profile = context.configuration.protected_profile(key)
    if profile is not None:
        context.require_named(profile, str(context.configuration.path))


def _show(context: Context, change: Change) -> None:
    key = change.body["key"]
    if change.before == change.after:
        context.note(f"unchanged {key}: {change.after}")
    elif context.options.dry_run:
        context.note(f"dry run: {key} would be updated; nothing was written")
        context.note(f"  {change.before} → {change.after}")
    else:
        context.note(f"updated {key}: {change.before} → {change.after}")
    context.note(change.shadow and f"warning: {change.shadow}")
    context.output.one(change.body)
