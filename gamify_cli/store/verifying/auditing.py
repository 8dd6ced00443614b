"""One range of participants, read and replayed: the work of each process, and its hottest loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from gamify_cli.domain.facts import PROFILE_CHANGED, REGISTERED, REVERSED, REWARD_CLAIMED, Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.domain.reversing import Reversal
from gamify_cli.errors import StoreError
from gamify_cli.store import quickly, ranges, records
from gamify_cli.store.ranges import Range
from gamify_cli.store.requests import ERASED, TOMBSTONE
from gamify_cli.store.session import Row, Session
from gamify_cli.store.verifying import drifts
from gamify_cli.store.verifying.drifts import Drift
from gamify_cli.store.verifying.findings import Claim, Findings, Taken

BROKEN = (ArithmeticError, AttributeError, LookupError, StoreError, TypeError, ValueError)
"""What comes of JSON that no gamify wrote."""

_FREE = frozenset((REGISTERED, PROFILE_CHANGED, REVERSED))
"""The kinds of facts that are folded with members that hold any JSON."""

_OF_WHOM = itemgetter(0)
_VERSION = records.COLUMNS.index("version")


class Auditor:
    """Compares what is stored with what the journal says, on one session within a reading."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._now = session.now()
        sql = session.sql
        self._operations = frozenset(row[0] for row in session.rows(sql.VERIFY_OPERATIONS))
        self._programs = frozenset((None, *(row[0] for row in session.rows(sql.DUMP_PROGRAMS))))

    @classmethod
    def start(cls, session: Session) -> Callable[[Range], Findings]:
        """The work of each process, as `ranges` has it."""
        return cls(session).audit

    def audit(self, range_: Range) -> Findings:
        """All of a range: rows, journals and requests. Raises StoreError for a damaged file."""
        if not range_.first:
            self._session.require_sound()
        found, session, asked = Findings(), self._session, range_._asdict()
        rows = {row[0]: row for row in session.rows(session.sql.VERIFY_PARTICIPANTS, asked)}
        found.participants = len(rows)
        for one, facts in groupby(session.stream(session.sql.VERIFY_FACTS, asked), _OF_WHOM):
            found.drifts += self._compared(one, rows.pop(one, None), facts, found)
        for one, row in rows.items():
            found.is_whole = False
            found.drifts.append(Drift(one, "version", row[_VERSION], None))
        found.drifts += _of_requests(session.stream(session.sql.VERIFY_REQUESTS, asked))
        found.drifts.sort(key=lambda drift: drift.participant_id or "")
        return found

    def replayed(self, one: str, found: Findings) -> Participant | None:
        """What the journal of a participant makes; None where it lacks something."""
        asked = Range(one, ranges.after(one))._asdict()
        replayed = Participant(one)
        facts = self._session.rows(self._session.sql.VERIFY_FACTS, asked)
        return replayed if self._follow(replayed, facts, found) and replayed.version else None

    def _compared(
        self, one: str, row: Row | None, facts: Iterable[Row], found: Findings
    ) -> Iterator[Drift]:
        """The drifts of a row, None if there is none; those of the journal go to what is found."""
        replayed = Participant(one)
        # A journal that lacks something is no measure for the row.
        is_whole = self._follow(replayed, facts, found)
        found.is_whole = found.is_whole and is_whole
        if row is None:
            fix = drifts.row_fix(one) if is_whole else None
            yield Drift(one, "version", None, replayed.version, fix)
        elif is_whole:
            yield from drifts.of_row(row, replayed, self._now)

    def _follow(self, replayed: Participant, facts: Iterable[Row], found: Findings) -> bool:
        """Fold facts in, count them, look at what they name; whether none is missing or broken."""
        number = latest = count = 0
        row, is_whole = None, True
        known, shared, taken = self._operations, dict[str, int](), Taken()
        for row in facts:
            count += 1
            number += 1
            if not self._is_placed(row, number, latest):
                found.drifts += _misplaced(row, number, latest, self._programs)
                is_whole = is_whole and row[1] == number
            is_whole = _fold(replayed, row, found, taken) and is_whole
            _, number, _, _, _, _, latest, operation, needs, _ = row
            if operation in known:
                shared[operation] = shared.get(operation, 0) + 1
            elif needs:
                found.drifts.append(_of_fact(row, "operation", operation))
        replayed.recorded_at = latest
        found.facts += count
        found.count(shared)
        found.claims.update(taken.counting())
        return is_whole and not (row and _is_ahead(row, found))

    def _is_placed(self, row: Row, number: int, latest: Instant) -> bool:
        """Whether a fact may come as that number, after one that was recorded then."""
        _, stored, kind, _, _, cause, recorded_at, _, _, program = row
        return (
            stored == number
            and recorded_at >= latest
            and program in self._programs
            and (cause is None or _is_cause(cause, number, kind))
        )


def _fold(replayed: Participant, row: Row, found: Findings, taken: Taken) -> bool:
    """Fold a fact in, and tell a claim; whether the fact can be read."""
    _, number, kind, data, occurred_at, cause, *_ = row
    try:
        value = quickly.read(data) if kind in _FREE else orjson.loads(data)
        evolve(replayed, Fact(number, kind, value, occurred_at, cause))
        if kind == REWARD_CLAIMED:
            _claimed(row, value, found, taken)
        elif kind == REVERSED:
            taken.reversals.append(Reversal(number, row[7], value))
            found.reversed(value["operation"], row[7])
    except BROKEN:
        found.drifts.append(_of_fact(row, "data", data))
        return False
    return True


def _is_ahead(last: Row, found: Findings) -> bool:
    """Whether the last fact was for the sake of one that is missing behind it."""
    if last[5] is None or last[5] <= last[1]:
        return False
    found.drifts.append(_of_fact(last, "cause", last[5]))
    return True


def _of_fact(row: Row, column: str, stored: Any, replayed: Any = None) -> Drift:
    """What is wrong with a fact, which nothing can set right."""
    shown = drifts.shown(stored)
    return Drift(row[0], f"journal.{row[1]}.{column}", shown, replayed)


def _misplaced(
    row: Row, number: int, latest: Instant, programs: frozenset[int | None]
) -> Iterator[Drift]:
    """What is wrong with the place of a fact that should have that number."""
    _, stored, kind, _, _, cause, recorded_at, _, _, program = row
    if stored != number:
        yield _of_fact(row, "number", stored, number)
    if recorded_at < latest:
        yield _of_fact(row, "recorded_at", recorded_at, latest)
    if cause is not None and not _is_cause(cause, stored, kind):
        yield _of_fact(row, "cause", cause)
    if program not in programs:
        yield _of_fact(row, "program", program)


def _is_cause(cause: int, number: int, kind: str) -> bool:
    """Whether it comes before; what somebody new did comes right after they are registered."""
    return 0 < cause < number or (kind == REGISTERED and cause == number + 1)


def _claimed(row: Row, data: dict[str, Any], found: Findings, taken: Taken) -> None:
    if "code" in data:
        code = (data["reward"], data["code"])
        found.codes.append((code, Claim(data["id"], row[0], row[7])))
    else:
        taken.claims.append((row[1], row[7], (data["reward"], row[9])))


def _of_requests(rows: Iterable[Row]) -> Iterator[Drift]:
    """Answers that nobody can read, and those of participants who are unknown.

    What is of no participant has an empty id there, what was erased no answer.
    """
    for one, operation, key, answer, is_unknown in rows:
        field = f"requests.{operation}.{key}"
        if answer != ERASED and not _is_object(answer):
            shown = drifts.shown(answer)
            yield Drift(one or None, f"{field}.answer", shown, None)
        if is_unknown and one and not one.startswith(TOMBSTONE):
            yield Drift(one, f"{field}.participant_id", one, None)


def _is_object(answer: str) -> bool:
    try:
        return isinstance(orjson.loads(answer), dict)
    except ValueError:
        return False
