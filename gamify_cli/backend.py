"""The port: what every command can ask, whatever stands behind it.

One protocol a noun. A call on several participants takes their ids in order and yields, in
that order, a body or the error of that one, so that one failure never stops the others.
All raise the errors of `gamify_cli.errors`; which, stands at each method.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

from gamify_cli.domain.instants import Instant
from gamify_cli.errors import (
    Conflict,
    GamifyError,
    NoRoute,
    NotFound,
    UsageError,
    WrongMethod,
)

Body = dict[str, Any]
Each = Iterator[Body | GamifyError]


def answered(result: Body | GamifyError) -> Body:
    """What was answered for one; raises its error."""
    if isinstance(result, GamifyError):
        raise result
    return result


def only(each: Each) -> Body:
    """What was answered for the one that was asked for; raises its error."""
    return answered(next(each))


def or_failure(ask: Callable[[str], Body]) -> Callable[[str], Body | GamifyError]:
    """A question about one of several: what concerns it alone is answered, not raised."""

    def answer(one: str) -> Body | GamifyError:
        try:
            return ask(one)
        except (NoRoute, WrongMethod):
            raise
        except (UsageError, NotFound, Conflict) as error:
            return error

    return answer


Page = Generator[Body, None, str | None]
"""Bodies up to the query's limit; it returns the cursor that goes on, None where nothing follows.

To be closed if it is not read to its end.
"""
Outcome = Literal[
    "created",
    "updated",
    "activated",
    "deactivated",
    "awarded",
    "deducted",
    "assigned",
    "rewarded",
    "loaded",
    "ticked",
    "restored",
    "recorded",
    "enrolled",
    "applied",
    "revoked",
    "removed",
    "unchanged",
    "replayed",
]


MAX_COMMAND = 2_000


class Operation(NamedTuple):
    """Who does what: kept with every fact. `shared` if it is on several participants."""

    operation: str
    command: str
    actor: str
    shared: bool = False

    @classmethod
    def new(cls, command: str, actor: str) -> Operation:
        """One with an id that nothing else has; `command` has at most MAX_COMMAND characters."""
        return cls(f"op_{os.urandom(12).hex()}", command, actor)


class Write(NamedTuple):
    """How a change is to be made.

    The answer to an `idempotency_key` is kept, and given again to the same request; a
    `dry_run` decides and answers but writes nothing.
    """

    operation: Operation
    idempotency_key: str | None = None
    dry_run: bool = False


class Answer(NamedTuple):
    """What a change led to; a rehearsal has the profiles before and after, None if unknown."""

    body: Body
    outcome: Outcome
    before: Body | None = None
    after: Body | None = None


class Entry(NamedTuple):
    """One of many inputs, with a body as `Participants.create` or `Events` takes it."""

    line: int
    participant_id: str
    body: Body
    idempotency_key: str | None = None


class Source(NamedTuple):
    """What is imported: `hash` is the SHA-256 of the file, None for a stream.

    `resume` if an import that was cut short goes on.
    """

    hash: str | None = None
    resume: bool = False


class Imported(NamedTuple):
    """What one input led to: created, updated or unchanged; a recorded event is created."""

    outcome: Outcome
    event_id: str | None = None


class Importer(Protocol):
    """One import: one operation, one instant; a rehearsal remembers what it has seen."""

    @property
    def operation(self) -> str:
        """The id of its operation."""

    @property
    def now(self) -> Instant:
        """When all of it happens, unless an input says otherwise."""

    @property
    def done(self) -> int:
        """Input lines that were done before it was resumed, 0 otherwise."""

    def record(
        self, entries: Sequence[Entry | GamifyError], lines: int
    ) -> Iterator[Imported | GamifyError]:
        """What came of each of a group, which is durable; an error stays one.

        `lines` is the number of the last input line it covers. Each fails as it would alone,
        and no other with it.
        """

    def finish(self) -> None:
        """All of the input is done."""


_Result = TypeVar("_Result")
_Result_co = TypeVar("_Result_co", covariant=True)


class Change(NamedTuple, Generic[_Result_co]):
    """A change to be made by a call of `make`, which may come more than once.

    `participant_id` is the one that it is on, None if that cannot be told. One `in_turn` finds
    all made that stand before it, since it takes what others want, too.
    """

    make: Callable[[], _Result_co]
    participant_id: str | None = None
    in_turn: bool = False


def attempt(change: Change[_Result]) -> _Result | GamifyError:
    """What a change leads to, or the error that it raises."""
    try:
        return change.make()
    except GamifyError as error:
        return error


class ListQuery(NamedTuple):
    """Which participants, in which order; `after` is the cursor that ended the page before."""

    text: str | None = None
    attributes: Mapping[str, Any] = MappingProxyType({})
    tier: str | None = None
    where: tuple[tuple[str, str, int], ...] = ()
    seen_before: Instant | None = None
    active: bool | None = None
    sort: str = "participant_id"
    descending: bool = False
    after: str | None = None
    limit: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it asks for everyone, by id."""
        return self == ListQuery(after=self.after, limit=self.limit)


Exported = Literal["profile", "state", "row"]
"""What an export has of each participant."""


class HistoryQuery(NamedTuple):
    """Which facts of a participant, newest first; `before` is a number, the times are inclusive."""

    kinds: tuple[str, ...] = ()
    since: Instant | None = None
    until: Instant | None = None
    before: int | None = None
    limit: int | None = None


class Participants(Protocol):
    """Participants and their own data."""

    def create(
        self, participant_id: str, body: Body, write: Write, *, if_not_exists: bool
    ) -> Answer:
        """Register, or replace the members given. Raises UsageError, Conflict."""

    def update(
        self, participant_id: str, body: Body, write: Write, *, if_match: int | None
    ) -> Answer:
        """Edit the members given. Raises UsageError, NotFound, Conflict."""

    def set_active(self, participant_id: str, active: bool, write: Write) -> Answer:
        """Let it interact, or no longer. Raises UsageError, NotFound."""

    def importer(self, write: Write, source: Source) -> Importer:
        """To create or replace many; raises NotFound, Conflict where nothing can be resumed."""

    def profiles(self, ids: Sequence[str], at: Instant | None = None) -> Each:
        """The profile of each; as of a time by what had occurred, or as a forecast for it."""

    def cards(self, ids: Sequence[str], at: Instant | None = None) -> Each:
        """The same with how the challenges stand, for people; `at` as for profiles."""

    def states(self, ids: Sequence[str], include: Sequence[str], at: Instant | None = None) -> Each:
        """The chosen sections of each one's state; `at` as for profiles."""

    def list(self, query: ListQuery, settling: Write) -> Page:
        """Rows in the query's order; what is due is settled first, under `settling`.

        Raises UsageError for a cursor of another list.
        """

    def export(self, query: ListQuery, shape: Exported, settling: Write) -> Iterator[Body]:
        """A body of each as `list` has them, all of one moment on a store, page by page elsewhere.

        Attributes are `jsontext.Kept`. To be closed if it is not read to its end.
        """

    def count(self, query: ListQuery, settling: Write) -> int:
        """How many there are on all pages together."""

    def history(self, participant_id: str, query: HistoryQuery) -> Page:
        """The facts of one participant. Raises UsageError, NotFound."""

    def complete(self, prefix: str, limit: int) -> Sequence[str]:
        """Ids that begin so, in order: the first ones and, if those are not all, the last."""


class Points(Protocol):
    """Points and the lots that hold them.

    A body has amount and where given reason, metadata, expires_at, occurred_at; times are
    instants. Writes raise UsageError, Conflict.
    """

    def award(self, participant_id: str, body: Body, write: Write) -> Answer:
        """Add points; the participant is created if it is unknown."""

    def deduct(self, participant_id: str, body: Body, write: Write) -> Answer:
        """Spend points. Raises Rejected, too."""

    def balances(self, ids: Sequence[str], at: Instant | None = None) -> Each:
        """The balance of each, with its totals; `at` as for profiles."""

    def expiring(self, ids: Sequence[str], by: Instant | None) -> Each:
        """What of each runs out by a time, in 30 days by default."""

    def transactions(self, participant_id: str, query: HistoryQuery) -> Page:
        """What moved the points of one participant. Raises UsageError, NotFound."""


class Badges(Protocol):
    """Badges, earned or not."""

    def award(self, participant_id: str, code: str, body: Body, write: Write) -> Answer:
        """Give one by hand. Raises UsageError, NotFound for its code, Conflict."""

    def list(self, ids: Sequence[str], *, earned_only: bool) -> Each:
        """Those of each participant."""


class Tiers(Protocol):
    """Tiers, reached or assigned."""

    def show(self, ids: Sequence[str]) -> Each:
        """The tier of each, the next one, and how it came there."""

    def assign(self, participant_id: str, code: str, body: Body, write: Write) -> Answer:
        """Put one in a tier by hand. Raises UsageError, NotFound for its code, Conflict."""


class Programs(Protocol):
    """Programs by version, from 1; the newest is in force.

    A document is the normalised program file; `inactive` has the definitions that were dropped.
    """

    def apply(self, document: Body, write: Write) -> Answer:
        """Put a program in force, unless it is already; `before`, `after` are documents.

        Raises Conflict.
        """

    def compare(self, document: Body) -> Answer:
        """What applying it would lead to; writes nothing."""

    def at(self, version: int | None = None) -> Body:
        """One document with its version, or the one in force. Raises NotFound."""

    def versions(self) -> Iterator[Body]:
        """Every document with its version, newest first."""


class Streaks(Protocol):
    """Streaks, their ticks, and what an operator brings back."""

    def record(
        self, participant_id: str, code: str, timestamp: Instant | None, write: Write
    ) -> Answer:
        """Tick one, once a period. Raises UsageError, NotFound for its code, Conflict."""

    def restore(self, participant_id: str, code: str, reason: str, write: Write) -> Answer:
        """Bring back one that lapsed. Raises UsageError, NotFound, Conflict."""

    def list(self, ids: Sequence[str], at: Instant | None = None) -> Each:
        """Those of each participant; `at` as for profiles."""


class Events(Protocol):
    """Events, and what they earned.

    A body has event_name and where given properties, timestamp (an instant).
    """

    def record(self, participant_id: str, body: Body, write: Write) -> Answer:
        """Record one with all that it earns. Raises UsageError, Conflict."""

    def list(self, participant_id: str, query: HistoryQuery, event_name: str | None) -> Page:
        """Those of one participant, of one name or all; `kinds` are left aside.

        Raises UsageError, NotFound.
        """

    def importer(self, write: Write, source: Source) -> Importer:
        """To record many, each under its own key if it has one.

        Raises NotFound, Conflict where nothing can be resumed.
        """


class Challenges(Protocol):
    """Challenges, and who enrolled in them."""

    def enroll(self, participant_id: str, code: str, write: Write) -> Answer:
        """Enrol one participant, once. Raises UsageError, NotFound for its code, Conflict."""

    def list(self, ids: Sequence[str], at: Instant | None = None) -> Each:
        """Those that each participant enrolled in; `at` as for profiles."""


class Rewards(Protocol):
    """Rewards, and who claimed them."""

    def list(self, type_: str | None) -> Body:
        """What can be claimed, of one type or of all, with how many are left."""

    def claim(self, participant_id: str, reward_id: str, pay: bool, write: Write) -> Answer:
        """Hand one out, for its points if `pay` is set.

        Raises UsageError, NotFound for its id, Conflict, Rejected.
        """

    def load_codes(
        self, reward_id: str, codes: Iterable[Sequence[str]], fingerprint: str, write: Write
    ) -> Answer:
        """Add checked codes, given in groups, to the stock: all of them or none.

        `fingerprint` tells them from others. Raises NotFound, Conflict.
        """

    def history(self, participant_id: str, query: HistoryQuery, type_: str | None) -> Body:
        """What one participant claimed, newest first. Raises UsageError, NotFound."""


class Leaderboards(Protocol):
    """Who is ahead; the period is the leaderboard's own for None. Raise NotFound for its code."""

    def show(self, code: str, period: str | None, *, dense: bool, limit: int) -> Body:
        """The best in their order, with ranks that leave no gap after ties if `dense`."""

    def rank(self, participant_id: str, code: str, period: str | None) -> Body:
        """Where one stands. Raises UsageError, NotFound also for one who is not ranked."""


class KeyRecord(NamedTuple):
    """What is kept of an API key; `hash` is as `domain.keys.fingerprint` makes it.

    `rate_limit` is how many requests it has in 60 seconds, None for no limit; one that never
    expires, or is not revoked, has None there.
    """

    key_id: str
    name: str | None
    scope: str
    rate_limit: int | None
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    hash: str


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
