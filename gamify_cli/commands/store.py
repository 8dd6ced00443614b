"""gamify store: look after the local store."""

from __future__ import annotations

import typer

from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes

app = noun(
    "store",
    """Look after the local store.

    Examples:
        gamify store info
        gamify store upgrade
    """,
)


@verb(app, shows=shapes.STORE)
def info(ctx: typer.Context) -> None:
    """Show where the store is and what it holds.

    Examples:
        gamify store info
        gamify store info --store ./team.db --json

    Exit codes: 0, 2, 3, 7, 8.
    """
    context: Context = ctx.obj
    context.output.one(context.local.info())


@verb(app, shows=shapes.SWEEP, writes=True)
def sweep(ctx: typer.Context) -> None:
    """Record the points that ran out.

    They are gone from their instant on, swept or not.

    Examples:
        gamify store sweep
        gamify store sweep --dry-run

    Exit codes: 0, 2, 3, 7, 8, 10.
    """
    context: Context = ctx.obj
    with context.watching("sweeping") as bar:
        answer = context.local.sweep(context.write(0), bar.at)
    if context.options.dry_run:
        context.note("dry run: nothing was written")
    context.output.one(answer)


@verb(app, shows=shapes.UPGRADE, writes=True)
def upgrade(ctx: typer.Context) -> None:
    """Bring an older store to the schema of this gamify, after a backup beside it.

    Of a PostgreSQL database no backup is made: run pg_dump first.

    Examples:
        gamify store upgrade
        gamify store upgrade --store ./team.db --dry-run

    Exit codes: 0, 2, 3, 7, 8, 10.
    """
    context: Context = ctx.obj
    with context.watching("backing up") as bar:
        answer = context.upgrade_store(bar.at)
    if answer["from"] is None:
        context.note("the store does not exist yet; the first write makes it")
    elif answer["from"] == answer["to"]:
        context.note("nothing to do: the store has the schema of this gamify")
    elif context.options.dry_run:
        context.note("dry run: nothing was written")
    if context.target.database and answer["from"] not in (None, answer["to"]):
        context.note("no backup is made of a database: make one with pg_dump before an upgrade")
    context.output.one(answer)
