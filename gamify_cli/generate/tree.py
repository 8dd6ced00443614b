"""The command tree as plain values, for the man pages and the completions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from gamify_cli.app import Root, load
from gamify_cli.commands import help as pages
from gamify_cli.commands.base import GLOBAL_OPTIONS


@dataclass(frozen=True)
class Option:
    """An option by all its names; a flag has no metavar. `no` are the names that negate it."""

    names: tuple[str, ...]
    no: tuple[str, ...]
    metavar: str | None
    help: str
    repeats: bool

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every name, negations included."""
        return self.names + self.no


@dataclass(frozen=True)
class Argument:
    """A positional argument."""

    metavar: str
    help: str
    several: bool


@dataclass(frozen=True)
class Command:
    """A command with those below it; the path starts after the program's name."""

    path: tuple[str, ...]
    usage: str
    document: pages.Document
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    children: tuple[Command, ...]

    @property
    def name(self) -> str:
        """The last word of its path."""
        return self.path[-1]

    def walk(self) -> Iterator[Command]:
        """Itself and everything below it, in the order of help."""
        yield self
        for child in self.children:
            yield from child.walk()


def read() -> Command:
    """The whole tree, as help shows it."""
    return _command(Root(), typer.Context(Root(), info_name="gamify"))


def global_options() -> tuple[Option, ...]:
    """The options that every command takes."""
    context = typer.Context(Root(), help_option_names=["-h", "--help"])
    return tuple(_option(one) for one in [*GLOBAL_OPTIONS, Root().get_help_option(context)])


def _command(command: Any, context: typer.Context) -> Command:
    own = [parameter for parameter in command.params if parameter not in GLOBAL_OPTIONS]
    names = [] if not hasattr(command, "commands") else list(command.commands)
    children = []
    for name in names:
        child = load(name) if context.parent is None else command.commands[name]
        children.append(_command(child, typer.Context(child, parent=context, info_name=name)))
    return Command(
        path=tuple(context.command_path.split()[1:]),
        usage=pages.usage(command, context),
        document=pages.document(command),
        options=tuple(_option(one) for one in own if one.param_type_name == "option"),
        arguments=tuple(_argument(one) for one in own if one.param_type_name == "argument"),
        children=tuple(children),
    )


def _option(option: Any) -> Option:
    return Option(
        names=tuple(sorted(option.opts, key=len)),
        no=tuple(option.secondary_opts),
        metavar=None if option.is_flag else option.metavar or "TEXT",
        help=option.help or "",
        repeats=option.multiple,
    )


def _argument(argument: Any) -> Argument:
    return Argument(argument.metavar, argument.help or "", argument.nargs == -1)
