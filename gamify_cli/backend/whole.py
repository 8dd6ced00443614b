"""Whole backends: what every command can ask, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from gamify_cli.backend import Answer, Body, Change, KeyRecord, Write
from gamify_cli.backend.nouns import (
    Badges,
    Challenges,
    Events,
    Leaderboards,
    Operations,
    Participants,
    Points,
    Programs,
    Rewards,
    Streaks,
    Tiers,
)
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import GamifyError

_Result = TypeVar("_Result")


class Keys(Protocol):
    """The API keys of a store."""

    def create(self, body: Body, write: Write) -> Answer:
        """Make a key; only this answer ever holds it, as `key`, and no rehearsal or replay does.

        The body has name, scope, rate_limit, expires_at (an instant), test; each but scope and
        test may be None. Raises UsageError, Conflict.
        """

    def list(self) -> Iterator[Body]:
        """Every key as it is shown, newest first."""

    def revoke(self, key_id: str, write: Write) -> Answer:
        """End a key now. Raises NotFound, Conflict."""

    def find(self, hash_: str) -> KeyRecord | None:
        """The key with this hash, whether it still counts or not."""


class Journal(Protocol):
    """All that a store is made of but its API keys: lines as `domain.journal_file` has them."""

    def dump(self) -> Iterator[Body]:
        """The header and every row, of one moment; JSON inside them is `jsontext.Kept`.

        To be closed if it is not read to its end.
        """

    def restore(
        self, lines: Iterable[Sequence[str]], write: Write, watch: Callable[[int], None]
    ) -> Body:
        """Make an empty store anew from the lines of a file, given in groups; all or nothing.

        `watch` hears how many facts there are by now. Answers how many there are of each.
        Raises UsageError for a file that is none, Conflict for a store that has anything.
        """


class Backend(Protocol):
    """Everything behind a connection profile."""

    @property
    def participants(self) -> Participants: ...

    @property
    def points(self) -> Points: ...

    @property
    def badges(self) -> Badges: ...

    @property
    def tiers(self) -> Tiers: ...

    @property
    def streaks(self) -> Streaks: ...

    @property
    def events(self) -> Events: ...

    @property
    def challenges(self) -> Challenges: ...

    @property
    def rewards(self) -> Rewards: ...

    @property
    def leaderboards(self) -> Leaderboards: ...

    @property
    def programs(self) -> Programs: ...

    @property
    def operations(self) -> Operations: ...

    def together(
        self, changes: Sequence[Change[_Result]], hold: Callable[[], object], /
    ) -> Iterator[_Result | GamifyError]:
        """What each of many changes leads to, in their order, an error of one too.

        Faster than one by one, where that can be; what is answered is durable. None of them is
        a rehearsal. After an Unavailable or a StoreError it is not known what came of those
        behind it. From a call of `hold` on, some may be made of which nothing was answered
        yet, up to the last answer.
        """

    def now(self) -> Instant:
        """The time by the clock that stamps facts."""

    def notice(self) -> str | None:
        """What explains that nothing is found there, if anything does."""

    def close(self) -> None:
        """Let go of files and connections."""


class StoreBackend(Backend, Protocol):
    """A backend that holds the data itself, and with them the keys of those who may call."""

    @property
    def keys(self) -> Keys: ...

    @property
    def journal(self) -> Journal: ...


class Served(StoreBackend, Protocol):
    """A backend that a server can share among its threads."""

    @property
    def answers_at_once(self) -> bool:
        """Whether a read by key takes microseconds, for nothing lies in between."""

    def twin(self, timeout: float) -> Served:
        """The same for another thread, the one that calls this; waits so long for locks."""

    def sharing(self) -> AbstractContextManager[None]:
        """All that is read in here shares one transaction, where that is as safe as one each."""

    def require_same_file(self) -> None:
        """Raise StoreError if what is served was removed or replaced."""
