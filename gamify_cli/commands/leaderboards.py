"""gamify leaderboards: who is ahead, and where one participant stands."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.commands import queries
from gamify_cli.commands.arguments import OneOrStdin
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes_rewards as shapes
from gamify_cli.ids import Ids
from gamify_cli.several import each_of, show_each

app = noun(
    "leaderboards",
    """Show who is ahead, and where one participant stands.

    Examples:
        gamify leaderboards show top
        gamify leaderboards rank user_123 top
    """,
)

Code = Annotated[str, typer.Argument(metavar="CODE", help="The leaderboard.", show_default=False)]
Period = Annotated[
    str | None,
    typer.Option(
        metavar="PERIOD",
        help="all_time, yearly, monthly, weekly or daily, not its own.",
    ),
]


@verb(app, shows=shapes.LEADERBOARD, any_time=True)
def show(
    ctx: typer.Context,
    code: Code,
    period: Period = None,
    ranking: Annotated[
        str, typer.Option(metavar="RANKING", help="competition (1, 1, 3) or dense (1, 1, 2).")
    ] = "competition",
    limit: Annotated[int, typer.Option(metavar="N", help="At most so many, 1 to 100.")] = 20,
) -> None:
    """Show the best of a leaderboard; those who are level share a rank.

    In all time every active participant is ranked, in a window whoever scored in it. `change`
    compares with the window before. As of a past time, everyone is ranked anew out of the journal.

    Examples:
        gamify leaderboards show top
        gamify leaderboards show top --period monthly --limit 10
        gamify leaderboards show top --ranking dense --at 7d

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    dense = queries.ranking(ranking) == "dense"
    body = context.backend.leaderboards.show(
        code, queries.period(period), context.when, dense=dense, limit=queries.top(limit)
    )
    context.output.one(body)


@verb(app, shows=shapes.RANK, any_time=True)
def rank(ctx: typer.Context, participant_id: OneOrStdin, code: Code, period: Period = None) -> None:
    """Show the rank of a participant, and how many of a hundred stand below.

    Fails (exit 3) for one who is not ranked.

    Examples:
        gamify leaderboards rank user_123 top
        gamify leaderboards rank user_123 top --period all_time
        gamify leaderboards rank - top -o csv < ids.txt

    Exit codes: 0, 2, 3, 4, 7, 8, 9.
    """
    context: Context = ctx.obj
    period = queries.period(period)
    boards, when = context.backend.leaderboards, context.when
    read = each_of(lambda one: boards.rank(one, code, period, when))
    show_each(context, Ids([participant_id]), read)
