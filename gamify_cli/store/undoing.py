"""Undo of an operation of a store: batch by batch, each a transaction with how far it came."""

from __future__ import annotations

import gc
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter

from gamify_cli.backend import Answer, Body, Write
from gamify_cli.domain import jsontext, undoing, views
from gamify_cli.domain.again import Programs as OwnPrograms
from gamify_cli.domain.again import Recorded
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.facts import REWARD_CLAIMED, Fact
from gamify_cli.domain.undoing import Undone
from gamify_cli.errors import Conflict, Erased
from gamify_cli.store import records
from gamify_cli.store.changes import new_id
from gamify_cli.store.programs import Programs
from gamify_cli.store.requests import UNDO, KeptRequest
from gamify_cli.store.session import Row, Session
from gamify_cli.store.undone import Target, Told

_KIND, _OPERATION = 2, 7
"""Where these stand among the columns of FIND_JOURNALS."""

MOST = 20_000
"""Facts that a batch reads, but for a participant that has more alone."""


def kept_undo(session: Session, operation: str, write: Write, *, refuses: bool) -> KeptRequest:
    """What an undo was answered under its key."""
    request = {"operation": operation, "refuses": refuses}
    return KeptRequest(session, "", UNDO, request, write)


class Undo:
    """One undo of a target, on one session.

    Where points are spent that it would take back, it `refuses`, or takes what there is.
    """

    def __init__(
        self, session: Session, programs: Programs, target: Target, write: Write, *, refuses: bool
    ) -> None:
        self._session = session
        self._programs = programs
        self._target = target
        self._write = write
        self._refuses = refuses

    def make(self) -> Answer:
        """The next batch, or all of it as a rehearsal. Raises Conflict, Rejected."""
        work = self._rehearsed if self._write.dry_run else self._made
        was_collecting = gc.isenabled()
        # Of thousands of participants nothing goes in circles, and looking takes half the time.
        gc.disable()
        try:
            return self._session.change(work, self._write)
        finally:
            if was_collecting:
                gc.enable()

    def _rehearsed(self) -> Answer:
        target, told, alone = self._target, Told(self._target, None), None
        stock, given_back = Counter[str](), self._given_back()
        for ids in self._batches(target.after):
            for undone in self._undone(ids, told):
                alone = undone if target.participants == 1 else None
                stock.update(given_back(undone))
        self._require_left(stock)
        told.require_some()
        if self._refuses:
            told.require_enough()
        before, after = _profiles(alone.decision) if alone else (None, None)
        return Answer(told.body(complete=True), "undone", before, after)

    def _made(self) -> Answer:
        kept = kept_undo(self._session, self._target.operation, self._write, refuses=self._refuses)
        if replay := kept.answer():
            return replay
        target = self._target = self._target.locked(self._session)
        operation = target.undoing or self._write.operation.operation
        self._write = self._write._replace(
            operation=self._write.operation._replace(operation=operation)
        )
        told = Told(target, operation)
        ids, is_last = self._next(target.after)
        if self._refuses and not (is_last or target.undoing):
            self._require_enough()
        every = list(self._undone(ids, told))
        if self._refuses:
            told.require_enough()
        if is_last and not target.undoing:
            told.require_some()
        self._save(every)
        target.keep(self._session, self._write.operation, told, ids, is_last=is_last)
        answer = Answer(told.body(complete=is_last), "undone")
        kept.keep(answer, 200, self._session.now())
        return answer

    def _require_enough(self) -> None:
        """Look at all before anything is written; one who spent nothing cannot be short of it.

        What an undo took back may be a debit.
        """
        told, spent = Told(self._target, None), int(not self._target.is_undo)
        for ids in self._batches("", spent):
            # What it told of each is enough.
            deque(self._undone(ids, told, locked=False), maxlen=0)
        told.require_enough()

    def _batches(self, after: str, spent: int = 0) -> Iterator[list[str]]:
        is_last = False
        while not is_last:
            ids, is_last = self._next(after, spent)
            yield ids
            after = ids[-1] if ids else after

    def _next(self, after: str, spent: int = 0) -> tuple[list[str], bool]:
        """The next ones that are concerned, and whether those are the last."""
        target = self._target
        if target.only is not None:
            return [target.only], True
        asked = {"after": after, "spent": spent, "limit": MOST + 1}
        asked |= {"operation": target.operation, "since": target.since}
        rows = list(self._session.rows(self._session.sql.FIND_CONCERNED, asked))
        facts, ids = 0, list[str]()
        for one, version in rows[:MOST]:
            facts += version
            if ids and facts > MOST:
                break
            ids.append(one)
        return ids, len(ids) == len(rows)

    def _undone(self, ids: Sequence[str], told: Told, *, locked: bool = True) -> Iterator[Undone]:
        """What undo does to each of these; locked, unless nothing is to be written."""
        session, sql, asked = self._session, self._session.sql, {"ids": jsontext.compact(ids)}
        is_read = self._write.dry_run or not locked
        find = sql.FIND_PARTICIPANTS if is_read else sql.LOCK_PARTICIPANTS
        people = {row[0]: records.participant(row) for row in session.rows(find, asked)}
        program, own, now = self._programs.current(), self._programs.by_version(), session.now()
        operation, undo = self._target.operation, self._write.operation.operation
        begin = Decision if self._target.participants == 1 else Decision.in_place
        for one, rows in groupby(session.rows(sql.FIND_JOURNALS, asked), itemgetter(0)):
            stored = people[one]
            decision = begin(stored, program, max(now, stored.recorded_at), new_id)
            journal = _journal(list(rows), operation)
            try:
                undone = undoing.undo(decision, journal, operation, undo, own)
            except Erased as error:
                first = next(line.fact.number for line in journal if line.operation == operation)
                told.spare(one, first, error)
                continue
            if undone:
                told.add(undone)
                yield undone

    def _save(self, every: Sequence[Undone]) -> None:
        known: list[Row] = []
        journal: list[Row] = []
        stock, given_back = Counter[str](), self._given_back()
        origin = self._origin()
        for undone in every:
            decision, after = undone.decision, undone.decision.participant
            after.recorded_at = decision.now
            known.append(records.update_row(records.participant_row(after)))
            one, now = after.participant_id, decision.now
            journal += [records.fact_row(one, fact, now, origin) for fact in decision.facts]
            stock.update(given_back(undone))
        self._require_left(stock)
        session, sql = self._session, self._session.sql
        session.run_all(sql.UPDATE_PARTICIPANT, known)
        session.run_all(sql.APPEND_FACT, journal)
        for reward_id, change in stock.items():
            session.run(sql.CHANGE_COUNTER, {"reward_id": reward_id, "change": change})

    def _given_back(self) -> Callable[[Undone], Mapping[str, int]]:
        """What each gives back to stocks that are numbers; negative where claims count again."""
        counted = partial(_counted, self._programs.by_version(), self._programs.current().version)

        def given_back(undone: Undone) -> Mapping[str, int]:
            stock = Counter(filter(None, map(counted, undone.lost)))
            stock.subtract(filter(None, map(counted, undone.regained)))
            return stock

        return given_back

    def _require_left(self, stock: Mapping[str, int]) -> None:
        """Raise Conflict where claims that would count again were handed out to others."""
        for reward_id, change in stock.items():
            row = self._session.one(self._session.sql.FIND_COUNTER, {"reward_id": reward_id})
            if change < 0 and row and row[0] + change < 0:
                raise Conflict(
                    f'reward "{reward_id}" is sold out: {row[0]} left of the {-change:,} that'
                    " would be claimed again",
                    hint="raise its stock in the program, or leave it undone",
                )

    def _origin(self) -> records.Origin:
        """The facts of one participant name the command themselves: they are found by it."""
        operation, version = self._write.operation, self._programs.current().version or None
        if self._target.only is None:
            return records.Origin(operation.operation, None, None, version)
        return records.Origin(operation.operation, operation.command, operation.actor, version)


def _counted(own: OwnPrograms, newest: int, claim: Recorded) -> str | None:
    """The reward whose stock counted a claim ever since; None for a code, or without limit."""
    if "code" in claim.fact.data or claim.program is None:
        return None
    reward_id: str = claim.fact.data["reward"]
    versions = range(claim.program, newest + 1)
    stocks = (own(version).reward(reward_id).stock for version in versions)
    return reward_id if all(isinstance(stock, int) for stock in stocks) else None


def recorded(row: Row) -> Recorded:
    """A fact from the columns that FIND_JOURNALS selects."""
    _, number, kind, data, occurred_at, cause, *rest = row
    return Recorded(Fact(number, kind, jsontext.stored(data), occurred_at, cause), *rest)


def _journal(rows: Sequence[Row], operation: str) -> list[Recorded]:
    """Facts of one participant; where nothing is decided again, most are not read."""
    if any(row[_OPERATION] != operation for row in rows):
        return [recorded(row) for row in rows]
    return [
        recorded(row if row[_KIND] == REWARD_CLAIMED else (*row[:3], "{}", *row[4:]))
        for row in rows
    ]


def _profiles(decision: Decision) -> list[Body | None]:
    """How the participant reads before and after."""
    return [
        views.profile(one, decision.program, decision.now) if one.exists else None
        for one in (decision.before, decision.participant)
    ]
