"""The command tree as plain values, for programs, the man pages and the completions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from gamify_cli.commands import pages
from gamify_cli.commands.base import GLOBAL_OPTIONS, shape_of
from gamify_cli.commands.root import Root, load


@dataclass(frozen=True)
class Option:
    """An option by all its names; a flag has no metavar. `no` are the names that negate it."""

    names: tuple[str, ...]
    no: tuple[str, ...]
    metavar: str | None
    help: str
    default: Any
    required: bool
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
    default: Any
    required: bool
    several: bool


@dataclass(frozen=True)
class Command:
    """A command with those below it; the path starts after the program's name.

    `fields` are those that --fields may choose of what it shows.
    """

    path: tuple[str, ...]
    usage: str
    document: pages.Document
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    fields: tuple[str, ...]
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
    return _command(*top())


def top() -> tuple[Any, typer.Context]:
    """The root as Typer has it, with a context for its help."""
    root = Root()
    return root, typer.Context(root, info_name="gamify")


def below(command: Any, context: typer.Context, name: str) -> tuple[Any, typer.Context]:
    """The command of that name below another; raises KeyError."""
    child = command.commands[name]
    if context.parent is None:
        child = load(name)
    return child, typer.Context(child, parent=context, info_name=name)


def global_options() -> tuple[Option, ...]:
    """The options that every command takes."""
    context = typer.Context(Root(), help_option_names=["-h", "--help"])
    return tuple(_option(one) for one in [*GLOBAL_OPTIONS, Root().get_help_option(context)])


def _command(command: Any, context: typer.Context) -> Command:
    own = [parameter for parameter in command.params if parameter not in GLOBAL_OPTIONS]
    names = getattr(command, "commands", ())
    shape = shape_of(command)
    return Command(
        path=tuple(context.command_path.split()[1:]),
        usage=pages.usage(command, context),
        document=pages.document(command),
        options=tuple(_option(one) for one in own if one.param_type_name == "option"),
        arguments=tuple(_argument(one) for one in own if one.param_type_name == "argument"),
        fields=tuple(shape.paths) if shape else (),
        children=tuple(_command(*below(command, context, name)) for name in names),
    )


def _option(option: Any) -> Option:
    return Option(
        names=tuple(sorted(option.opts, key=len)),
        no=tuple(option.secondary_opts),
        metavar=None if option.is_flag else option.metavar or "TEXT",
        help=option.help or "",
        default=option.default,
        required=option.required,
        repeats=option.multiple,
    )


def _argument(argument: Any) -> Argument:
    return Argument(
        metavar=argument.metavar,
        help=argument.help or "",
        default=argument.default,
        required=argument.required,
        several=argument.nargs == -1,
    )
