"""gamify badges: award them, show which are earned."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.backend import Answer, Write
from gamify_cli.commands import bodies
from gamify_cli.commands.arguments import Metadata, OneOrStdin, SomeIds
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes
from gamify_cli.ids import Ids
from gamify_cli.several import show_each, write_each

app = noun(
    "badges",
    """Award badges, show which are earned.

    Examples:
        gamify badges award user_123 first_steps
        gamify badges list user_123
    """,
)


@verb(app, shows=shapes.BADGE_AWARD, writes=True)
def award(
    ctx: typer.Context,
    participant_id: OneOrStdin,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The badge.", show_default=False)],
    metadata: Metadata = None,
) -> None:
    """Award a badge by hand; one that was earned before stays as it is.

    Examples:
        gamify badges award user_123 first_steps
        gamify badges award - first_steps --yes < ids.txt

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    body = bodies.given(metadata=bodies.json_object("--metadata", metadata))

    def write(one: str, how: Write) -> Answer:
        return context.backend.badges.award(one, code, body, how)

    write_each(context, Ids([participant_id]), f"award badge {code} to", write)


@verb(app, "list", shows=shapes.BADGES, any_time=True)
def list_(
    ctx: typer.Context,
    ids: SomeIds,
    earned: Annotated[bool, typer.Option("--earned", help="Earned ones alone.")] = False,
) -> None:
    """Show the badges of participants: all of the program, earned or not.

    Examples:
        gamify badges list user_123
        gamify badges list user_123 --earned
        gamify badges list user_123 --at 2027-01-01

    Exit codes: 0, 2, 3, 4, 7, 8, 9.
    """
    context: Context = ctx.obj
    read, when = context.backend.badges.list, context.when
    show_each(context, Ids(ids), lambda batch: read(batch, when, earned_only=earned))
