"""The port: what every command can ask, and what it is answered, whatever stands behind it.

The protocols are in `nouns`, one a noun, and in `whole`; they are for type checkers, and no
command waits for them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from gamify_cli.domain.instants import Instant
from gamify_cli.errors import (
    Conflict,
    GamifyError,
    NoRoute,
    NotFound,
    UsageError,
    WrongMethod,
)

if TYPE_CHECKING:
    from gamify_cli.domain.decide.profile import Registration

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
    "erased",
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
    "undone",
    "unchanged",
    "replayed",
]


_UNDOABLE: frozenset[Outcome] = frozenset(
    (
        *("created", "updated", "activated", "deactivated", "awarded", "deducted"),
        *("assigned", "rewarded", "ticked", "restored", "recorded", "enrolled"),
    )
)

MAX_COMMAND = 2_000


class When(NamedTuple):
    """What a reading is of: the state at a time, by what was known at a time; None is now.

    Facts that occurred after `at` are left out, and those recorded after `known_at`; a time to
    come is a forecast.
    """

    at: Instant | None = None
    known_at: Instant | None = None


NOW = When()


class Operation(NamedTuple):
    """Who does what: kept with every fact. `shared` if it is on several participants."""

    operation: str
    command: str
    actor: str
    shared: bool = False

    @classmethod
    def new(cls, command: str, actor: str) -> Operation:
        """One with an id that nothing else has; `command` has at most MAX_COMMAND characters.

        Ids are in the order of time: the first 12 of their 24 hex digits are milliseconds.
        """
        milliseconds = time.time_ns() // 1_000_000
        return cls(f"op_{milliseconds:012x}{os.urandom(6).hex()}", command, actor)


class Write(NamedTuple):
    """How a change is to be made.

    The answer to an `idempotency_key` is kept, and given again to the same request; a
    `dry_run` decides and answers but writes nothing.
    """

    operation: Operation
    idempotency_key: str | None = None
    dry_run: bool = False


class Answer(NamedTuple):
    """What a change led to; a rehearsal has the profiles before and after, None if unknown.

    `operation` is what a server calls the operation; on a store it has the id that was given.
    """

    body: Body
    outcome: Outcome
    before: Body | None = None
    after: Body | None = None
    operation: str | None = None

    @property
    def can_be_undone(self) -> bool:
        """Whether it changed a participant, in a way that `operations undo` takes back."""
        return self.outcome in _UNDOABLE


class Entry(NamedTuple):
    """One of many inputs, with a body as `Participants.create` or `Events` takes it.

    The body of one who may be new can stand there checked, in the texts that are kept.
    """

    line: int
    participant_id: str
    body: Body | Registration
    idempotency_key: str | None = None

    @property
    def given(self) -> Body:
        """The members that were given."""
        return self.body if isinstance(self.body, dict) else self.body.body


class Source(NamedTuple):
    """What is imported: `hash` is the SHA-256 of the file, None for a stream.

    `resume` if an import that was cut short goes on.
    """

    hash: str | None = None
    resume: bool = False


class SimulatedPart(NamedTuple):
    """What another program makes of some participants, in the order of their ids.

    `facts` are those of all of them, `stored` their amounts together, `changed` a `simulated`
    body of each that changes; so many more were `erased`, and are not decided. The next part
    begins at the id `following`, None if this was the last; `share` of all is done, where that
    is known.
    """

    participants: int
    facts: int
    erased: int
    stored: Mapping[str, int]
    changed: list[Body]
    following: str | None
    share: float | None = None


class Imported(NamedTuple):
    """What one input led to: created, updated or unchanged; a recorded event is created."""

    outcome: Outcome
    event_id: str | None = None


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


class OperationQuery(NamedTuple):
    """Which operations, newest first: of everyone or one participant, after a cursor."""

    participant_id: str | None = None
    after: str | None = None
    limit: int | None = None


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
