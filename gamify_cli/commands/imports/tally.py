"""What came of the rows of an import: counted, told on stderr, and kept where that is wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from gamify_cli.backend import Entry, Imported
from gamify_cli.commands.imports.recording import Came
from gamify_cli.commands.imports.results import Results
from gamify_cli.commands.imports.rows import Group
from gamify_cli.errors import GamifyError
from gamify_cli.render.messages import Messages

TOLD = 20
"""So many faults are told one by one."""


class Tally:
    """Of one run: rows that were reached, those that failed, and the outcomes of the others."""

    def __init__(self, messages: Messages, results: Results | None, *, has_events: bool) -> None:
        self.reached = 0
        self.failed = 0
        self.outcomes: Counter[str] = Counter()
        self._messages = messages
        self._results = results
        self._has_events = has_events

    def add(self, group: Group, came: Came) -> None:
        """Count what came of the first rows of a group, and tell of those that failed."""
        self.reached += len(came)
        outcomes = self.outcomes
        for number, one in zip(group.numbers, came, strict=False):
            if isinstance(one, Imported):
                outcomes[one.outcome] += 1
            elif isinstance(one, GamifyError):
                self._fail(number, one)
        if self._results:
            self._results.write(self._rows(group, came))

    def add_known(self, group: Group) -> None:
        """Tell the results of rows that were done before, unless they know already."""
        if self._results and group.numbers and group.numbers[-1] > self._results.last:
            rows = self._rows(group, group.entries)
            self._results.write(row for row in rows if row["line"] > self._results.last)

    def so_far(self) -> str:
        """How far it came."""
        return f"{self.reached - self.failed:,} done, {self.failed:,} failed"

    def _fail(self, number: int, error: GamifyError) -> None:
        self.failed += 1
        if self.failed <= TOLD:
            message = f"line {number:,}: {error.message}"
            self._messages.error(type(error)(message, hint=error.hint))

    def _rows(self, group: Group, came: Came) -> Iterator[dict[str, Any]]:
        """A result each; the outcome of one that was only read is not known."""
        for number, entry, one in zip(group.numbers, group.entries, came, strict=False):
            whose = entry.participant_id if isinstance(entry, Entry) else group.failed.get(number)
            row: dict[str, Any] = {"line": number, "id": whose, "outcome": None}
            if isinstance(one, Imported):
                row["outcome"] = one.outcome
            elif isinstance(one, GamifyError):
                row["outcome"] = "failed"
            if self._has_events:
                row["event_id"] = one.event_id if isinstance(one, Imported) else None
            yield row | {"error": one.message if isinstance(one, GamifyError) else None}
