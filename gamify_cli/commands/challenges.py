"""gamify challenges: enrol in them, show how they stand."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.backend import Answer, Write
from gamify_cli.commands.arguments import OneOrStdin, SomeIds
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes
from gamify_cli.ids import Ids
from gamify_cli.several import show_each, write_each

app = noun(
    "challenges",
    """Enrol in challenges, show how they stand.

    Examples:
        gamify challenges enroll user_123 onboarding
        gamify challenges list user_123
    """,
)


@verb(app, shows=shapes.CHALLENGES, writes=True)
def enroll(
    ctx: typer.Context,
    participant_id: OneOrStdin,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The challenge.", show_default=False)],
) -> None:
    """Enrol in a challenge, once; events count for it from now on.

    An unknown participant is created. Enrolling again changes nothing.

    Examples:
        gamify challenges enroll user_123 onboarding
        gamify challenges enroll - onboarding --yes < ids.txt

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj

    def write(one: str, how: Write) -> Answer:
        return context.backend.challenges.enroll(one, code, how)

    write_each(context, Ids([participant_id]), f"start challenge {code} for", write)


@verb(app, "list", shows=shapes.CHALLENGES, any_time=True)
def list_(ctx: typer.Context, ids: SomeIds) -> None:
    """Show the challenges that participants enrolled in.

    Examples:
        gamify challenges list user_123
        gamify challenges list - -o jsonl < ids.txt

    Exit codes: 0, 2, 3, 4, 7, 8, 9.
    """
    context: Context = ctx.obj
    read, when = context.backend.challenges.list, context.when
    show_each(context, Ids(ids), lambda batch: read(batch, when))
