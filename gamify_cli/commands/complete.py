"""gamify __complete: what the shell completions ask for at a TAB; no command for people."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from gamify_cli.commands.base import Verb, noun
from gamify_cli.config import reading
from gamify_cli.context import Context
from gamify_cli.errors import GamifyError

MOST = 100
_SECONDS = 1.0

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
    what: Annotated[str, typer.Argument(metavar="KIND", help="What to complete.")],
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="How it begins.")] = "",
) -> None:
    """Print what there is of a kind and begins with a prefix, one a line, 100 at most.

    Kinds are ids, keys, profiles, and the lists of a program. A server is not asked, and a
    database has a second to answer: nobody waits for a network at a TAB.

    Exit codes: 0, 2.
    """
    for word in _known(ctx.obj, what, prefix):
        # Unasked, a word like an option would be read as one; a line has one word alone.
        if (prefix or not word.startswith("-")) and "\n" not in word:
            print(word)


def _known(context: Context, what: str, prefix: str) -> Iterable[str]:
    if what == "profiles":
        return _begun(reading.read(os.environ).names, prefix)
    if context.target.url:
        return ()
    if context.target.database:
        return _in_time(lambda: _asked(context, what, prefix))
    return _asked(context, what, prefix)


def _asked(context: Context, what: str, prefix: str) -> list[str]:
    # A locked store must not hold up the command line being typed.
    with closing(context.open_store(0.0)) as store:
        if what == "ids":
            return [*store.participants.complete(prefix, MOST)]
        if what == "keys":
            keys = store.keys.list()
            return _begun((key["key_id"] for key in keys if key["status"] == "active"), prefix)
        return _begun(store.programs.codes(what), prefix)


def _in_time(ask: Callable[[], list[str]]) -> list[str]:
    """What is answered within a second; a thread that still waits then ends with the process."""
    answers: SimpleQueue[list[str]] = SimpleQueue()

    def wait() -> None:
        with suppress(GamifyError):
            answers.put(ask())

    Thread(target=wait, daemon=True).start()
    with suppress(Empty):
        return answers.get(timeout=_SECONDS)
    return []


def _begun(words: Iterable[str], prefix: str) -> list[str]:
    return [word for word in words if word.startswith(prefix)][:MOST]
