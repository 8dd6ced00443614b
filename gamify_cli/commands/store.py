"""gamify store: look after the local store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gamify_cli.backend import Body, Write
from gamify_cli.commands.base import noun, verb
from gamify_cli.config.reading import file_path
from gamify_cli.context import Context
from gamify_cli.domain import shapes_store
from gamify_cli.errors import Drifted, UsageError
from gamify_cli.opening import automatic_backup, name_of, restore_store

if TYPE_CHECKING:
    from gamify_cli.store.backing_up import Found
    from gamify_cli.store.verifying.drifts import Drift

app = noun(
    "store",
    """Look after the local store.

    Examples:
        gamify store info
        gamify store verify
        gamify store upgrade
    """,
)


@verb(app, shows=shapes_store.STORE)
def info(ctx: typer.Context) -> None:
    """Show where the store is and what it holds.

    Examples:
        gamify store info
        gamify store info --store ./team.db --json

    Exit codes: 0, 2, 3, 7, 8.
    """
    context: Context = ctx.obj
    context.output.one(context.local.info())


def _path(file: str) -> Path:
    """The path of a backup; raises UsageError."""
    if file == "-":
        raise UsageError(
            "a backup is a file, which is read again when it is written: - is none",
            hint="for a stream there is: gamify participants export --journal",
        )
    if not file or not file.isprintable():
        raise UsageError("the path of a backup is empty, or holds a character that does not print")
    return file_path(file, Path())


@verb(app, shows=shapes_store.BACKUP, writes=True)
def backup(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to write it.", show_default=False)
    ],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write all of the store to a file, as of one moment, while others go on writing.

    It gets its name once it is verified. Of a PostgreSQL store it is a dump by pg_dump.

    Examples:
        gamify store backup saved.backup
        gamify store backup saved.backup --force

    Exit codes: 0, 2, 3, 5, 7, 8, 10.
    """
    context: Context = ctx.obj
    path = _path(file)
    with context.watching("backing up") as bar:
        answer = context.local.backup(path, context.write(), replace=force, watch=bar.at)
    if context.options.dry_run:
        context.note("dry run: nothing was written")
    context.output.one(answer)


@verb(app, shows=shapes_store.DRIFT, writes=True)
def verify(
    ctx: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Write what the journal says, after a backup.")
    ] = False,
) -> None:
    """Replay every journal, and compare it with what is stored.

    Each difference is shown. They are looked for in rows, counters, stock, kept answers, sums of
    operations and the journal's own numbers, as of one moment, while others may write. What the
    journal itself lacks can only come from a backup.

    Examples:
        gamify store verify
        gamify store verify -o jsonl
        gamify store verify --repair --dry-run

    Exit codes: 0, 2, 3, 7, 8, 10.
    """
    context: Context = ctx.obj
    write = context.write() if repair else None
    drifts = _verified(context)
    if drifts and write and not write.dry_run:
        drifts = _repaired(context, drifts, write)
    elif write and write.dry_run:
        context.note("dry run: nothing was written")
    if drifts:
        can = any(drift.fix for drift in drifts)
        raise Drifted(
            f"{_values(drifts, context.target.place)} not what the journal says",
            hint="run: gamify store verify --repair" if can else "restore a backup of it",
        )


def _verified(context: Context) -> list[Drift]:
    """Show all drifts, and return them."""
    verification = context.local.verification()
    drifts: list[Drift] = []

    def told() -> Iterator[Body]:
        for drift in verification.drifts(bar.at):
            drifts.append(drift)
            yield drift.body

    with context.watching("verifying") as bar:
        context.output.many(told())
    participants, facts = verification.participants, verification.facts
    context.note(f"read {_counted(participants, 'participant')} and {_counted(facts, 'fact')}")
    return drifts


def _repaired(context: Context, drifts: list[Drift], write: Write) -> list[Drift]:
    """Repair what can be, if that is confirmed, and return what is left."""
    fixes = {drift.fix for drift in drifts if drift.fix}
    if not fixes:
        return drifts
    context.confirm(f"repair {sum(drift.fix in fixes for drift in drifts):,} values")
    with context.watching("backing up") as bar:
        path = automatic_backup(context.target, "before-repair")
        context.local.backup(path, write, watch=bar.at)
    context.note(f"what was there is kept in {path}")
    with context.watching("repairing") as bar:
        made = context.local.repair(drifts, write, lambda done: bar.at(done, done / len(fixes)))
    left = [drift for drift in drifts if drift.fix not in made]
    context.note(f"repaired {len(drifts) - len(left):,} of {len(drifts):,} values")
    return left


def _values(drifts: Sequence[Drift], place: str) -> str:
    count = len(drifts)
    return f"{_counted(count, 'value')} in {place} {'is' if count == 1 else 'are'}"


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


@verb(app, shows=shapes_store.PUT_BACK, writes=True)
def restore(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A backup.", show_default=False)],
) -> None:
    """Put a backup in the place of all that the store holds.

    What it held is kept in a file, which is named. The store may be in use; who has it open sees
    all of the backup at once. A store that is not there is made.

    Examples:
        gamify store restore saved.backup
        gamify store restore saved.backup --dry-run

    Exit codes: 0, 2, 3, 7, 8, 10.
    """
    context: Context = ctx.obj
    path, target, timeout = _path(file), context.target, context.options.timeout

    def confirm(found: Found) -> None:
        holds = f"participants: {found.participants:,}, facts: {found.facts:,}"
        question = f"replace what is there by {file} ({holds})"
        context.confirm_typed(name_of(target), question, "All of it is replaced")

    write = context.write_to_confirm()
    with context.watching("restoring") as bar:
        answer = restore_store(target, path, write, timeout=timeout, confirm=confirm, watch=bar.at)
    if write.dry_run:
        context.note("dry run: nothing was written")
    elif answer["kept"]:
        context.note(f"what was there is kept in {answer['kept']}")
    context.output.one(answer)


@verb(app, shows=shapes_store.SWEEP, writes=True)
def sweep(ctx: typer.Context) -> None:
    """Record the points that ran out.

    They are gone from their instant on, swept or not.

    Examples:
        gamify store sweep
        gamify store sweep --dry-run

    Exit codes: 0, 2, 3, 7, 8, 10.
    """
    context: Context = ctx.obj
    with context.watching("sweeping") as bar:
        answer = context.local.sweep(context.write(0), bar.at)
    if context.options.dry_run:
        context.note("dry run: nothing was written")
    context.output.one(answer)


@verb(app, shows=shapes_store.UPGRADE, writes=True)
def upgrade(ctx: typer.Context) -> None:
    """Bring an older store to the schema of this gamify, after a backup.

    Examples:
        gamify store upgrade
        gamify store upgrade --store ./team.db --dry-run

    Exit codes: 0, 2, 3, 7, 8, 10.
    """
    context: Context = ctx.obj
    with context.watching("backing up") as bar:
        answer = context.upgrade_store(bar.at)
    if answer["from"] is None:
        context.note("the store does not exist yet; the first write makes it")
    elif answer["from"] == answer["to"]:
        context.note("nothing to do: the store has the schema of this gamify")
    elif context.options.dry_run:
        context.note("dry run: nothing was written")
    context.output.one(answer)
