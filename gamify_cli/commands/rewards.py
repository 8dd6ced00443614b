"""gamify rewards: what there is to claim, claims, and the codes they take."""

from __future__ import annotations

from functools import cache
from typing import Annotated

import typer

from gamify_cli.backend import Answer, Body, Write
from gamify_cli.commands import codes, queries
from gamify_cli.commands.arguments import All, Limit, OneId, OneOrStdin, Since, Until
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes_rewards as shapes
from gamify_cli.ids import Ids
from gamify_cli.several import write_each

app = noun(
    "rewards",
    """Claim rewards, load their codes, show what is left.

    Examples:
        gamify rewards list
        gamify rewards claim user_123 coupon10 --pay
        gamify rewards load-codes coupon10 codes.txt
    """,
)

Reward = Annotated[
    str, typer.Argument(metavar="REWARD", help="The id of the reward.", show_default=False)
]
Type = Annotated[
    str | None,
    typer.Option(
        "--type",
        metavar="TYPE",
        help="coupon, voucher, physical, digital or points_multiplier alone.",
    ),
]


@verb(app, "list", shows=shapes.REWARDS)
def list_(ctx: typer.Context, type_: Type = None) -> None:
    """Show the rewards of the program, and how many of each are left.

    Examples:
        gamify rewards list
        gamify rewards list --type coupon

    Exit codes: 0, 2, 4, 7, 8.
    """
    context: Context = ctx.obj
    context.output.one(context.backend.rewards.list(queries.reward_type(type_)))


@verb(app, shows=shapes.CLAIM, writes=True)
def claim(
    ctx: typer.Context,
    participant_id: OneOrStdin,
    reward: Reward,
    pay: Annotated[bool, typer.Option("--pay", help="Deduct what it costs.")] = False,
) -> None:
    """Claim a reward; its code and its points go together or not at all.

    Without --pay the points stay. Fails (exit 5) if it is sold out, past its end or claimed as
    often as one may, and (exit 6) if there are too few points.

    Examples:
        gamify rewards claim user_123 coupon10 --pay
        gamify rewards claim user_456 coupon10 --dry-run

    Exit codes: 0, 2, 3, 4, 5, 6, 7, 8, 9, 10.
    """
    context: Context = ctx.obj

    def write(one: str, how: Write) -> Answer:
        return context.backend.rewards.claim(one, reward, pay, how)

    @cache
    def cost() -> int:
        offers = context.backend.rewards.list(None)["rewards"]
        return next((offer["points_cost"] for offer in offers if offer["id"] == reward), 0)

    def tell(one: str) -> None:
        """Say that a reward which costs points was given for nothing."""
        if not pay and cost():
            kept = f"{one} keeps the {cost():,} points of {reward}"
            context.note(f"not paid: {kept}; --pay deducts them")

    what = f"claim reward {reward} for"
    write_each(context, Ids([participant_id]), what, write, in_turn=True, tell=tell)


@verb(app, "load-codes", shows=shapes.LOADED, writes=True)
def load_codes(
    ctx: typer.Context,
    reward: Reward,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A code a line; - is stdin.", show_default=False)
    ],
) -> None:
    """Load the codes that claims of a reward hand out: all of a file, or nothing.

    A code that is there already is told and not loaded twice.

    Examples:
        gamify rewards load-codes coupon10 codes.txt
        gamify rewards load-codes coupon10 - --dry-run < codes.txt

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 10.
    """
    context: Context = ctx.obj
    with codes.opened(file) as given, context.watching("loading") as bar:
        answer = context.backend.rewards.load_codes(
            reward, given.groups(bar.at), given.fingerprint, context.write()
        )
    loaded = answer.body["loaded"]
    what = _count(loaded, f"code of {reward}", f"codes of {reward}") if loaded else reward
    body = context.show_answer(what, answer)
    _tell_repeats(context, body)
    context.output.one(body)


@verb(app, shows=shapes.CLAIMS)
def history(
    ctx: typer.Context,
    participant_id: OneId,
    type_: Type = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    all_: All = False,
) -> None:
    """Show what a participant claimed, newest first, with the codes.

    Examples:
        gamify rewards history user_123
        gamify rewards history user_123 --since 30d --all

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    query = queries.history(context, since, until, limit, all_)
    type_ = queries.reward_type(type_)
    body = context.backend.rewards.history(participant_id, query, type_)
    context.output.one(body)
    if body["total"] > len(body["rewards"]):
        context.note(f"{body['total'] - len(body['rewards']):,} more: add --all")


def _tell_repeats(context: Context, body: Body) -> None:
    """Say which lines held codes that were there already."""
    repeats, places = body["duplicates"], body["duplicate_lines"]
    if repeats:
        many = _count(repeats, "code was there already: line", "codes were there already: lines")
        more = ", …" if repeats > len(places) else ""
        context.note(f"{many} {', '.join(map(str, places))}{more}")


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
