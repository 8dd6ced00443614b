"""Rows on their way to what records them, with or without a stop at the first that fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gamify_cli.backend import Entry, Imported, Operation, Source, Write
from gamify_cli.backend.nouns import Importer
from gamify_cli.commands.imports.rows import Group
from gamify_cli.errors import GamifyError

Came = Sequence[Entry | Imported | GamifyError]
"""What came of rows: of one that was checked alone, the entry that it is."""

Open = Callable[[Write, Source], Importer]


class Recorder:
    """Records rows as `write` says, or for None only tells which are bad.

    `done` is the number of the last line that was done when it began. Raises NotFound and
    Conflict as `importer` does.
    """

    def __init__(self, open_: Open, write: Write | None, source: Source, *, stops: bool) -> None:
        self._open = open_
        self._write = write
        self._stops = stops
        self._importer = open_(write, source) if write else None
        self.done = self._importer.done if self._importer else 0

    @property
    def operation(self) -> str | None:
        """The operation under which rows are recorded, None where none is kept of them here."""
        return self._importer.operation if self._importer and self._is_real else None

    def record(self, group: Group) -> Came:
        """What came of each; if it stops, of those up to the first that fails, which comes last."""
        if not self._stops:
            return self._all(group)
        # A group is durable as a whole, so it has to be known before how far it may go.
        judged = self._rehearsed(group) if self._is_real else self._all(group)
        bad = next((n for n, one in enumerate(judged) if isinstance(one, GamifyError)), None)
        if bad is None:
            return self._all(group) if self._is_real else judged
        before = self._all(group.part(0, bad)) if self._is_real else judged[:bad]
        return [*before, judged[bad]]

    def finish(self) -> None:
        """All is recorded."""
        if self._importer:
            self._importer.finish()

    @property
    def _is_real(self) -> bool:
        return self._write is not None and not self._write.dry_run

    def _all(self, group: Group) -> Came:
        if not self._importer or not group.entries:
            return group.entries
        return [*self._importer.record(group.entries, group.lines)]

    def _rehearsed(self, group: Group) -> Came:
        if not self._write:
            return group.entries
        kept = self._write.operation
        # A rehearsal remembers what it saw under one operation, and the last one was done since.
        operation = Operation.new(kept.command, kept.actor)._replace(shared=True)
        write = self._write._replace(operation=operation, dry_run=True)
        return [*self._open(write, Source()).record(group.entries, group.lines)]
