"""gamify operations: the journal of writes, by the command that made them."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.backend import OperationQuery
from gamify_cli.commands import queries, undo_steps
from gamify_cli.commands.arguments import After, All, Limit
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import listing, vocabulary
from gamify_cli.domain import shapes_operations as shapes

app = noun(
    "operations",
    """Show what was done, by the command that did it, and undo it.

    Examples:
        gamify operations list --participant user_123
        gamify operations show op_0197f3c2a1b45d2c81f09a3e
        gamify operations undo op_0197f3c2a1b45d2c81f09a3e
    """,
)

OperationId = Annotated[
    str,
    typer.Argument(
        metavar="OP", help="The id of the operation, as list shows it.", show_default=False
    ),
]


@verb(app, "list", shows=shapes.OPERATION)
def list_(
    ctx: typer.Context,
    participant: Annotated[
        str | None, typer.Option(metavar="ID", help="On this participant alone.")
    ] = None,
    limit: Limit = None,
    all_: All = False,
    after: After = None,
) -> None:
    """List operations that left anything, newest first, 100 at a time.

    Examples:
        gamify operations list --limit 5
        gamify operations list --participant user_123 --all

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    query = OperationQuery(participant, after, queries.limit(limit, all_))
    queries.show_page(context, context.backend.operations.list(query))


@verb(app, shows=shapes.OPERATION)
def show(ctx: typer.Context, operation: OperationId) -> None:
    """Show one operation: who ran what and when, and how much it wrote.

    Examples:
        gamify operations show op_0197f3c2a1b45d2c81f09a3e
        gamify operations show op_0197f3c2a1b45d2c81f09a3e --jq .command

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    context.output.one(context.backend.operations.show(operation))


@verb(app, shows=shapes.UNDONE, writes=True)
def undo(
    ctx: typer.Context,
    operation: OperationId,
    on_short: Annotated[
        str,
        typer.Option(
            metavar="WAY", help="refuse or clamp, where points are spent that it takes back."
        ),
    ] = vocabulary.ON_SHORT[0],
) -> None:
    """Undo an operation: all is as if it had never been, and later ones stay.

    Tiers, badges, limits and challenges are judged again without it, under the program of
    each time. What it would do is told first. A code that was handed out stays so. Fails
    (exit 6) if its points are spent, unless --on-short clamp takes back what there is. An undo
    is undone like any other; programs, keys, codes and what is done to a store are not. A
    repeat under an idempotency key is answered as before, which brings nothing back.

    Examples:
        gamify operations undo op_0197f3c2a1b45d2c81f09a3e --dry-run
        gamify operations undo op_0197f3c2a1b45d2c81f09a3e --on-short clamp

    Exit codes: 0, 2, 3, 4, 5, 6, 7, 8, 10.
    """
    context: Context = ctx.obj
    way = listing.known("--on-short", on_short, vocabulary.ON_SHORT)
    undo_steps.undo(context, operation, way)
