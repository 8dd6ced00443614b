"""A local store as a backend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gamify_cli.backend import Body, Change, Write
from gamify_cli.domain import instants
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import GamifyError
from gamify_cli.store.changes import Changes
from gamify_cli.store.programs import Programs
from gamify_cli.store.readings import Readings
from gamify_cli.store.session import Session
from gamify_cli.store.sweeping import Sweep

if TYPE_CHECKING:
    from gamify_cli.store.backing_up import Backups, Watch
    from gamify_cli.store.badges import BadgeStore
    from gamify_cli.store.challenges import ChallengeStore
    from gamify_cli.store.events import EventStore
    from gamify_cli.store.journal import JournalStore
    from gamify_cli.store.keys import KeyStore
    from gamify_cli.store.leaderboards import LeaderboardStore
    from gamify_cli.store.operations import OperationStore
    from gamify_cli.store.participants import ParticipantStore
    from gamify_cli.store.points import PointsStore
    from gamify_cli.store.rewards import RewardStore
    from gamify_cli.store.streaks import StreakStore
    from gamify_cli.store.tiers import TierStore
    from gamify_cli.store.verifying import Verification
    from gamify_cli.store.verifying.drifts import Drift, Fix

_Result = TypeVar("_Result")


def _session(place: Path | str, timeout: float, test_now: Instant | None) -> Session:
    if isinstance(place, Path):
        from gamify_cli.store.sqlite.session import SqliteSession

        return SqliteSession(place, timeout=timeout, test_now=test_now)
    from gamify_cli.store.postgres.session import PostgresSession

    return PostgresSession(place, timeout=timeout, test_now=test_now)


class LocalStore:
    """Implements `backend.StoreBackend` on one session; what a noun needs is loaded with it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.programs = Programs(session)
        self._changes = Changes(self._session, self.programs)
        self._readings = Readings(self._session, self.programs)

    @classmethod
    def open(
        cls, place: Path | str, *, timeout: float, test_now: Instant | None = None
    ) -> LocalStore:
        """The store in a file, or at the URL of a database; `timeout` in seconds.

        Raises StoreError, Unavailable, ImportError where the database's driver is missing.
        """
        return cls(_session(place, timeout, test_now))

    @property
    def answers_at_once(self) -> bool:
        """Whether a read by key takes microseconds; see Session."""
        return self._session.answers_at_once

    def twin(self, timeout: float) -> LocalStore:
        """The same store for another thread, the one that calls this; see Session."""
        return LocalStore(self._session.twin(timeout))

    def sharing(self) -> AbstractContextManager[None]:
        """All that is read in here is of one moment; see Session."""
        return self._session.sharing()

    def together(
        self, changes: Sequence[Change[_Result]], hold: Callable[[], object]
    ) -> Iterator[_Result | GamifyError]:
        from gamify_cli.store.together import together

        return together(self._session, changes, hold)

    def require_same_file(self) -> None:
        """Raise StoreError if the path leads to another file than the one that is open."""
        self._session.require_same_file()

    @cached_property
    def participants(self) -> ParticipantStore:
        from gamify_cli.store.participants import ParticipantStore

        return ParticipantStore(
            self._session, self.programs, self._readings, self._changes, self._sweep
        )

    @cached_property
    def points(self) -> PointsStore:
        from gamify_cli.store.points import PointsStore

        return PointsStore(self._readings, self._changes)

    @cached_property
    def badges(self) -> BadgeStore:
        from gamify_cli.store.badges import BadgeStore

        return BadgeStore(self._readings, self._changes)

    @cached_property
    def tiers(self) -> TierStore:
        from gamify_cli.store.tiers import TierStore

        return TierStore(self._readings, self._changes)

    @cached_property
    def streaks(self) -> StreakStore:
        from gamify_cli.store.streaks import StreakStore

        return StreakStore(self._readings, self._changes)

    @cached_property
    def events(self) -> EventStore:
        from gamify_cli.store.events import EventStore

        return EventStore(self._session, self.programs, self._readings, self._changes)

    @cached_property
    def challenges(self) -> ChallengeStore:
        from gamify_cli.store.challenges import ChallengeStore

        return ChallengeStore(self._readings, self._changes)

    @cached_property
    def rewards(self) -> RewardStore:
        from gamify_cli.store.rewards import RewardStore

        return RewardStore(self._session, self.programs, self._readings, self._changes)

    @cached_property
    def leaderboards(self) -> LeaderboardStore:
        from gamify_cli.store.leaderboards import LeaderboardStore

        return LeaderboardStore(self._session, self.programs)

    @cached_property
    def operations(self) -> OperationStore:
        from gamify_cli.store.operations import OperationStore

        return OperationStore(self._session, self.programs)

    @cached_property
    def keys(self) -> KeyStore:
        from gamify_cli.store.keys import KeyStore

        return KeyStore(self._session)

    @cached_property
    def journal(self) -> JournalStore:
        from gamify_cli.store.journal import JournalStore

        return JournalStore(self._session)

    @cached_property
    def _sweep(self) -> Sweep:
        return Sweep(self._session, self._changes)

    def sweep(self, write: Write, watch: Callable[[int], None] | None = None) -> Body:
        """Record all points that ran out; answer {participants, facts}.

        `watch` hears how many participants were looked at by now.
        """
        return self._sweep.run(write, watch)

    @cached_property
    def backups(self) -> Backups:
        from gamify_cli.store.backing_up import Backups

        return Backups(self._session)

    def backup(
        self, path: Path, write: Write, *, replace: bool = False, watch: Watch | None = None
    ) -> Body:
        """Write all of it to a file; see `backing_up.Backups`."""
        return self.backups.make(path, write, replace=replace, watch=watch)

    def verification(self) -> Verification:
        """A look at all of the store, beside its journal."""
        from gamify_cli.store.verifying import Verification

        return Verification(self._session)

    def repair(
        self, drifts: Iterable[Drift], write: Write, watch: Callable[[int], None]
    ) -> set[Fix]:
        """Write what the journal says in place of drifts, under an operation of its own.

        `watch` hears how many fixes were looked at. Answers those that were made.
        """
        from gamify_cli.store.verifying.repairing import Repair

        return Repair(self._session, write).run(drifts, watch)

    def now(self) -> Instant:
        return self._session.now()

    def notice(self) -> str | None:
        return self._session.notice()

    def close(self) -> None:
        self._session.close()

    def info(self) -> dict[str, Any]:
        """What `store info` shows; counts are exact, sizes in bytes with the write-ahead log."""
        session = self._session
        with session.reading():
            identity, created_at, test_clock = session.one(session.sql.FIND_STORE) or ("", 0, 0)
            (participants,) = session.one(session.sql.COUNT_PARTICIPANTS) or (0,)
            (facts,) = session.one(session.sql.COUNT_FACTS) or (0,)
            last_backup = self.backups.latest()
        return {
            "path": session.place,
            "exists": not session.missing,
            "identity": None if session.missing else identity,
            "created_at": None if session.missing else instants.text(created_at),
            "schema": session.sql.REVISION,
            "test_clock": bool(test_clock),
            "participants": participants,
            "facts": facts,
            "bytes": session.bytes(),
            "last_backup": last_backup,
        }
