"""gamify participants diff: what became of one participant between two times."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.commands.arguments import OneId
from gamify_cli.commands.base import described
from gamify_cli.context import Context
from gamify_cli.domain import instants, shapes


@described(shows=shapes.DIFFERENCE)
def diff(
    ctx: typer.Context,
    participant_id: OneId,
    from_: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="The earlier time.", show_default=False),
    ],
    to: Annotated[
        str | None, typer.Option(metavar="TIME", help="The later time, now by default.")
    ] = None,
) -> None:
    """Show what became of a participant between two times, and the facts that made it.

    Each time is read as --at would read it, a time to come as a forecast. Fields are paths;
    those that did not change are left out.

    Examples:
        gamify participants diff user_123 --from 30d
        gamify participants diff user_123 --from 2026-01-01 --to 2027-01-01

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    since = instants.parse_bound(from_, context.backend.now())
    context.output.one(context.backend.participants.diff(participant_id, since, context.bound(to)))
