"""gamify events: record them, with all that they earn, and look back at them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from gamify_cli.backend import Answer, Body, Imported, Source, Write
from gamify_cli.commands import bodies, event_lines, queries
from gamify_cli.commands.arguments import All, Before, Limit, OneId, OneOrStdin, Since, Until
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes, vocabulary
from gamify_cli.errors import GamifyError
from gamify_cli.ids import Ids
from gamify_cli.several import Failed, show_results, write_each

app = noun(
    "events",
    """Record events, with all that they earn.

    Examples:
        gamify events record user_123 login
        gamify events import events.jsonl
        gamify events list user_123
    """,
)


_MADE_BY_A_GROUP = 100_000
"""So many objects a group makes that outlive their making, or more."""


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


@verb(app, "import", shows=shapes.EVENT_IMPORT, writes=True)
def import_(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="Events, one a line.", show_default=False)
    ],
) -> None:
    """Record events from JSON Lines, in groups; a bad one never stops the others.

    A line has participant_id and event_name and, where wanted, properties, timestamp and
    idempotency_key. Each has its result: what is answered is written. With a key, its own
    or --idempotency-key, a line that is imported again is answered as before.

    Examples:
        gamify events import events.jsonl
        gamify events import events.jsonl --idempotency-key import:7
        gamify events import - -o jsonl < events.jsonl

    Exit codes: 0, 2, 4, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    if context.options.dry_run:
        context.note("dry run: nothing is written")
    lines = event_lines.EventFile(file)
    with _collecting_seldom():
        show_results(context, _imported(context, lines), lambda _: lines.share)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Look for garbage a group at a time: within one, nearly all that is made is still in use."""
    before = gc.get_threshold()
    gc.set_threshold(_MADE_BY_A_GROUP)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _imported(
    context: Context, file: event_lines.EventFile
) -> Iterator[list[Body | GamifyError | Failed]]:
    """What came of each line, a group at a time."""
    importer = context.backend.events.importer(context.write(0), Source())
    key, now = context.idempotency_key, context.backend.now()
    for lines in file.groups(now, key):
        results = importer.record([line.entry for line in lines], lines[-1].number if lines else 0)
        shown = (_result(line, result) for line, result in zip(lines, results, strict=True))
        # Ids go on to other programs, which must not take a failure for one that was recorded.
        ids_alone = context.output.format == "ids"
        yield [one.error if ids_alone and isinstance(one, Failed) else one for one in shown]


def _result(line: event_lines.Line, result: Imported | GamifyError) -> Body | Failed:
    body = {"line": line.number, "participant_id": line.participant_id}
    if not isinstance(result, GamifyError):
        return {**body, "ok": True, "event_id": result.event_id}
    detail = f"line {line.number:,}: {result.message}"
    body |= {"ok": False, "detail": result.message}
    return Failed(type(result)(detail, hint=result.hint), body)


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
