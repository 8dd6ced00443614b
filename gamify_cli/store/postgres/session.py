"""A store in a PostgreSQL database: its transactions, and its statements on psycopg."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.errors import Diagnostic
from psycopg.pq import TransactionStatus

from gamify_cli.domain import jsontext
from gamify_cli.domain.instants import Instant
from gamify_cli.store import revisions
from gamify_cli.store.postgres import connection as opening
from gamify_cli.store.postgres import faults, sql
from gamify_cli.store.postgres.prepared import Prepared
from gamify_cli.store.session import NO_VALUES, Asked, Row, Session, Values

if TYPE_CHECKING:
    from gamify_cli.store.backing_up import Copier

_Result = TypeVar("_Result")

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_COMMIT = "COMMIT"
_ROLL_BACK = "ROLLBACK"
_FETCHED = 5_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0


class PostgresSession(Session):
    """One connection to one database, for one thread.

    `timeout` is how many seconds to wait for a lock or a statement, and how long a change is
    tried again that a rival or a failover cut short. `test_now` stands in for the clock, but
    only in a store that was made under it. The clock is the database's, so that all who share
    it agree.
    """

    answers_at_once = False
    sql = sql

    def __init__(self, url: str, *, timeout: float, test_now: Instant | None = None) -> None:
        super().__init__()
        self._url = url
        self._place = opening.shown(url)
        self._timeout = timeout
        self._test_now = self._wanted_now = test_now
        self._committing = False
        self._is_confirmed = True
        with faults.Seam(self.place):
            self._open()

    @property
    def place(self) -> str:
        return self._place

    def close(self) -> None:
        self._connection.close()

    def now(self) -> Instant:
        here = time.time_ns() // 1_000
        return here + self._ahead if self._test_now is None else self._test_now

    def one(self, statement: str, values: Values = NO_VALUES) -> Row | None:
        return self._prepared.one(statement, values)

    def rows(self, statement: str, values: Values | Row = NO_VALUES) -> Iterator[Row]:
        self._prepared.send()
        return iter(self._connection.execute(statement, values).fetchall())

    def stream(self, statement: str, values: Values | Row = NO_VALUES) -> Iterator[Row]:
        self._prepared.send()
        with self._connection.cursor(f"rows_{id(values)}_{time.monotonic_ns()}") as cursor:
            cursor.itersize = _FETCHED
            cursor.execute(statement, values)
            yield from cursor

    def composed(self, statement: Any) -> Iterator[Row]:
        from sqlalchemy.dialects.postgresql.psycopg import dialect

        compiled = statement.compile(dialect=dialect())  # type: ignore[no-untyped-call]
        return self.stream(str(compiled), compiled.params)

    def run(self, statement: str, values: Values | Row) -> None:
        """With what is asked next, or at the end: an error of it comes then."""
        self._prepared.hold(statement, values)

    def run_all(self, statement: str, rows: Sequence[Values] | Sequence[Row]) -> None:
        self._prepared.hold_all(statement, rows)

    def lock(self, participant_ids: Sequence[str]) -> None:
        asked = {"ids": jsontext.compact(sorted(participant_ids))}
        self._prepared.send((sql.LOCK_PARTICIPANTS, asked))

    def changed(
        self, work: Callable[[], _Result], *, is_keyed: bool, first: Sequence[Asked] = ()
    ) -> _Result:
        deadline, pause, may_be_done = time.monotonic() + self._timeout, _FIRST_PAUSE, False
        while True:
            try:
                return self._changed_once(work, first)
            except faults.Again as error:
                may_be_done |= error.is_lost and self._committing
                is_over = self._grouped or time.monotonic() + pause >= deadline
                if may_be_done and (is_over or not is_keyed):
                    raise faults.unknown(self.place) from error
                if is_over:
                    raise
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - it is no secret
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _changed_once(self, work: Callable[[], _Result], first: Sequence[Asked]) -> _Result:
        if not self.missing:
            with self._writing(first):
                return work()
        with self._making(only_if_changed=True):
            return work()

    @contextmanager
    def _making(self, *, only_if_changed: bool) -> Iterator[None]:
        """A transaction that makes the store, unless another process just did.

        A refusal leaves nothing behind and, if `only_if_changed`, neither does what changes
        nothing.
        """
        with self._seam:
            opening.forget_stand_in(self._connection)
            try:
                self._connection.execute(_WRITE)
                self.missing = opening.make(
                    self._connection, self.now(), test_clock=self._wanted_now is not None
                )
                before = self._prepared.changed
                yield
                self._prepared.send()
                if self._prepared.changed > before or not only_if_changed:
                    self._commit()
                    self.missing = False
            finally:
                self._roll_back()
                if self.missing and not self._connection.closed:
                    opening.stand_in(self._connection)

    def twin(self, timeout: float) -> PostgresSession:
        return PostgresSession(self._url, timeout=timeout, test_now=self._wanted_now)

    def opener(self) -> Callable[[], PostgresSession]:
        return partial(PostgresSession, self._url, timeout=self._timeout, test_now=self._wanted_now)

    def reading(self, first: Sequence[Asked] = ()) -> AbstractContextManager[None]:
        if self._is_within:
            return self._seam
        return self._transaction(_READ, first)

    def snapshot(self) -> str:
        return str((self.one(opening.SNAPSHOT) or ("",))[0])

    def joining(self, snapshot: str) -> AbstractContextManager[None]:
        return opening.joining(
            self._connection, self.place, f"{_READ}; {opening.AS_OF} '{snapshot}'"
        )

    def writing(self) -> AbstractContextManager[None]:
        return self._writing(())

    def _writing(self, first: Sequence[Asked]) -> AbstractContextManager[None]:
        """The same, of what asks for `first` before anything else."""
        if self._grouped:
            return self._within_group(first)
        if self.missing:
            with self._making(only_if_changed=False):
                pass
        return self._transaction(_WRITE, first)

    @contextmanager
    def _within_group(self, first: Sequence[Asked]) -> Iterator[None]:
        """One change of a group, without a savepoint: thousands of them slow a transaction down.

        A refusal has sent nothing yet; one that has ends the group, so that each is made again
        alone.
        """
        with self._seam:
            if not self._is_within:
                raise faults.Again(f"the group of changes of {self.place} was lost", is_lost=True)
            # With them goes what the one before has held.
            self._prepared.know(first, self._prepared.send(*first))
            before = self._prepared.changed
            try:
                yield
            except Exception as error:
                self._prepared.drop()
                if self._prepared.changed > before:
                    message = f"a change of {self.place} was cut short"
                    raise faults.Again(message, is_lost=False) from error
                raise

    @contextmanager
    def _transaction(self, begin: str, first: Sequence[Asked] = ()) -> Iterator[None]:
        try:
            self._begin(begin, first)
            with self._seam:
                yield
                self._commit()
        finally:
            with self._seam:
                self._roll_back()

    def _commit(self) -> None:
        """With what was held: one of that which fails, and says so, keeps it from happening."""
        self._committing = True
        self._is_confirmed = True
        try:
            self._prepared.send((_COMMIT, NO_VALUES))
        except psycopg.Error:
            self._committing = not self._prepared.was_skipped
            raise
        self._committing = False
        if not self._is_confirmed:
            raise faults.unconfirmed(self.place)

    def _hear(self, notice: Diagnostic) -> None:
        if faults.tells_unconfirmed(notice):
            self._is_confirmed = False

    def _roll_back(self) -> None:
        """What is lost with its connection was rolled back by the database.

        After a ROLLBACK of its own, psycopg has the database forget whatever was prepared.
        """
        self._prepared.drop()
        if self._is_within:
            self._prepared.send((_ROLL_BACK, NO_VALUES))

    @property
    def _is_within(self) -> bool:
        status = self._connection.info.transaction_status
        return status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    @property
    def _seam(self) -> faults.Seam:
        return faults.Seam(self.place, self._connection)

    def _begin(self, begin: str, first: Sequence[Asked]) -> None:
        """Begin, on a new connection where the old one is lost; it is waited for."""
        self._committing = False
        with self._seam:
            try:
                self._begun(begin, first)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
                opening.patiently(self._timeout, self._open)
                self._begun(begin, first)

    def _begun(self, begin: str, first: Sequence[Asked]) -> None:
        """Begin, and ask in the same round trip for the schema of the store, and for `first`."""
        asked = ((begin, NO_VALUES), (sql.FIND_REVISION, NO_VALUES), *first)
        try:
            _, found, *rest = self._prepared.send(*asked)
        except psycopg.ProgrammingError:
            # Of a store of another schema it is that which is told, not what it lacks.
            if first:
                self._roll_back()
                self._begun(begin, ())
            raise
        revision = (found.get_value(0, 0) or b"").decode() if found.ntuples else ""
        if revision != sql.REVISION:
            raise revisions.refusal(self.place, revision, sql.REVISION)
        self._prepared.know(first, rest)

    def _open(self) -> None:
        opened = opening.connect(self._url, self._timeout)
        self._connection, self._ahead = opened.connection, opened.ahead
        self._connection.add_notice_handler(self._hear)
        self._prepared = Prepared(self._connection)
        self.missing = not opened.is_made
        if not self.missing and self._wanted_now is not None:
            store = self.one(sql.FIND_STORE)
            self._test_now = self._wanted_now if store and store[2] else None

    def require_same_file(self) -> None:
        """Nothing to do: what replaced it is found by its name."""

    @property
    def copier(self) -> Copier:
        from gamify_cli.store.postgres.dumping import PostgresCopier

        return PostgresCopier(self._url, self._timeout)

    def bytes(self) -> int:
        row = None if self.missing else self.one(opening.BYTES)
        return int(row[0]) if row else 0
