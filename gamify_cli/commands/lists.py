"""Participants by filters, in an order: `participants list`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import typer

from gamify_cli.backend import ListQuery
from gamify_cli.commands import bodies, queries
from gamify_cli.commands.arguments import (
    Active,
    After,
    All,
    HasAttr,
    InTier,
    Limit,
    SeenBefore,
    Sort,
    Text,
    Where,
)
from gamify_cli.commands.base import described
from gamify_cli.context import Context
from gamify_cli.domain import listing, shapes


class Filters(NamedTuple):
    """Which participants, as the options of a list were written."""

    q: str | None
    attr: Sequence[str] | None
    tier: str | None
    where: Sequence[str] | None
    seen_before: str | None
    active: bool | None


def people(context: Context, filters: Filters, sort: str) -> ListQuery:
    """Those participants in the order of a key; raises UsageError."""
    key, descending = listing.sort_key(sort, "--sort")
    return ListQuery(
        text=queries.text("--q", filters.q),
        attributes=bodies.assignments("--attr", filters.attr or ()),
        tier=queries.text("--tier", filters.tier),
        where=listing.conditions(filters.where or (), "--where"),
        seen_before=context.instant(filters.seen_before),
        active=filters.active,
        sort=key,
        descending=descending,
    )


@described(shows=shapes.ROW)
def list_(
    ctx: typer.Context,
    q: Text = None,
    attr: HasAttr = None,
    tier: InTier = None,
    where: Where = None,
    seen_before: SeenBefore = None,
    active: Active = None,
    sort: Sort = "participant_id",
    limit: Limit = None,
    all_: All = False,
    after: After = None,
    count: Annotated[bool, typer.Option("--count", help="Print how many there are.")] = False,
) -> None:
    """List participants, 100 at a time.

    Tests of --where compare balance, total_earned, total_spent, total_events,
    rewards_claimed or version by = != < <= > >=. These, participant_id, display_name, tier,
    first_seen_at and last_seen_at can be sorted by. Several filters must all hold.

    Examples:
        gamify participants list --q jane
        gamify participants list --where 'balance>=1000' --sort -balance --limit 10
        gamify participants list --attr plan=premium --seen-before 90d --all -o ids

    Exit codes: 0, 2, 4, 7, 8.
    """
    context: Context = ctx.obj
    filters = Filters(q, attr, tier, where, seen_before, active)
    query = people(context, filters, sort)
    query = query._replace(after=after, limit=queries.limit(limit, all_))
    participants = context.backend.participants
    if count:
        context.output.number(participants.count(query, context.settling()))
    else:
        queries.show_page(context, participants.list(query, context.settling()))
