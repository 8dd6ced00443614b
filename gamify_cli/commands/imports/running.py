"""One import from its file to its summary."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gamify_cli.backend import Source
from gamify_cli.commands.imports import lines, results
from gamify_cli.commands.imports.options import Chosen
from gamify_cli.commands.imports.reading import Reading
from gamify_cli.commands.imports.recording import Open, Recorder
from gamify_cli.commands.imports.rows import Group, Rows
from gamify_cli.commands.imports.tally import TOLD, Tally
from gamify_cli.context import Context
from gamify_cli.errors import (
    Conflict,
    GamifyError,
    Interrupted,
    Partial,
    StoreError,
    Unavailable,
    UsageError,
)

_MADE_BY_A_GROUP = 1_000_000
"""So many objects a group makes that outlive their making, or more."""

_GROUP_ON_A_SERVER = 500
_GROUP_WITH_A_STOP = 100

_PAST_A_STOP = "mend the line and import the file again: what is done already stays as it is"
"""Not --resume, which wants the file as it was."""


def run(context: Context, chosen: Chosen, rows: Rows, open_: Open) -> None:
    """Import a file and show the summary.

    Raises Partial where rows failed or were not reached, and what `importer` raises.
    """
    if context.options.dry_run and not chosen.check:
        context.note("dry run: nothing is written")
    if chosen.results:
        _require_apart(Path(chosen.results), context.target.store)
    with (
        collecting_seldom(),
        lines.opened(chosen.file, once=chosen.check) as input_,
        results.opened(chosen.results, input_) as told,
    ):
        _Import(context, chosen, rows, open_, input_, told).run()


def _require_apart(told: Path, store: Path | None) -> None:
    """Raise UsageError for a file of results that is one of the store's own, or would be."""
    own = [Path(f"{store}{end}").resolve() for end in ("", "-wal", "-shm", "-journal")]
    if store and told.resolve() in own:
        raise UsageError("--results names a file of the store")


class _Import:
    """The way of one file through reading, recording and counting."""

    def __init__(
        self,
        context: Context,
        chosen: Chosen,
        rows: Rows,
        open_: Open,
        input_: lines.Input,
        told: results.Results | None,
    ) -> None:
        self._context = context
        self._chosen = chosen
        self._rows = rows
        self._input = input_
        self._broken: GamifyError | None = None
        self._stopped_at: int | None = None
        if chosen.resume and not input_.is_file:
            raise UsageError("--resume needs a file", hint="nobody can read this one again")
        source = Source(input_.hash, chosen.resume)
        write = None if chosen.check else context.write(0)
        self._recorder = Recorder(open_, write, source, stops=chosen.stops)
        self._tally = Tally(context.messages, told, has_events=rows.are_events)
        if told:
            told.begin(self._recorder.done)
        # A reader of its own has nothing to do while a server is waited for.
        self._reading = Reading(input_, chosen.format, rows, self._most, beside=self._is_stored)

    def run(self) -> None:
        """Import all rows, show the summary, and raise Partial unless all are done."""
        if self._chosen.resume:
            self._context.note(f"going on after line {self._recorder.done:,}")
        try:
            self._record_all()
        except KeyboardInterrupt:
            so_far = self._tally.so_far()
            raise Interrupted(f"interrupted: {so_far}", hint=self._way_on) from None
        except (Unavailable, StoreError) as error:
            error.message += f" ({self._tally.so_far()})"
            error.hint = error.hint or self._way_on
            raise
        if self._is_complete:
            self._recorder.finish()
        if self._tally.failed > TOLD:
            self._context.note(f"… and {self._tally.failed - TOLD:,} more")
        for warning in self._reading.warnings:
            self._context.note(f"warning: {warning}")
        self._context.output.one(self._summary())
        if not (self._chosen.check or self._context.options.dry_run):
            self._context.messages.undoable = self._operation
        self._require_all()

    def _record_all(self) -> None:
        reading = self._reading
        with self._context.watching("importing") as bar:
            for group in self._groups():
                came = self._recorder.record(group)
                self._tally.add(group, came)
                bar.at(self._tally.reached, reading.share)
                if self._chosen.stops and came and isinstance(came[-1], GamifyError):
                    self._stopped_at = group.numbers[len(came) - 1]
                    return

    def _groups(self) -> Iterator[Group]:
        """The rows that are left to do; what cannot be read is a fault of its own, after them."""
        try:
            for group in self._reading.groups():
                done = bisect_right(group.numbers, self._recorder.done)
                if done:
                    self._tally.add_known(group.part(0, done))
                if done < len(group.entries):
                    yield group.part(done, len(group.entries))
            self._context.note(self._reading.note)
        except (UsageError, Conflict) as error:
            if not self._tally.reached:
                raise
            self._broken = error

    @property
    def _most(self) -> int:
        """How many rows are recorded together."""
        if self._chosen.stops:
            return _GROUP_WITH_A_STOP
        return _GROUP_ON_A_SERVER if self._is_remote else self._rows.together

    @property
    def _is_stored(self) -> bool:
        """Whether rows go into a store, and none has to be judged before the others."""
        return not (self._chosen.check or self._is_remote or self._chosen.stops)

    @property
    def _is_remote(self) -> bool:
        return not self._chosen.check and self._context.target.url is not None

    @property
    def _is_complete(self) -> bool:
        return self._stopped_at is None and self._broken is None

    def _summary(self) -> dict[str, Any]:
        outcomes = self._tally.outcomes
        return {
            "operation": self._operation,
            "file_hash": self._input.hash,
            "lines": self._tally.reached,
            **{name: outcomes[name] for name in ("created", "updated", "unchanged")},
            "failed": self._tally.failed,
            "resumed_at": self._recorder.done if self._chosen.resume else None,
            "complete": self._is_complete,
        }

    @property
    def _operation(self) -> str | None:
        """The operation of what was recorded; a server has names of its own for what it does."""
        outcomes = self._tally.outcomes
        is_any = outcomes["created"] + outcomes["updated"] > 0 or self._chosen.resume
        return self._recorder.operation if is_any and not self._is_remote else None

    def _require_all(self) -> None:
        if self._broken:
            self._context.messages.error(self._broken)
            raise Partial(f"not all was read: {self._tally.so_far()}")
        failed = f"{self._tally.failed:,} of {self._tally.reached:,} failed"
        if self._stopped_at is not None:
            hint = self._way_on and _PAST_A_STOP
            raise Partial(f"stopped at line {self._stopped_at:,}: {failed}", hint=hint)
        if self._tally.failed:
            raise Partial(failed)

    @property
    def _way_on(self) -> str | None:
        """What to do about the rest, of what left something behind."""
        if self._chosen.check or self._context.options.dry_run:
            return None
        if self._input.is_file and not self._is_remote:
            return "the same command with --resume goes on from there"
        return "the same command again leaves what is done as it is"


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look for garbage a group at a time: within one, nearly all that is made is still in use."""
    before = gc.get_threshold()
    gc.set_threshold(_MADE_BY_A_GROUP)
    try:
        yield
    finally:
        gc.set_threshold(*before)
