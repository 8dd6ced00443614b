"""gamify tiers: show them, assign them by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.backend import Answer, Write
from gamify_cli.commands import bodies
from gamify_cli.commands.arguments import OneOrStdin, Reason, SomeIds
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes
from gamify_cli.ids import Ids
from gamify_cli.several import show_each, write_each

app = noun(
    "tiers",
    """Show tiers, assign them by hand.

    Examples:
        gamify tiers show user_123
        gamify tiers assign user_123 gold --reason "partner"
    """,
)


@verb(app, shows=shapes.TIER, any_time=True)
def show(ctx: typer.Context, ids: SomeIds) -> None:
    """Show the tier of participants, the next one, and how they came there.

    Examples:
        gamify tiers show user_123
        gamify tiers show user_123 --at 2027-01-01
        gamify tiers show - -o csv < ids.txt

    Exit codes: 0, 2, 3, 4, 7, 8, 9.
    """
    context: Context = ctx.obj
    read, when = context.backend.tiers.show, context.when
    show_each(context, Ids(ids), lambda batch: read(batch, when))


@verb(app, shows=shapes.TIER, writes=True)
def assign(
    ctx: typer.Context,
    participant_id: OneOrStdin,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The tier.", show_default=False)],
    reason: Reason = None,
) -> None:
    """Put a participant in a tier by hand; it holds until points earn a higher one.

    Examples:
        gamify tiers assign user_123 gold --reason "partner"
        gamify tiers assign user_123 gold --dry-run

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    body = bodies.given(reason=reason)

    def write(one: str, how: Write) -> Answer:
        return context.backend.tiers.assign(one, code, body, how)

    write_each(context, Ids([participant_id]), f"assign tier {code} to", write)
