"""What another program would have made of everyone: `program simulate`."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Annotated, Any, cast

import typer

from gamify_cli.backend import Body
from gamify_cli.commands import bodies
from gamify_cli.commands.arguments import ProgramFile
from gamify_cli.commands.base import described
from gamify_cli.context import Context
from gamify_cli.domain import instants, shapes_simulation
from gamify_cli.domain.simulation_sums import AMOUNTS, LARGEST, Summary


@described(shows=shapes_simulation.SIMULATION)
def simulate(
    ctx: typer.Context,
    file: ProgramFile,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="For what was recorded at this time or later alone."),
    ] = None,
) -> None:
    """Show what a program file would have made of the past; write nothing.

    All that was ever done is decided again under it, and what comes of it compared with what
    is. A terminal shows the sums and the largest changes, JSON the sums and every change;
    other formats print each participant that changes, with the sums on stderr.

    Rewards claimed and badges given by hand stay. A debit that no longer fits takes what there
    is, and what the program would not have allowed is told. Refused commands are not known.

    Examples:
        gamify program simulate program.toml
        gamify program simulate program.toml --since 90d
        gamify program simulate program.toml -o csv > changes.csv

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    document = bodies.program(file)
    from_ = context.instant(since)
    summary = Summary(document["name"], instants.text_or_none(from_))
    with closing(_changed(context, document, from_, summary)) as changed:
        _show(context, changed, summary)


def _show(context: Context, changed: Iterable[Body], summary: Summary) -> None:
    output = context.output
    if output.format == "json":
        participants = list(changed)
        output.one({"summary": summary.body(), "participants": participants})
        return
    if output.format != "table":
        output.many(changed)
        _tell(context, summary.body())
        return
    for _ in changed:
        pass
    _tell(context, summary.body())
    if summary.changed > LARGEST:
        context.note(f"the {LARGEST} largest changes:")
    output.many(summary.largest)


def _changed(
    context: Context, document: Body, since: int | None, summary: Summary
) -> Generator[Body, None, None]:
    """Each participant that changes, added up in the summary as it comes."""
    parts = context.backend.programs.simulate(document, since)
    with closing(cast(Any, parts)), context.watching("simulating") as bar:
        for part in parts:
            summary.add(*part[:5])
            yield from part.changed
            bar.at(summary.facts, part.share)


def _tell(context: Context, sums: Body) -> None:
    for line in (*_counts(sums), *_amounts(sums), *_codes(sums), *_limits(sums)):
        context.note(line)


def _counts(sums: Body) -> Iterator[str]:
    who, facts, changed = (sums[name] for name in ("participants", "facts", "changed"))
    yield f"decided again: {facts:,} facts of {who:,} participants, of whom {changed:,} change"
    if sums["erased"]:
        yield f"not decided: {sums['erased']:,} participants who were erased"
    points = sums["points"]
    if points["gaining"] or points["losing"]:
        gain = f"{points['gaining']:,} gain {points['gained']:,}"
        yield f"points: {gain}, {points['losing']:,} lose {points['lost']:,}"


def _amounts(sums: Body) -> Iterator[str]:
    for name in AMOUNTS:
        move = sums[name]
        if move["change"]:
            yield f"{name}: {move['from']:,} → {move['to']:,} ({move['change']:+,})"


def _codes(sums: Body) -> Iterator[str]:
    for one in sums["tiers"]:
        yield f"tier {one['from'] or 'none'} → {one['to'] or 'none'}: {one['participants']:,}"
    for name, (up, down) in _WAYS.items():
        for one in sums[name]:
            yield f"{name} {one['code']}: {one[up]:,} {up}, {one[down]:,} {down}"


def _limits(sums: Body) -> Iterator[str]:
    """What the program would not have allowed, and what nobody knows."""
    clamped = sums["clamped"]
    if clamped["debits"]:
        yield f"clamped: {clamped['debits']:,} debits, {clamped['points']:,} points short"
    for one in sums["refused"]:
        yield f"refused now: {one['facts']:,} {one['kind']}"
    for text in sums["unknown"]:
        yield f"not known: {text}"


_WAYS = {
    "badges": ("gained", "lost"),
    "challenges": ("gained", "lost"),
    "streaks": ("longer", "shorter"),
}
