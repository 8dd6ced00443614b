"""gamify participants explain: why a value is what it is."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.backend import Body
from gamify_cli.commands import queries
from gamify_cli.commands.arguments import All, OneId
from gamify_cli.commands.base import described
from gamify_cli.context import Context
from gamify_cli.domain import shapes_tree
from gamify_cli.domain.explain.asked import FEW, asked

What = Annotated[
    str | None,
    typer.Argument(
        metavar="WHAT", help="points, tier, badge, streak, reward or event; else all at a glance."
    ),
]
Which = Annotated[
    str | None,
    typer.Argument(metavar="NAME", help="The code of a badge or streak, id of a claim or event."),
]
Limit = Annotated[
    int | None,
    typer.Option(metavar="N", help=f"At most so many facts of a kind, {FEW} by default."),
]


@described(shows=shapes_tree.EXPLANATION)
def explain(
    ctx: typer.Context,
    participant_id: OneId,
    value: What = None,
    name: Which = None,
    limit: Limit = None,
    all_: All = False,
) -> None:
    """Show why a value is what it is: the tree of facts behind it.

    Of points, each lot with what filled it and what was taken from it; of a tier, what counts
    and what is missing to the next; of a badge, what gave it, or what is missing; of a streak,
    its runs and gaps; of a claim, its payment; of an event, what it earned, or why nothing.

    Examples:
        gamify participants explain user_123 points
        gamify participants explain user_123 badge power_user
        gamify participants explain user_123 streak daily_login --all

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    few = FEW if limit is None and not all_ else limit
    wanted = asked(value, name, queries.limit(few, all_))
    body = context.backend.participants.explain(participant_id, wanted)
    context.output.one(body)
    if _left_out(body):
        context.note("more follows: add --limit N, or --all")


def _left_out(node: Body) -> bool:
    return node.get("kind") == "more" or any(map(_left_out, node.get("nodes") or ()))
