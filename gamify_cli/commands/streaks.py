"""gamify streaks: tick them, show them, bring back one that lapsed."""

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
    "streaks",
    """Tick streaks, show them, bring back one that lapsed.

    Examples:
        gamify streaks record user_123 daily_login
        gamify streaks list user_123
    """,
)

Code = Annotated[str, typer.Argument(metavar="CODE", help="The streak.", show_default=False)]


@verb(app, shows=shapes.TICK, writes=True)
def record(
    ctx: typer.Context,
    participant_id: OneOrStdin,
    code: Code,
    timestamp: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it happened, if not now.")
    ] = None,
) -> None:
    """Tick a streak in the period of now, or of a time given; once a period.

    Examples:
        gamify streaks record user_123 daily_login
        gamify streaks record user_123 daily_login --timestamp 1d

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    at = context.instant(timestamp)

    def write(one: str, how: Write) -> Answer:
        return context.backend.streaks.record(one, code, at, how)

    write_each(context, Ids([participant_id]), f"tick streak {code} of", write)


@verb(app, "list", shows=shapes.STREAKS, any_time=True)
def list_(ctx: typer.Context, ids: SomeIds) -> None:
    """Show the streaks of participants, and whether one is about to lapse.

    Examples:
        gamify streaks list user_123
        gamify streaks list - -o jsonl < ids.txt

    Exit codes: 0, 2, 3, 4, 7, 8, 9.
    """
    context: Context = ctx.obj
    read, when = context.backend.streaks.list, context.when
    show_each(context, Ids(ids), lambda batch: read(batch, when))


@verb(app, shows=shapes.STREAKS, writes=True)
def restore(
    ctx: typer.Context,
    participant_id: OneOrStdin,
    code: Code,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Kept in the journal; needed.")],
) -> None:
    """Bring back a streak that lapsed, with all its freezes; the count goes on.

    Examples:
        gamify streaks restore user_123 daily_login --reason "outage"
        gamify streaks restore user_123 daily_login --reason "outage" --dry-run

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj

    def write(one: str, how: Write) -> Answer:
        return context.backend.streaks.restore(one, code, reason, how)

    write_each(context, Ids([participant_id]), f"restore streak {code} of", write)
