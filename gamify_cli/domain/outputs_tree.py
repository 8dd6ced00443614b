"""The command tree as an answer (source: ours)."""

from __future__ import annotations

from pydantic import Field

from gamify_cli.domain.output_values import Output


class _Parameter(Output):
    help: str
    default: str | int | bool | None
    required: bool
    repeatable: bool


class Argument(_Parameter):
    """A positional argument; a repeatable one takes several."""

    name: str


class Option(_Parameter):
    """An option by all its names, negations included; a flag has no metavar.

    A global one goes with every command, before and after it.
    """

    names: list[str]
    metavar: str | None
    global_: bool = Field(alias="global")


class Command(Output):
    """A command, with those below it."""

    name: str
    summary: str
    options: list[Option]
    arguments: list[Argument]
    examples: list[str]
    exit_codes: list[int]
    commands: list[Command]


class Commands(Command):
    """The root of all commands, with the global options."""
