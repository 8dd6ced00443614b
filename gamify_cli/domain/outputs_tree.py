"""Answers that are trees: the commands, and the facts behind a value (source: ours)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gamify_cli.domain.output_values import Free, Output, Place, Time


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


class _Value(Output):
    """What is explained: `code` is the code or id by which one of several is named."""

    participant_id: str
    of: Literal["overview", "points", "tier", "badge", "streak", "reward", "event"]
    code: str | None


class Node(Output):
    """A fact, or something said about facts; `cause` is the number of what led to it.

    Where nodes below have amounts, it has their sum. What is due, but not recorded yet, has no
    number and nobody who did it.
    """

    kind: str
    text: str
    amount: int | None
    number: Place | None
    cause: Place | None
    occurred_at: Time | None
    operation: str | None
    command: str | None
    actor: str | None
    undone_by: str | None
    data: Free
    nodes: list[Node]


class Explanation(Node, _Value):
    """The tree of facts behind a value of a participant."""
