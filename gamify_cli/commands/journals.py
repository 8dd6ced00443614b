"""The journal of a store as a file: `participants export --journal`, `import --journal`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, cast

from gamify_cli.backend import Body
from gamify_cli.commands.exports import watched
from gamify_cli.commands.imports import lines as input_lines
from gamify_cli.commands.imports.lines import Chunk
from gamify_cli.commands.imports.running import collecting_seldom
from gamify_cli.context import Context
from gamify_cli.domain.journal_file import Seal
from gamify_cli.errors import GamifyError, StoreError, UsageError
from gamify_cli.render import bulk


def export(context: Context) -> None:
    """Print the journal of the target's store; raises UsageError for what is no way to."""
    options = context.options
    if options.fields or options.jq is not None:
        option = "--fields" if options.fields else "--jq"
        raise UsageError(f"{option} does not go with --journal", hint="it needs all there is")
    if options.output not in ("auto", "jsonl"):
        raise UsageError("a journal is JSON Lines", hint=f"leave out --output {options.output}")
    if notice := context.local.notice():
        # A file of nothing would pass for a backup.
        raise StoreError(notice, hint="look at --store, or at --profile")
    bodies = context.local.journal.dump()
    with closing(cast(Any, bodies)):
        context.output.texts(_sealed(watched(context, bodies)))


def _sealed(groups: Iterable[Sequence[Body]]) -> Iterator[str]:
    """The lines of a file, with the last one that tells of all others."""
    seal, has_header = Seal(), False
    for group in groups:
        rows = group
        if not has_header:
            header, rows, has_header = group[:1], group[1:], True
            yield bulk.lines(header)
        if rows:
            text = bulk.lines(rows)
            seal.add((next(iter(row)) for row in rows), text)
            yield text
    yield bulk.lines([seal.end()])


def restore(context: Context, path: str) -> None:
    """Make the target's empty store anew from a journal, and show what is in it now."""
    write = context.write()
    with (
        collecting_seldom(),
        input_lines.opened(path, once=True, is_journal=True) as file,
        context.watching("importing") as bar,
    ):
        groups = map(_texts, file.chunks())
        journal = context.local.journal
        answer = journal.restore(groups, write, lambda facts: bar.at(facts, file.share))
        context.note(file.require_unchanged())
    if write.dry_run:
        context.note("dry run: nothing was written")
    context.output.one(answer)


def _texts(chunk: Chunk) -> Sequence[str]:
    """The lines of a chunk; raises the error of one that is none."""
    for number, line in enumerate(chunk.lines, chunk.first):
        if isinstance(line, GamifyError):
            raise UsageError(f"line {number:,}: {line.message}")
    return cast(Sequence[str], chunk.lines)
