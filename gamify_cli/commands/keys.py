"""gamify keys: the API keys of a store, for those who call its server."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.backend import Answer, Write
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import keys as rules
from gamify_cli.domain import shapes_access as shapes
from gamify_cli.ids import Ids
from gamify_cli.several import write_each

app = noun(
    "keys",
    """Make and revoke the API keys of a store.

    Examples:
        gamify keys create --name "web shop"
        gamify keys list
        gamify keys revoke key_5d2c81f09a3e
    """,
)


@verb(app, shows=shapes.NEW_KEY, writes=True)
def create(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Who has it; the journal tells.")
    ] = None,
    scope: Annotated[
        str,
        typer.Option(metavar="SCOPE", help="participant, or admin for everything."),
    ] = rules.SCOPES[0],
    expires: Annotated[str | None, typer.Option(metavar="TIME", help="When it ends.")] = None,
    rate_limit: Annotated[
        str,
        typer.Option(metavar="N|none", help="Requests a minute, 1,000 by default."),
    ] = str(rules.DEFAULT_RATE_LIMIT),
    test: Annotated[bool, typer.Option("--test", help="Let it begin with bq_test_.")] = False,
) -> None:
    """Make a key and show it, this once: the store keeps nothing but its hash.

    A name may be given again, to replace a key without a break: make the new one, hand it out,
    revoke the old one.

    Examples:
        gamify keys create --name "web shop" --expires 2027-01-01
        gamify keys create --name ops --scope admin --rate-limit none

    Exit codes: 0, 2, 3, 5, 7, 8, 10.
    """
    context: Context = ctx.obj
    store = context.local
    body = {
        "name": None if name is None else rules.name(name),
        "scope": rules.scope(scope),
        "rate_limit": rules.rate_limit(rate_limit),
        "expires_at": context.instant(expires),
        "test": test,
    }
    answer = store.keys.create(body, context.write())
    shown = context.show_answer(answer.body["key_id"] or "the key", answer)
    if answer.outcome == "replayed":
        context.note("the key was shown when it was made; if it is lost, revoke it")
    elif not context.options.dry_run:
        context.note("the key is shown only now")
    context.output.one(shown)


@verb(app, "list", shows=shapes.KEY)
def list_(ctx: typer.Context) -> None:
    """Show the keys, newest first; of none the key itself.

    Examples:
        gamify keys list
        gamify keys list -o csv --fields key_id,name,status

    Exit codes: 0, 2, 3, 7, 8.
    """
    context: Context = ctx.obj
    context.output.many(context.local.keys.list())
    context.note(context.local.notice())


@verb(app, shows=shapes.KEY, writes=True)
def revoke(
    ctx: typer.Context,
    key_ids: Annotated[
        list[str],
        typer.Argument(metavar="KEY_ID", help="Keys; - reads them from stdin.", show_default=False),
    ],
) -> None:
    """End keys at once; a revoked key never comes back.

    Examples:
        gamify keys revoke key_5d2c81f09a3e
        gamify keys revoke key_5d2c81f09a3e --dry-run

    Exit codes: 0, 2, 3, 5, 7, 8, 9, 10.
    """
    context: Context = ctx.obj
    # Before anything is done, since the journal of commands takes the whole line.
    ids = Ids([rules.key_id(one) for one in key_ids])

    def write(one: str, how: Write) -> Answer:
        return context.local.keys.revoke(rules.key_id(one), how)

    write_each(context, ids, "revoke", write, noun="key")
