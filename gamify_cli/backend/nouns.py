"""The nouns a backend answers for, one protocol each.

A call on several participants takes their ids in order and yields, in that order, a body or
the error of that one, so that one failure never stops the others.
All raise the errors of `gamify_cli.errors`; which, stands at each method.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from gamify_cli.backend import (
    NOW,
    Answer,
    Body,
    Each,
    Entry,
    Exported,
    HistoryQuery,
    Imported,
    ListQuery,
    OperationQuery,
    Page,
    SimulatedPart,
    Source,
    When,
    Write,
)
from gamify_cli.domain.explain.asked import Asked
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import GamifyError


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

    def erase(self, participant_id: str, new_id: bool, write: Write) -> Answer:
        """Take what is personal away for good, with `new_id` the id, too.

        The answer is a receipt: participant_id as it is called now, erased_at, how many facts
        and command lines lost something, and the backups that still hold it.
        Raises UsageError, NotFound.
        """

    def bundle(self, participant_id: str) -> Body:
        """Everything that is known about one. Raises UsageError, NotFound."""

    def importer(self, write: Write, source: Source) -> Importer:
        """To create or replace many; raises NotFound, Conflict where nothing can be resumed."""

    def profiles(self, ids: Sequence[str], when: When = NOW) -> Each:
        """The profile of each, as of a time if that is asked for."""

    def cards(self, ids: Sequence[str], when: When = NOW) -> Each:
        """The same with how the challenges stand, for people."""

    def states(self, ids: Sequence[str], include: Sequence[str], when: When = NOW) -> Each:
        """The chosen sections of each one's state."""

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

    def explain(self, participant_id: str, asked: Asked) -> Body:
        """The tree of facts behind a value of one participant, or behind all of them at a glance.

        Raises UsageError, NotFound also for a code, a claim or an event that is not there.
        """

    def diff(self, participant_id: str, since: Instant, until: Instant | None) -> Body:
        """What became of one from a time to another, now by default, and the facts between.

        Raises UsageError, NotFound for one that is unknown at both.
        """

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

    def balances(self, ids: Sequence[str], when: When = NOW) -> Each:
        """The balance of each, with its totals."""

    def expiring(self, ids: Sequence[str], by: Instant | None, when: When = NOW) -> Each:
        """What of each runs out by a time, in 30 days from then by default."""

    def transactions(self, participant_id: str, query: HistoryQuery) -> Page:
        """What moved the points of one participant. Raises UsageError, NotFound."""


class Badges(Protocol):
    """Badges, earned or not."""

    def award(self, participant_id: str, code: str, body: Body, write: Write) -> Answer:
        """Give one by hand. Raises UsageError, NotFound for its code, Conflict."""

    def list(self, ids: Sequence[str], when: When = NOW, *, earned_only: bool) -> Each:
        """Those of each participant."""


class Tiers(Protocol):
    """Tiers, reached or assigned."""

    def show(self, ids: Sequence[str], when: When = NOW) -> Each:
        """The tier of each, the next one, and how it came there."""

    def assign(self, participant_id: str, code: str, body: Body, write: Write) -> Answer:
        """Put one in a tier by hand. Raises UsageError, NotFound for its code, Conflict."""


class Streaks(Protocol):
    """Streaks, their ticks, and what an operator brings back."""

    def record(
        self, participant_id: str, code: str, timestamp: Instant | None, write: Write
    ) -> Answer:
        """Tick one, once a period. Raises UsageError, NotFound for its code, Conflict."""

    def restore(self, participant_id: str, code: str, reason: str, write: Write) -> Answer:
        """Bring back one that lapsed. Raises UsageError, NotFound, Conflict."""

    def list(self, ids: Sequence[str], when: When = NOW) -> Each:
        """Those of each participant."""


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

    def list(self, ids: Sequence[str], when: When = NOW) -> Each:
        """Those that each participant enrolled in."""


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

    def show(
        self, code: str, period: str | None, when: When = NOW, *, dense: bool, limit: int
    ) -> Body:
        """The best in their order, with ranks that leave no gap after ties if `dense`."""

    def rank(self, participant_id: str, code: str, period: str | None, when: When = NOW) -> Body:
        """Where one stands. Raises UsageError, NotFound also for one who is not ranked."""


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

    def simulate(self, document: Body, since: Instant | None) -> Iterator[SimulatedPart]:
        """What it makes of all that was recorded since a time, decided again; writes nothing.

        All of a part is of one moment. To be closed if it is not read to its end.
        """

    def simulate_some(self, document: Body, since: Instant | None, first: str) -> SimulatedPart:
        """The part of it that begins with an id, none for the first one."""

    def at(self, version: int | None = None) -> Body:
        """One document with its version, or the one in force. Raises NotFound."""

    def versions(self) -> Iterator[Body]:
        """Every document with its version, newest first."""


class Operations(Protocol):
    """What was done: the journal by the command that wrote it."""

    def list(self, query: OperationQuery) -> Page:
        """Operations that left anything. Raises UsageError, NotFound for a participant."""

    def show(self, operation: str) -> Body:
        """One of them by its id. Raises NotFound."""

    def undo(self, operation: str, on_short: str, write: Write) -> Answer:
        """Reverse what one did, or the next part of that; `complete` tells whether it was the last.

        A rehearsal tells of all of it. Where points are spent already, it refuses for `on_short`
        "refuse", and takes back what there is for "clamp". Raises NotFound, Conflict for what
        cannot be undone, Rejected.
        """
