"""All that a store or a server has of participants, streamed: `participants export`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import Annotated, Any, TypeVar, cast

import typer

from gamify_cli.backend import Body, Exported
from gamify_cli.commands.arguments import Active, HasAttr, InTier, SeenBefore, Sort, Text, Where
from gamify_cli.commands.base import described
from gamify_cli.commands.lists import Filters, people
from gamify_cli.context import Context
from gamify_cli.domain import listing, shapes
from gamify_cli.domain.shapes import Shape
from gamify_cli.errors import UsageError

SHAPES: Mapping[str, Shape] = {
    "profile": shapes.PROFILE,
    "state": shapes.STATE,
    "row": shapes.ROW,
    "bundle": shapes.BUNDLE,
}
_SHAPES = tuple(SHAPES)[:-1]
_GROUP = 100

_Item = TypeVar("_Item")


@described(shows=SHAPES)
def export(
    ctx: typer.Context,
    participant_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The participant of a --bundle.")
    ] = None,
    q: Text = None,
    attr: HasAttr = None,
    tier: InTier = None,
    where: Where = None,
    seen_before: SeenBefore = None,
    active: Active = None,
    sort: Sort = "participant_id",
    shape: Annotated[
        str, typer.Option(metavar="SHAPE", help="Of each its profile, state or row of a list.")
    ] = "profile",
    journal: Annotated[
        bool, typer.Option("--journal", help="A whole store, for import --journal.")
    ] = False,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Everything known about one participant.")
    ] = False,
) -> None:
    """Print all participants as one stream, as JSON Lines unless -o says otherwise.

    Filters and order are those of `participants list`. All is of one moment, whatever is
    written meanwhile; a server gives page after page.

    --journal prints all that a local store is made of but its API keys: operations, versions
    of the program, codes, idempotency keys and every fact. From what it printed,
    `participants import --journal` makes an empty store the same, also in the other kind of
    database.

    --bundle prints everything that is known about the participant ID as one document: profile,
    state, every fact, the answers kept under keys, the backups that hold it, too.

    Examples:
        gamify participants export user_123 --bundle > user_123.json
        gamify participants export --tier gold -o csv --fields participant_id,tier
        gamify participants export --shape row --sort -balance --seen-before 90d

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    filters = Filters(q, attr, tier, where, seen_before, active)
    is_chosen = any(one or one is False for one in filters)
    is_chosen |= (sort, shape) != ("participant_id", "profile")
    if bundle or participant_id is not None:
        _bundle(context, participant_id, is_alone=bundle and not (is_chosen or journal))
        return
    if journal:
        if is_chosen:
            raise UsageError(
                "--journal takes no filter, order or shape", hint="it has all there is"
            )
        from gamify_cli.commands import journals

        journals.export(context)
        return
    _choose_format(context)
    chosen = cast(Exported, listing.known("--shape", shape, _SHAPES))
    query = people(context, filters, sort)
    bodies = context.backend.participants.export(query, chosen, context.settling())
    with closing(cast(Any, bodies)):
        context.output.stream(watched(context, bodies))


def _bundle(context: Context, participant_id: str | None, *, is_alone: bool) -> None:
    if participant_id is None or not is_alone:
        raise UsageError(
            "an ID and --bundle go together, without filter, order or shape",
            hint="gamify participants export ID --bundle",
        )
    context.output.one(context.backend.participants.bundle(participant_id))


def _choose_format(context: Context) -> None:
    """A stream is JSON Lines by default, on a terminal, too; raises UsageError for a table."""
    if context.options.output == "table":
        raise UsageError(
            "an export is no table", hint="choose json, jsonl, csv, tsv or ids by --output"
        )
    if context.options.output == "auto":
        context.output.format = "jsonl"


def watched(context: Context, bodies: Iterator[Body]) -> Iterator[list[Body]]:
    """Bodies in groups, while a bar tells how it goes on; nothing where there is none."""
    done = 0
    with context.watching("exporting") as bar:
        for group in _groups(bodies):
            yield group
            done += len(group)
            bar.at(done)
    if not done:
        context.note(context.backend.notice())


def _groups(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while group := list(islice(iterator, _GROUP)):
        yield group
