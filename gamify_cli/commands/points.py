"""gamify points: award, deduct, look at balances and what runs out."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.backend import Answer, Write
from gamify_cli.commands import bodies, queries
from gamify_cli.commands.arguments import (
    All,
    Before,
    Limit,
    Metadata,
    OccurredAt,
    OneId,
    OneOrStdin,
    Reason,
    Since,
    SomeIds,
    Until,
)
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes
from gamify_cli.ids import Ids
from gamify_cli.several import show_each, write_each

app = noun(
    "points",
    """Award and deduct points, show balances and histories.

    Examples:
        gamify points award user_123 50 --reason "survey"
        gamify points balance user_123
        gamify points history user_123 --type deduct
    """,
)

Amount = Annotated[
    int, typer.Argument(metavar="AMOUNT", help="Points, 1 to 1,000,000.", show_default=False)
]


@verb(app, shows=shapes.AWARD, writes=True)
def award(
    ctx: typer.Context,
    participant_id: OneOrStdin,
    amount: Amount,
    reason: Reason = None,
    metadata: Metadata = None,
    expires_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When they run out, if they do.")
    ] = None,
    occurred_at: OccurredAt = None,
) -> None:
    """Add points; an unknown participant is created.

    Tiers and badges that the points reach follow at once.

    Examples:
        gamify points award user_123 50 --reason "survey"
        gamify points award user_123 50 --expires-at 2027-01-01
        gamify points award - 10 --reason "apology" --yes < ids.txt

    Exit codes: 0, 2, 4, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    body = bodies.given(
        amount=amount,
        reason=reason,
        metadata=bodies.json_object("--metadata", metadata),
        expires_at=context.instant(expires_at),
        occurred_at=context.instant(occurred_at),
    )

    def write(one: str, how: Write) -> Answer:
        return context.backend.points.award(one, body, how)

    write_each(context, Ids([participant_id]), f"award {amount:,} points to", write)


@verb(app, shows=shapes.DEDUCTION, writes=True)
def deduct(
    ctx: typer.Context,
    participant_id: OneOrStdin,
    amount: Amount,
    reason: Reason = None,
    metadata: Metadata = None,
    occurred_at: OccurredAt = None,
) -> None:
    """Spend points, those that run out soonest first.

    Fails (exit 6) if there are too few.

    Examples:
        gamify points deduct user_123 20 --reason "mug"
        gamify points deduct user_123 20 --dry-run

    Exit codes: 0, 2, 4, 5, 6, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    body = bodies.given(
        amount=amount,
        reason=reason,
        metadata=bodies.json_object("--metadata", metadata),
        occurred_at=context.instant(occurred_at),
    )

    def write(one: str, how: Write) -> Answer:
        return context.backend.points.deduct(one, body, how)

    write_each(context, Ids([participant_id]), f"deduct {amount:,} points from", write)


@verb(app, shows=shapes.BALANCE, any_time=True)
def balance(ctx: typer.Context, ids: SomeIds) -> None:
    """Show the balance of participants, and what they earned and spent in all.

    Examples:
        gamify points balance user_123
        gamify points balance user_123 --at 2030-01-01

    Exit codes: 0, 2, 3, 4, 7, 8, 9.
    """
    context: Context = ctx.obj
    read, when = context.backend.points.balances, context.when
    show_each(context, Ids(ids), lambda batch: read(batch, when))


@verb(app, shows=shapes.EXPIRING, any_time=True)
def expiring(
    ctx: typer.Context,
    ids: SomeIds,
    by: Annotated[
        str | None, typer.Option(metavar="TIME", help="In 30 days unless said otherwise.")
    ] = None,
) -> None:
    """Show what runs out by a time, and every lot of points with its end.

    Examples:
        gamify points expiring user_123
        gamify points expiring user_123 --by 2027-01-01

    Exit codes: 0, 2, 3, 4, 7, 8, 9.
    """
    context: Context = ctx.obj
    until, when = context.bound(by), context.when
    read = context.backend.points.expiring
    show_each(context, Ids(ids), lambda batch: read(batch, until, when))


@verb(app, shows=shapes.TRANSACTION)
def history(
    ctx: typer.Context,
    participant_id: OneId,
    type_: Annotated[
        str | None,
        typer.Option(
            "--type", metavar="TYPE", help="award, deduct, claim, expire or reversal alone."
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    all_: All = False,
    before: Before = None,
) -> None:
    """Show what moved a participant's points, newest first.

    Examples:
        gamify points history user_123
        gamify points history user_123 --type deduct --since 30d
        gamify points history user_123 --all -o csv

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    kinds = queries.transaction_kinds(type_)
    query = queries.history(context, since, until, limit, all_, before=before, kinds=kinds)
    page = context.backend.points.transactions(participant_id, query)
    queries.show_page(context, page, "--before")
