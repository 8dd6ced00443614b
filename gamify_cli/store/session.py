"""One connection to a store: what every kind of database does in its own way.

`sqlite.session` and `postgres.session` are the two kinds. All that stands above runs on either.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import repeat
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from gamify_cli.backend import Write
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import StoreError
from gamify_cli.store.rehearsal import Rehearsal

if TYPE_CHECKING:
    from gamify_cli.store.backing_up import Copier

Row = tuple[Any, ...]
Values = Mapping[str, Any]
Asked = tuple[str, Values]
"""A statement with its values."""

_Result = TypeVar("_Result")

NO_VALUES: Values = {}

UNLIMITED = 2**63 - 1
"""A limit that no list reaches."""


class Session(ABC):
    """One connection to one store, for one thread.

    `sql` has every statement as this database takes it; `answers_at_once` is false where each
    goes over a network; `missing` is true while there is no store yet, which is an empty one to
    read and to rehearse on; the first change makes it.

    Raises StoreError where there is no usable store, Unavailable where it cannot be had now.
    """

    answers_at_once: bool
    sql: ModuleType
    missing: bool

    def __init__(self) -> None:
        self.rehearsal = Rehearsal()
        self._grouped = False

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the store is, as messages name it; without a secret."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    def notice(self) -> str | None:
        """What explains that nothing is found; None for a store that is there."""
        return f"there is no store at {self.place} yet" if self.missing else None

    def require_store(self) -> None:
        """Raise StoreError where there is no store yet."""
        if self.missing:
            raise StoreError(str(self.notice()), hint="look at --store, or at --profile")

    @abstractmethod
    def now(self) -> Instant:
        """The time by this store's clock."""

    @abstractmethod
    def one(self, statement: str, values: Values = NO_VALUES) -> Row | None:
        """The first row, or None."""

    @abstractmethod
    def rows(self, statement: str, values: Values | Row = NO_VALUES) -> Iterator[Row]:
        """Every row, as the database finds it; read within a transaction."""

    @abstractmethod
    def stream(self, statement: str, values: Values | Row = NO_VALUES) -> Iterator[Row]:
        """The same of more rows than shall be held in memory."""

    @abstractmethod
    def run(self, statement: str, values: Values | Row) -> None:
        """Execute a statement that changes something."""

    @abstractmethod
    def run_all(self, statement: str, rows: Sequence[Values] | Sequence[Row]) -> None:
        """Execute a statement that changes something for each of many values."""

    def insert_all(self, statement: str, rows: Sequence[Row], shared: Values) -> None:
        """Execute an INSERT for many rows without the columns that are the same in all."""
        given = iter(zip(*rows, strict=True))
        values = (
            repeat(shared[name]) if name in shared else next(given, ())
            for name in columns(statement)
        )
        self.run_all(statement, [*zip(*values, strict=False)])

    def expect_many(self) -> None:  # noqa: B027 (only some databases care)
        """Be ready for changes of many thousand participants."""

    def scrub(self) -> None:  # noqa: B027 (a database does so when it likes)
        """Let go of old copies of what was just erased, as far as nobody reads them."""

    @abstractmethod
    def composed(self, statement: Any) -> Iterator[Row]:
        """Every row of a statement that SQLAlchemy made up just now."""

    @abstractmethod
    def lock(self, participant_ids: Sequence[str]) -> None:
        """Keep everyone else from changing these until the transaction ends, known or not."""

    def change(
        self, work: Callable[[], _Result], write: Write, first: Sequence[Asked] = ()
    ) -> _Result:
        """What `work` answers, done in one transaction; a rehearsal only reads.

        It may run more than once, and what it did before is taken back then. `first` is what it
        asks for one by one before anything else, so that a database far away can be asked once.
        """
        if write.dry_run:
            if self.rehearsal.operation != write.operation.operation:
                self.rehearsal = Rehearsal(write.operation.operation)
            with self.reading():
                return work()
        return self.changed(work, is_keyed=write.idempotency_key is not None, first=first)

    @abstractmethod
    def changed(
        self, work: Callable[[], _Result], *, is_keyed: bool, first: Sequence[Asked] = ()
    ) -> _Result:
        """What `work` answers, done for real; where there is no store yet, it is made.

        If `is_keyed`, what was done already when the answer was lost is found when it is done
        again.
        """

    @abstractmethod
    def twin(self, timeout: float) -> Session:
        """Another session on the same store, for the thread that calls this."""

    @abstractmethod
    def opener(self) -> Callable[[], Session]:
        """What opens another session on the same store in a process of its own; it is pickled."""

    @contextmanager
    def group(self) -> Iterator[None]:
        """Changes that are durable together when this ends, each whole or not at all.

        Raises what ends the transaction; then none of them was made.
        """
        with self.writing():
            self._grouped = True
            try:
                yield
            finally:
                self._grouped = False

    @abstractmethod
    def reading(self, first: Sequence[Asked] = ()) -> AbstractContextManager[None]:
        """One consistent view of the store; within another one it is that one.

        `first` is as for a change.
        """

    def sharing(self) -> AbstractContextManager[None]:
        """One view for several readings, where that is as safe as one each."""
        return self.reading()

    def standstill(self) -> AbstractContextManager[None]:
        """Until it ends nothing changes, where several readings need that to be alike."""
        return nullcontext()

    def snapshot(self) -> str:
        """What makes others see, by `joining`, what this one sees within a reading.

        Empty where those that began during one standstill are alike by themselves.
        """
        return ""

    def joining(self, snapshot: str) -> AbstractContextManager[None]:  # noqa: ARG002 (it is empty)
        """A reading of the moment of a snapshot."""
        return self.reading()

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """One change: whole or not at all, durable when it returns."""

    @abstractmethod
    def require_same_file(self) -> None:
        """Raise StoreError if the store was removed or replaced since it was opened."""

    @property
    @abstractmethod
    def copier(self) -> Copier:
        """What makes files of the store; it works on a connection of its own."""

    @abstractmethod
    def bytes(self) -> int:
        """What the store takes of the disk."""

    def require_sound(self) -> None:  # noqa: B027 (a database finds out as it reads)
        """Raise StoreError if what the store is kept in is damaged."""


def columns(statement: str) -> list[str]:
    """The names of the columns that an INSERT fills, in their order."""
    return statement.partition("(")[2].partition(")")[0].split(", ")
