"""gamify program: write, check, compare and apply the file of what can be earned."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gamify_cli.backend import Answer
from gamify_cli.commands import bodies
from gamify_cli.commands.arguments import ProgramFile
from gamify_cli.commands.base import later, noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import program_diff, shapes
from gamify_cli.domain.program import KINDS
from gamify_cli.errors import Conflict, UsageError

EXAMPLE = Path(__file__).with_name("program.toml")

app = noun(
    "program",
    """Say what can be earned, and how.

    One file has the tiers, badges, streaks, challenges, rewards, leaderboards and rules.

    Examples:
        gamify program init team.toml
        gamify program simulate program.toml
        gamify program apply program.toml
    """,
)


@verb(app, writes=True)
def init(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to write it; - is stdout.")
    ] = "program.toml",
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write an example of a program to start from, every key with its values.

    Without FILE it is program.toml.

    Examples:
        gamify program init
        gamify program init team.toml --force
        gamify program init - > program.toml

    Exit codes: 0, 2, 5.
    """
    context: Context = ctx.obj
    if file == "-":
        sys.stdout.write(EXAMPLE.read_text("utf-8"))
        return
    if Path(file).exists() and not force:
        raise Conflict(f"{file} exists already", hint="add --force to overwrite it")
    if context.options.dry_run:
        context.note(f"dry run: {file} would be written; nothing was written")
    else:
        _write_example(file)
        context.note(f"wrote {file}")


@verb(app, shows=shapes.CHECKED)
def validate(ctx: typer.Context, file: ProgramFile) -> None:
    """Check a program file, and count what is in it.

    Every fault is told on stderr with its line.

    Examples:
        gamify program validate program.toml
        gamify program validate program.toml --json

    Exit codes: 0, 2.
    """
    context: Context = ctx.obj
    document = bodies.program(file)
    counts = {kind: len(document[kind]) for kind in KINDS}
    context.output.one({"file": bodies.name(file), "name": document["name"], **counts})


@verb(app, shows=shapes.CHANGE)
def diff(ctx: typer.Context, file: ProgramFile) -> None:
    """Show what a program file would change in the program in force.

    Examples:
        gamify program diff program.toml
        gamify program diff program.toml -o jsonl

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    answer = context.backend.programs.compare(bodies.program(file))
    changes = _changes(answer)
    context.output.many(change.body for change in changes)
    if not changes:
        context.note(f"no difference: {bodies.name(file)} is version {answer.body['version']}")


@verb(app, shows=shapes.APPLIED, writes=True)
def apply(ctx: typer.Context, file: ProgramFile) -> None:
    """Put a program file in force, whole or not at all; stderr tells the difference.

    What was earned stays, also of definitions that the file drops. Every version is kept.
    What it would have made of the past, `program simulate` tells.

    Examples:
        gamify program apply program.toml
        gamify program apply program.toml --dry-run

    Exit codes: 0, 2, 3, 4, 5, 7, 8.
    """
    context: Context = ctx.obj
    document = bodies.program(file, consequence="; nothing was applied")
    answer = context.backend.programs.apply(document, context.write())
    # Its documents are told as changes of definitions, not value by value.
    outcome = answer._replace(before=None, after=None)
    body = context.show_answer(f"version {answer.body['version']}", outcome)
    for change in _changes(answer):
        context.note(f"  {change.text}")
    context.output.one(body)


later(app, "simulate", "simulating", "simulate")


@verb(app, shows=shapes.PROGRAM)
def show(
    ctx: typer.Context,
    version: Annotated[
        int | None, typer.Option(metavar="N", help="This version, not the one in force.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every version, newest first.")] = False,
) -> None:
    """Show the program in force, with every default filled in.

    As JSON it is a program file itself, which `program apply` takes.

    Examples:
        gamify program show
        gamify program show --version 1 --json
        gamify program show --all --fields version,applied_at,operation

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    programs = context.backend.programs
    if not all_:
        context.output.one(programs.at(version))
    elif version is None:
        context.output.many(programs.versions())
    else:
        raise UsageError("--version and --all exclude each other")


def _write_example(file: str) -> None:
    try:
        Path(file).write_bytes(EXAMPLE.read_bytes())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"cannot write {file}: {reason}") from error


def _changes(answer: Answer) -> list[program_diff.Change]:
    """What the answer changes; of one that was given before, nothing is known any more."""
    return program_diff.changes(answer.before or {}, answer.after or {})
