"""gamify participants: register, read and edit the people that earn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from gamify_cli.backend import Answer, Write
from gamify_cli.commands import bodies, queries
from gamify_cli.commands.arguments import (
    All,
    Attr,
    Attributes,
    AvatarUrl,
    Before,
    DisplayName,
    Input,
    Limit,
    OneId,
    Since,
    SomeIds,
    Until,
)
from gamify_cli.commands.base import later, noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes, vocabulary
from gamify_cli.errors import UsageError
from gamify_cli.ids import Ids
from gamify_cli.several import read_one, show_each, write_each, write_one

app = noun(
    "participants",
    """Register participants, read and edit their profiles.

    Examples:
        gamify participants create user_123 --display-name "Jane" --attr plan=premium
        gamify participants get user_123
        gamify participants state user_123 --include points,tier,badges
    """,
)


@verb(app, shows=shapes.CREATED, writes=True)
def create(
    ctx: typer.Context,
    participant_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="The participant, unless --input names it."),
    ] = None,
    display_name: DisplayName = None,
    avatar_url: AvatarUrl = None,
    attributes: Attributes = None,
    attr: Attr = None,
    input_: Input = None,
    if_not_exists: Annotated[
        bool, typer.Option("--if-not-exists", help="Fail (exit 5) if it exists.")
    ] = False,
) -> None:
    """Register a participant, or update the one that is there.

    Each value given replaces the stored one, attributes as a whole; each left out stays.
    stderr says whether the participant was created, updated or unchanged.

    A body for --input is a JSON object of participant_id and any of display_name, avatar_url
    and attributes; null clears.

    Examples:
        gamify participants create user_123 --display-name "Jane" --attr plan=premium
        gamify participants create user_123 --attr seats:=5 --if-not-exists
        gamify participants create --input request.json

    Exit codes: 0, 2, 4, 5, 7, 8.
    """
    context: Context = ctx.obj
    body = bodies.profile_body(display_name, avatar_url, attributes, attr or ())
    if input_ is not None:
        body = bodies.read(input_, "CreateParticipant", body)
        named = body.pop("participant_id")
        if participant_id not in (None, named):
            raise UsageError(f'the body is of participant "{named}", not "{participant_id}"')
        participant_id = named
    if participant_id is None:
        raise UsageError("ID is missing", hint="name the participant, or give --input")
    if participant_id == "-":
        raise UsageError("create takes one id, and - is many", hint="--input - reads a body")

    def write(one: str, how: Write) -> Answer:
        return context.backend.participants.create(one, body, how, if_not_exists=if_not_exists)

    write_one(context, participant_id, write)


@verb(app, shows=shapes.PROFILE, any_time=True)
def get(ctx: typer.Context, ids: SomeIds) -> None:
    """Show the profile of participants.

    Examples:
        gamify participants get user_123
        gamify participants get user_123 --at 2027-01-01
        gamify participants list -o ids --all | gamify participants get -

    Exit codes: 0, 2, 3, 4, 7, 8, 9.
    """
    context: Context = ctx.obj
    participants, when = context.backend.participants, context.when
    read = participants.cards if context.output.format == "table" else participants.profiles
    show_each(context, Ids(ids), lambda batch: read(batch, when))


@verb(app, shows=shapes.PROFILE, writes=True)
def update(
    ctx: typer.Context,
    ids: SomeIds,
    display_name: DisplayName = None,
    avatar_url: AvatarUrl = None,
    attributes: Attributes = None,
    attr: Attr = None,
    unset_attr: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Remove one attribute.")
    ] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Empty display-name, avatar-url or attributes."),
    ] = None,
    input_: Input = None,
    if_match: Annotated[
        int | None,
        typer.Option(metavar="VERSION", help="Fail (exit 5) unless it is at this version."),
    ] = None,
) -> None:
    """Edit participants; attributes are merged (RFC 7396).

    A body for --input is a JSON object of any of display_name, avatar_url and attributes;
    null clears. The version for --if-match is the number of the newest fact in
    `participants history`. Several participants are changed after a confirmation; --yes gives
    it.

    Examples:
        gamify participants update user_123 --display-name "Jane Smith"
        gamify participants update user_123 --attr plan=basic --unset-attr team_id
        gamify participants update - --attr cohort=2026 --yes < ids.txt

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    chosen = Ids(ids)
    body = bodies.profile_body(
        display_name, avatar_url, attributes, attr or (), unset_attr or (), clear or ()
    )
    if input_ is not None:
        if input_ == "-" and chosen.from_stdin:
            raise UsageError("stdin cannot hold both the ids and the body")
        body = bodies.read(input_, "UpdateParticipant", body)
    if not body:
        raise UsageError("nothing to update", hint="give --display-name, --attr, --input, …")

    def write(one: str, how: Write) -> Answer:
        return context.backend.participants.update(one, body, how, if_match=if_match)

    write_each(context, chosen, "update", write)


@verb(app, shows=shapes.STATE, any_time=True)
def state(
    ctx: typer.Context,
    ids: SomeIds,
    include: Annotated[
        str | None,
        typer.Option(
            metavar="A,B", help="Sections: points, tier, badges, streaks, challenges, rewards."
        ),
    ] = None,
) -> None:
    """Show the state of participants: all sections, or those included.

    Examples:
        gamify participants state user_123
        gamify participants state user_123 --include points,tier,badges
        gamify participants state - --include points -o csv < ids.txt

    Exit codes: 0, 2, 3, 4, 7, 8, 9.
    """
    context: Context = ctx.obj
    chosen = vocabulary.SECTIONS if include is None else vocabulary.sections(include)
    read, when = context.backend.participants.states, context.when
    show_each(context, Ids(ids), lambda batch: read(batch, chosen, when), present=chosen)


later(app, "list", "lists", "list_")


@verb(app)
def exists(ctx: typer.Context, participant_id: OneId) -> None:
    """Tell by the exit code whether a participant exists; stdout stays empty.

    Examples:
        gamify participants exists user_123 && echo known
        gamify participants exists user_123; test $? = 3 && echo unknown

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    read_one(context.backend.participants.profiles, participant_id)


@verb(app, shows=shapes.PROFILE, writes=True)
def deactivate(ctx: typer.Context, ids: SomeIds) -> None:
    """Bar participants from interacting; they can still be read and edited.

    Asks for a confirmation; --yes gives it, and without a terminal it is needed.

    Examples:
        gamify participants deactivate user_123 --yes
        gamify participants deactivate - --yes < ids.txt

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    write_each(context, Ids(ids), "deactivate", _set_active(context, False), confirm=True)


@verb(app, shows=shapes.PROFILE, writes=True)
def activate(ctx: typer.Context, ids: SomeIds) -> None:
    """Let deactivated participants interact again.

    Several are changed after a confirmation; --yes gives it.

    Examples:
        gamify participants activate user_123
        gamify participants activate - --yes < ids.txt

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    write_each(context, Ids(ids), "activate", _set_active(context, True))


later(app, "export", "exports", "export")
later(app, "erase", "erasing", "erase")


def _set_active(context: Context, active: bool) -> Callable[[str, Write], Answer]:
    return lambda one, how: context.backend.participants.set_active(one, active, how)


@verb(app, shows=shapes.FACT)
def history(
    ctx: typer.Context,
    participant_id: OneId,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="KIND", help="Facts of this kind alone.")
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    all_: All = False,
    before: Before = None,
) -> None:
    """Show what happened to a participant: the facts of its journal, newest first.

    Examples:
        gamify participants history user_123
        gamify participants history user_123 --type profile_changed --since 30d
        gamify participants history user_123 --all -o jsonl

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    kinds = () if type_ is None else (queries.fact_kind(type_),)
    query = queries.history(context, since, until, limit, all_, before=before, kinds=kinds)
    page = context.backend.participants.history(participant_id, query)
    queries.show_page(context, page, "--before")


later(app, "explain", "explain", "explain")

later(app, "diff", "differences", "diff")

later(app, "import", "imports.verbs", "participants")
