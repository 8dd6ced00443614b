"""gamify participants erase: what is personal goes, sums and audit stay."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.backend import Answer, Write
from gamify_cli.commands.arguments import OneId
from gamify_cli.commands.base import described
from gamify_cli.context import Context
from gamify_cli.domain import shapes
from gamify_cli.several import write_one


@described(shows=shapes.ERASED, writes=True)
def erase(
    ctx: typer.Context,
    participant_id: OneId,
    new_id: Annotated[
        bool, typer.Option("--new-id", help="Take the id away, too, for a random one.")
    ] = False,
) -> None:
    """Take what is personal about a participant away, for good.

    Name, avatar, attributes, reasons, metadata and properties of events are emptied in the
    profile and in every fact, which is marked redacted; command lines and kept answers go. Sums
    and the order of events stay, so that the numbers of all others still add up. The participant
    can be read and takes no more changes. With --new-id the old id reads as unknown.

    stdout is a receipt, which names the backups that still hold the data. It asks for the id to
    be typed; --yes gives it.

    Examples:
        gamify participants erase user_123 --dry-run
        gamify participants erase user_123
        gamify participants erase user_456 --new-id --yes

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 10.
    """
    context: Context = ctx.obj
    context.confirm_typed(participant_id, f'erase participant "{participant_id}"')

    def write(one: str, how: Write) -> Answer:
        return context.backend.participants.erase(one, new_id, how)

    write_one(context, participant_id, write)
