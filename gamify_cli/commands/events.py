"""gamify events: record them, with all that they earn, and look back at them."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.backend import Answer, Write
from gamify_cli.commands import bodies, queries
from gamify_cli.commands.arguments import All, Before, Limit, OneId, OneOrStdin, Since, Until
from gamify_cli.commands.base import later, noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes, vocabulary
from gamify_cli.ids import Ids
from gamify_cli.several import write_each

app = noun(
    "events",
    """Record events, with all that they earn.

    Examples:
        gamify events record user_123 login
        gamify events import events.jsonl
        gamify events list user_123
    """,
)


@verb(app, shows=shapes.EVENT_ANSWER, writes=True)
def record(
    ctx: typer.Context,
    participant_id: OneOrStdin,
    event_name: Annotated[
        str, typer.Argument(metavar="NAME", help="The event.", show_default=False)
    ],
    property_: Annotated[
        list[str] | None,
        typer.Option(
            "--property", metavar="NAME=TEXT", help="One property; NAME:=JSON for other than text."
        ),
    ] = None,
    properties: Annotated[
        str | None, typer.Option(metavar="JSON|@FILE", help="Properties as one JSON object.")
    ] = None,
    timestamp: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it happened, if not now.")
    ] = None,
) -> None:
    """Record an event; an unknown participant is created.

    The answer tells what the rules of the program gave for it, and what they refused.

    Examples:
        gamify events record user_123 login
        gamify events record user_123 purchase_completed --property amount_usd:=49.90
        gamify events record - login --timestamp 1d --yes < ids.txt

    Exit codes: 0, 2, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    body = bodies.given(
        event_name=event_name,
        properties=bodies.properties(properties, property_ or ()),
        timestamp=context.instant(timestamp),
    )

    def write(one: str, how: Write) -> Answer:
        return context.backend.events.record(one, body, how)

    write_each(context, Ids([participant_id]), f"record event {event_name} of", write)


later(app, "import", "imports.verbs", "events")


@verb(app, "list", shows=shapes.EVENT)
def list_(
    ctx: typer.Context,
    participant_id: OneId,
    event_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Events of this name alone.")
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    all_: All = False,
    before: Before = None,
) -> None:
    """Show a participant's events, the newest recorded first.

    Examples:
        gamify events list user_123
        gamify events list user_123 --event-name login --since 30d
        gamify events list user_123 --all -o csv

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    if event_name is not None:
        vocabulary.event_name(event_name)
    query = queries.history(context, since, until, limit, all_, before=before)
    page = context.backend.events.list(participant_id, query, event_name)
    queries.show_page(context, page, "--before")
