"""Whether what is stored is what the journal says: every participant replayed and compared.

`drifts` compares a row, `auditing` a range of participants, `whole` what is of none; `repairing`
writes what the journal says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from gamify_cli.store import ranges
from gamify_cli.store.session import Session
from gamify_cli.store.verifying import whole
from gamify_cli.store.verifying.auditing import Auditor
from gamify_cli.store.verifying.drifts import Drift
from gamify_cli.store.verifying.findings import Findings

Watch = Callable[[int, float], None]
"""Hears how many facts were read, and their share of all."""


class Verification:
    """One look at a whole store; `participants` and `facts` are those that were read by now."""

    def __init__(self, session: Session, processes: int | None = None) -> None:
        """So many `processes` share the work; as many as there are cores, if it is worth it."""
        self._session = session
        self._processes = processes
        self._found = Findings()

    @property
    def participants(self) -> int:
        """How many participants were read."""
        return self._found.participants

    @property
    def facts(self) -> int:
        """How many facts were read."""
        return self._found.facts

    def drifts(self, watch: Watch) -> Iterator[Drift]:
        """What is not as it has to be, participants in the order of their ids first.

        All of it is of one moment. Raises StoreError for a store that is damaged, or not there.
        """
        session, found = self._session, self._found
        session.require_store()
        with session.reading():
            (all_,) = session.one(session.sql.COUNT_FACTS) or (0,)
        several = ranges.cores() if all_ >= ranges.WORTH_IT else 1
        with ranges.spread(session, Auditor.start, self._processes or several) as parts:
            for part in parts:
                found.add(part)
                yield from part.drifts
                watch(found.facts, min(1.0, found.facts / max(1, all_)))
            yield from self._of_whole()

    def _of_whole(self) -> Iterator[Drift]:
        """What is of no one participant; a journal that lacks something is no measure for it."""
        session, found = self._session, self._found
        documents: dict[int, Mapping[str, Any]] = {}
        for drift in chain(
            whole.of_programs(session, documents),
            whole.of_operations(session, found),
            whole.of_stock(session, found, documents),
        ):
            yield drift if found.is_whole else drift._replace(fix=None)
