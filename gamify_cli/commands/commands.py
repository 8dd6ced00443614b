"""gamify commands: the whole command tree, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from gamify_cli.commands import pages, tree
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes_tree as shapes

app = noun("commands", "List every command there is.")


@verb(app, shows=shapes.COMMANDS)
def commands(ctx: typer.Context) -> None:
    """List every command there is.

    As JSON it is one tree: each command has its options, arguments, examples and exit codes,
    and the commands below it alike. Options marked global go with every command.

    Examples:
        gamify commands
        gamify commands -o json
        gamify commands -o csv --fields name,summary

    Exit codes: 0, 2.
    """
    context: Context = ctx.obj
    root = tree.read()
    if context.output.format in ("json", "jsonl"):
        context.output.one(_body(root))
    elif context.output.format == "table" and not context.options.fields:
        rows = [(f"{'  ' * len(one.path)}{_name(one)}", _summary(one)) for one in root.walk()]
        print("\n".join(pages.table(rows)))
    else:
        context.output.many(_rows(root))


def _body(command: tree.Command) -> dict[str, Any]:
    everywhere = () if command.path else tree.global_options()
    return {
        "name": _name(command),
        "summary": _summary(command),
        "options": [
            *(_option(one, everywhere=False) for one in command.options),
            *(_option(one, everywhere=True) for one in everywhere),
        ],
        "arguments": [_argument(one) for one in command.arguments],
        "examples": command.document.examples,
        "exit_codes": command.document.exits,
        "commands": [_body(child) for child in command.children],
    }


def _rows(root: tree.Command) -> Iterator[dict[str, Any]]:
    """A row a command, named by its whole path, with the names alone of those below it."""
    for command in root.walk():
        below = [child.name for child in command.children]
        path = " ".join(["gamify", *command.path])
        yield {**_body(command), "name": path, "commands": below}


def _option(option: tree.Option, *, everywhere: bool) -> dict[str, Any]:
    return {
        "names": option.spellings,
        "metavar": option.metavar,
        "help": option.help,
        "default": option.default,
        "required": option.required,
        "repeatable": option.repeats,
        "global": everywhere,
    }


def _argument(argument: tree.Argument) -> dict[str, Any]:
    return {
        "name": argument.metavar,
        "help": argument.help,
        "default": argument.default,
        "required": argument.required,
        "repeatable": argument.several,
    }


def _name(command: tree.Command) -> str:
    return command.path[-1] if command.path else "gamify"


def _summary(command: tree.Command) -> str:
    return command.document.summary
