"""A store's whole history decided again under another program; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, cast

import orjson

from gamify_cli.backend import Body, SimulatedPart
from gamify_cli.domain import simulating, views
from gamify_cli.domain.again import Recorded, again, is_reversed, reversals
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program
from gamify_cli.domain.program_diff import succeed
from gamify_cli.store import quickly, ranges, records
from gamify_cli.store.programs import Programs
from gamify_cli.store.ranges import Range
from gamify_cli.store.session import UNLIMITED, Row, Session

MOST = 10_000
"""Facts in an answer that somebody waits for: a fraction of a second."""


class Plan(NamedTuple):
    """The document of a program, for what was recorded `since` a time; all reads as it does `now`.

    It names what the program in force has and it has not, as inactive.
    """

    document: Body
    since: Instant
    now: Instant


def simulate(
    session: Session, document: Body, since: Instant | None
) -> Generator[SimulatedPart, None, None]:
    """All parts, decided by all cores where that is worth it."""
    with session.reading():
        plan = _plan(session, document, since)
        (all_facts,) = session.one(session.sql.COUNT_FACTS) or (0,)
    facts, processes = 0, ranges.cores() if all_facts >= ranges.WORTH_IT else 1
    with closing(ranges.each(session, partial(_started, plan), processes)) as parts:
        for part in parts:
            facts += part.facts
            yield part._replace(share=min(1, facts / all_facts) if all_facts else None)


def simulate_some(
    session: Session, document: Body, since: Instant | None, first: str
) -> SimulatedPart:
    """The part that begins with an id, so small that nobody waits long for it."""
    with session.reading():
        simulator = Simulator(session, _plan(session, document, since))
        return simulator.part(next(ranges.ranges(session, first)), MOST)


def _plan(session: Session, document: Body, since: Instant | None) -> Plan:
    return Plan(succeed(Programs(session).current().document, document), since or 0, session.now())


def _started(plan: Plan, session: Session) -> ranges.Work[SimulatedPart]:
    return Simulator(session, plan).part


class Simulator:
    """Decides participants again, on one session within a reading."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self._session = session
        self._since, self._now = plan.since, plan.now
        programs = Programs(session)
        self._own, self._current = programs.by_version(), programs.current()
        self._other = Program(self._current.version + 1, plan.document)

    def part(self, range_: Range, most: int = UNLIMITED) -> SimulatedPart:
        """What changes in a range, or in the first of it, up to so many facts or little more."""
        session, asked, tally = self._session, range_._asdict(), _Tally()
        rows = session.rows(session.sql.RANGE_PARTICIPANTS, asked)
        people = {row[0]: records.participant(row, orjson.loads) for row in rows}
        following = None if range_.end == ranges.LAST else range_.end
        with closing(cast(Any, session.stream(session.sql.RANGE_ROOTS, asked))) as roots:
            for one, journal in groupby(roots, itemgetter(0)):
                if tally.facts >= most:
                    following = one
                    break
                if one in people:
                    self._decide(people[one], map(_recorded, journal), tally)
        return tally.part(following)

    def _decide(self, stored: Participant, journal: Iterable[Recorded], tally: _Tally) -> None:
        if stored.erased_at is not None:
            # What was decided on is gone from its facts.
            tally.erased += 1
            return
        lines, own = list(journal), self._own
        reversed_ = reversals(lines)
        left_out = partial(is_reversed, found=reversed_)
        one = stored.participant_id
        result = again(one, lines, own=own, under=self._under, left_out=left_out)
        if reversed_:
            # What undo clamped or refused is so under any program.
            simulating.forget(result, again(one, lines, own=own, left_out=left_out))
        now, is_ = self._now, views.as_at(stored, self._current, self._now)
        other = self._other if self._since <= now else self._current
        then = views.as_at(result.participant, other, now)
        tally.add(is_, simulating.change(is_, result, then, now))

    def _under(self, root: Recorded) -> Program:
        is_old = root.recorded_at < self._since
        return self._own(root.program) if is_old else self._other


class _Tally:
    """What adds up to a part."""

    def __init__(self) -> None:
        self.facts = self.erased = 0
        self._participants = 0
        self._stored: Counter[str] = Counter()
        self._changed: list[Body] = []

    def add(self, stored: Participant, change: Body | None) -> None:
        self._participants += 1
        self.facts += stored.version
        for name, amount in simulating.amounts(stored).items():
            self._stored[name] += amount
        if change:
            self._changed.append(change)

    def part(self, following: str | None) -> SimulatedPart:
        stored = dict(self._stored)
        counts = (self._participants, self.facts, self.erased)
        return SimulatedPart(*counts, stored, self._changed, following)


def _recorded(row: Row) -> Recorded:
    _, number, kind, data, occurred_at, *how = row
    return Recorded(Fact(number, kind, quickly.read(data), occurred_at), *how)
