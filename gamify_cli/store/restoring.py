"""Put a backup in the place of what a store holds: whole or not at all, and what was there is kept.

Others may have the store open. They read what was there until all of the backup is in its place;
their changes wait for it, and come on top of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from gamify_cli.backend import Body, Operation, Write
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import UsageError
from gamify_cli.store.backing_up import Found, Watch


class Entry(NamedTuple):
    """What the store notes of a restore: where what was there is kept, by what, and when."""

    kept: Path
    operation: Operation
    at: Instant


class Restorable(Protocol):
    """A store as every kind of database opens it to replace what it holds.

    Within `seam`, errors of the driver leave as ours.
    """

    @property
    def seam(self) -> AbstractContextManager[None]: ...

    def examine(self, file: Path) -> Found:
        """What a backup holds; raises StoreError for one that cannot be restored here."""

    def staged(self, file: Path) -> AbstractContextManager[Found]:
        """The same, and it stays as it is until `replace`, with no change to the store."""

    def replace(self, entry: Entry, watch: Watch | None) -> bool:
        """Put in what is staged, in one transaction that keeps other changes away.

        Answers whether anything was there, which is kept then. Raises Unavailable where others
        keep the store, StoreError.
        """


def restore(
    store: Restorable,
    file: Path,
    keep: Callable[[], Path],
    write: Write,
    *,
    test_now: Instant | None,
    confirm: Callable[[Found], None],
    watch: Watch | None = None,
) -> Body:
    """Restore a file; {from, participants, facts, kept, seconds}, of which `kept` may be None.

    `keep` chooses a path for what is there. `confirm` hears what the file holds before anything
    is done, and may raise. Raises StoreError for a file that is no good, Unavailable.
    """
    started = time.monotonic()
    if not file.is_file():
        raise UsageError(f"cannot read {file}: it is not there, or no file")
    with store.seam:
        if write.dry_run:
            found, kept = store.examine(file), None
        else:
            with store.staged(file) as found:
                confirm(found)
                started = time.monotonic()
                now = test_now if found.test_clock else None
                at = time.time_ns() // 1_000 if now is None else now
                kept = keep()
                if not store.replace(Entry(kept, write.operation, at), watch):
                    kept = None
    return {
        "from": str(file),
        "participants": found.participants,
        "facts": found.facts,
        "kept": kept and str(kept),
        "seconds": round(time.monotonic() - started, 3),
    }
