"""gamify help: topics, and the help page of any command."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.commands import pages, topics, tree
from gamify_cli.commands.base import noun, verb
from gamify_cli.errors import UsageError, nearest

app = noun("help", "Explain a topic or a command.")


@verb(app, "help")
def help_(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="TOPIC|COMMAND", help="A topic, or a command in all its words."),
    ] = None,
) -> None:
    """Explain a topic or a command.

    Without a word, list the topics and the commands. The help of a command is that of its
    --help; where a topic has the same name, the topic comes first.

    Examples:
        gamify help
        gamify help exit-codes
        gamify help points award

    Exit codes: 0, 2.
    """
    if not words:
        print(_overview())
    elif len(words) == 1 and words[0] in topics.TOPICS:
        print(topics.page(words[0]))
    else:
        print(_command_page(words))


def _overview() -> str:
    commands = tree.top()[0].commands.items()
    rows = [(name, topics.summary(name)) for name in topics.TOPICS]
    return "\n\n".join(
        [
            "Explain a topic or a command.",
            pages.section(
                "Examples",
                ["gamify help exit-codes", "gamify help points award", "gamify points award -h"],
            ),
            pages.section("Topics, gamify help TOPIC", pages.table(rows)),
            pages.section(
                "Commands, gamify help COMMAND",
                pages.table([(name, one.help) for name, one in commands]),
            ),
        ]
    )


def _command_page(words: list[str]) -> str:
    """The help of a command; raises UsageError for one that there is not."""
    command, context = tree.top()
    for word in words:
        known = getattr(command, "commands", {})
        if word not in known:
            path = context.command_path.removeprefix("gamify").strip()
            near = [*known] if path else [*topics.TOPICS, *known]
            raise UsageError(
                f'no such command "{path} {word}"' if path else f'no help on "{word}"',
                hint=nearest(word, near) or f"see: gamify help {path}".rstrip(),
            )
        command, context = tree.below(command, context, word)
    return pages.page(command, context)
