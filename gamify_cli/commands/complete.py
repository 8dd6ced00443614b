"""gamify __complete: what the shell completions ask for at a TAB; no command for people."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from gamify_cli.commands.base import Verb, noun
from gamify_cli.context import Context
from gamify_cli.errors import GamifyError

MOST = 100

app = noun("__complete", "Answer a shell's completion.")


class Silent(Verb):
    """A command that has nothing to say where it fails."""

    def make_parser(self, ctx: Any) -> Any:
        """The last of two stores counts: the line may have one before and one after the verb."""
        return TyperCommand.make_parser(self, ctx)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (GamifyError, UnicodeEncodeError):
            return None


@app.command("__complete", cls=Silent)
def complete(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="ids", help="What to complete.")],
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="How it begins.")] = "",
) -> None:
    """Print the ids of participants that begin with a prefix, one a line, 100 at most.

    Exit codes: 0, 2.
    """
    context: Context = ctx.obj
    # A locked store must not hold up the command line being typed.
    context.options = context.options._replace(timeout=0.0)
    if what != "ids":
        return
    for participant_id in context.backend.participants.complete(prefix, MOST):
        # Unasked, an id like an option would be read as one.
        if prefix or not participant_id.startswith("-"):
            print(participant_id)
