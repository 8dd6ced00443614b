"""Undo of an operation on one participant: its facts decided again without what that did.

The difference between what the participant is and what comes of it is one fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from gamify_cli.domain import facts
from gamify_cli.domain.again import (
    Again,
    Programs,
    Recorded,
    again,
    is_reversed,
    reversals,
)
from gamify_cli.domain.decide import Decision, interaction
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.reversing import difference
from gamify_cli.errors import Rejected

Body = dict[str, Any]


class Undone(NamedTuple):
    """What undo did to one participant, whose `decision` has the new facts.

    `reversed` facts count no more, the balance changes by `amount`; one that `vanishes` is
    unknown now. `shortfalls` are debits for which points are missing now, `refused` what the
    rules do not allow any more; `lost` are claims that count no more, `regained` those that
    count again.
    """

    decision: Decision
    vanishes: bool
    reversed: int
    amount: int
    shortfalls: list[Body]
    refused: list[Body]
    lost: list[Recorded]
    regained: list[Recorded]

    @property
    def codes(self) -> list[Body]:
        """Codes that were handed out, and stay so."""
        claims = (one.fact.data for one in self.lost)
        return [
            {"reward_id": claim["reward"], "code": claim["code"]}
            for claim in claims
            if "code" in claim
        ]


class _Course(NamedTuple):
    """What a journal leads to without what is reversed."""

    found: Mapping[str, int]
    result: Again

    @property
    def refused(self) -> set[int]:
        return {one.root.fact.number for one in self.result.refused}

    def claims(self, journal: Sequence[Recorded]) -> dict[int, Recorded]:
        """Those that count, by their numbers."""
        refused = self.refused
        return {
            one.fact.number: one
            for one in journal
            if one.fact.kind == facts.REWARD_CLAIMED
            and one.fact.number not in refused
            and not is_reversed(one, self.found)
        }


def undo(
    decision: Decision, journal: Sequence[Recorded], operation: str, undoing: str, own: Programs
) -> Undone | None:
    """Reverse what `operation` did, by the operation `undoing`.

    None for a participant of whom it only recorded what ran out. `decision` is on what stands
    there, of which `journal` is all; `own` gives the program of each version. Raises Erased.
    """
    interaction.require_kept(decision.participant)
    last, count = _last(journal, operation)
    if last is None:
        return None
    existed = decision.participant.exists
    interaction.settle(decision, decision.now)
    if all(line.operation == operation for line in journal):
        return _emptied(decision, journal, operation, last, count)
    before, after = _courses(decision, journal, operation, undoing, last, own)
    data = _book(decision, operation, after, last, journal)
    was, now = before.claims(journal), after.claims(journal)
    return Undone(
        decision,
        existed and not decision.participant.exists,
        count,
        data.get("amount", 0),
        _shortfalls(before, after),
        _refusals(before, after),
        [was[number] for number in was.keys() - now.keys()],
        [now[number] for number in now.keys() - was.keys()],
    )


def _emptied(
    decision: Decision, journal: Sequence[Recorded], operation: str, last: Fact, count: int
) -> Undone:
    """The same of one to whom nothing else ever happened: nothing has to be decided again."""
    nothing = _Course({}, Again(Participant(decision.participant.participant_id)))
    data = _book(decision, operation, nothing, last, journal)
    lost = [line for line in journal if line.fact.kind == facts.REWARD_CLAIMED]
    return Undone(decision, True, count, data.get("amount", 0), [], [], lost, [])


def _courses(
    decision: Decision,
    journal: Sequence[Recorded],
    operation: str,
    undoing: str,
    last: Fact,
    own: Programs,
) -> tuple[_Course, _Course]:
    """What the journal leads to as it stands, and with the reversal at its end."""
    one = decision.participant.participant_id
    mark = Fact(decision.next_number, facts.REVERSED, {"operation": operation}, last.occurred_at)
    # Where nothing was reversed yet, nothing that stands there is refused or clamped.
    before = _Course({}, Again(Participant(one)))
    if any(line.fact.kind == facts.REVERSED for line in journal):
        before = _course(one, journal, own)
    version = decision.program.version or None
    longer = [*journal, Recorded(mark, decision.now, undoing, version)]
    return before, _course(one, longer, own)


def _course(one: str, journal: Sequence[Recorded], own: Programs) -> _Course:
    found = reversals(journal)
    left_out = partial(is_reversed, found=found)
    return _Course(found, again(one, journal, own=own, left_out=left_out))


def _book(
    decision: Decision,
    operation: str,
    after: _Course,
    last: Fact,
    journal: Sequence[Recorded],
) -> Body:
    """Record what makes of the participant what it is to be; one without any fact is void."""
    then = after.result.participant
    then.is_void = not then.version
    data = difference(operation, decision.participant, then)
    if "amount" in data:
        data["id"] = decision.new_id()
    if refused := after.refused:
        data["dropped"] = sorted(refused)
    cause = last
    if last.cause is not None:
        cause = _root(last, {line.fact.number: line.fact for line in journal})
    decision.record(facts.REVERSED, data, at=last.occurred_at, cause=cause.number)
    return data


def _last(journal: Sequence[Recorded], operation: str) -> tuple[Fact | None, int]:
    """The latest fact of the operation but those of points that ran out; how many there are."""
    own = [line.fact for line in journal if line.operation == operation]
    if len(journal) > len(own) or len(own) > 1:
        by_number = {line.fact.number: line.fact for line in journal}
        own = [one for one in own if _root(one, by_number).kind != facts.POINTS_EXPIRED]
    last = max(own, key=lambda one: (one.occurred_at, one.number), default=None)
    return last, len(own)


def _root(fact: Fact, by_number: Mapping[int, Fact]) -> Fact:
    """What somebody did that led to the fact; a reversal is one, too."""
    while fact.cause is not None and fact.kind != facts.REVERSED:
        fact = by_number[fact.cause]
    return fact


def _shortfalls(before: _Course, after: _Course) -> list[Body]:
    """Debits of which less is left than before."""
    taken = {one.root.fact.number: one.taken for one in before.result.clamped}
    found = []
    for root, asked, left in after.result.clamped:
        was = taken.get(root.fact.number, asked)
        if left < was:
            found.append({"fact": root.fact.number, "points": was, "missing": was - left})
    return found


def _refusals(before: _Course, after: _Course) -> list[Body]:
    was = before.refused
    return [
        {"fact": root.fact.number, "kind": root.fact.kind, "reason": reason}
        for root, reason in after.result.refused
        if root.fact.number not in was
    ]


def short(shortfalls: Sequence[Body]) -> Rejected:
    """The refusal of an undo for which points are missing."""
    missing = sum(one["missing"] for one in shortfalls)
    who = len({one["participant_id"] for one in shortfalls})
    people = "1 participant has" if who == 1 else f"{who:,} participants have"
    return Rejected(
        f"{people} spent points that undo would take back: {missing:,} are missing",
        hint="--on-short clamp takes back what there is",
    )
