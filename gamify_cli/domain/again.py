"""One participant's journal decided again: without some of it, or under another program.

Undo and simulate are this one machine. What somebody did, a root, is taken anew, at its own
instant, by the rules that decided it then; what followed from it follows again, or does not.
With nothing left out, and each root under its own program, it leads to the stored participant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gamify_cli.domain import facts, instants
from gamify_cli.domain.decide import Decision, challenges, interaction, points, streaks, tiers
from gamify_cli.domain.decide import badges as badge_rules
from gamify_cli.domain.decide import events as event_rules
from gamify_cli.domain.decide import profile as profile_rules
from gamify_cli.domain.decide import rewards as reward_rules
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program
from gamify_cli.domain.reversing import Reversal, reversed_before
from gamify_cli.errors import Conflict, NotFound, Rejected, UsageError

Programs = Callable[[int | None], Program]
"""The program that a root was decided under, by its version; None for none."""


class Recorded(NamedTuple):
    """A fact as the journal has it: when, by which operation and under which program version."""

    fact: Fact
    recorded_at: Instant
    operation: str
    program: int | None


class Refused(NamedTuple):
    """A root that the rules do not allow any more, and why."""

    root: Recorded
    reason: str


class Clamped(NamedTuple):
    """A debit for which the points are missing now: so many were asked, so many were there."""

    root: Recorded
    asked: int
    taken: int


@dataclass
class Again:
    """What a journal leads to when it is decided again."""

    participant: Participant
    refused: list[Refused] = field(default_factory=list)
    clamped: list[Clamped] = field(default_factory=list)

    def take(self, root: Recorded, program: Program, own: Program) -> None:
        """Decide one root; `own` is the program that it was decided under at first."""
        # A refusal comes before the first fact, so that it leaves nothing to take back.
        begin = Decision if root.fact.kind in _LOOKING_BACK else Decision.in_place
        decision = begin(self.participant, program, root.recorded_at, _no_id)
        try:
            _DECIDED[root.fact.kind](self, decision, root, own)
        except (Conflict, NotFound, Rejected, UsageError) as error:
            self.refused.append(Refused(root, error.message))
            return
        self.participant = decision.participant
        if decision.facts:
            self.participant.recorded_at = root.recorded_at

    def paid(self, decision: Decision, root: Recorded, at: Instant) -> int:
        """As much of a debit as there is."""
        asked = int(root.fact.data.get("amount", 0))
        taken = min(asked, max(0, points.available_at(decision.participant, at)))
        if taken < asked:
            self.clamped.append(Clamped(root, asked, taken))
        return taken


def again(
    participant_id: str,
    journal: Iterable[Recorded],
    *,
    own: Programs,
    under: Callable[[Recorded], Program] | None = None,
    left_out: Callable[[Recorded], bool] = lambda _: False,
) -> Again:
    """Decide a journal again, in its order, without the roots that are `left_out`.

    Each root is decided `under` the program chosen for it, or its `own`.
    """
    result = Again(Participant(participant_id))
    for one in journal:
        is_decided = is_root(one.fact) or one.fact.kind == facts.REVERSED
        if is_decided and not left_out(one):
            program = own(one.program)
            result.take(one, under(one) if under else program, program)
    return result


def reversals(journal: Sequence[Recorded]) -> dict[str, int]:
    """What is reversed by all of a journal, as `reversing.reversed_before` has it."""
    return reversed_before(
        Reversal(one.fact.number, one.operation, one.fact.data)
        for one in reversed(journal)
        if one.fact.kind == facts.REVERSED
    )


def is_reversed(one: Recorded, found: Mapping[str, int]) -> bool:
    """Whether its operation is reversed, by a later fact."""
    return one.fact.number < found.get(one.operation, 0)


def is_root(fact: Fact) -> bool:
    """Whether somebody did it, so that it is no consequence of another fact, and no reversal.

    What was erased is nothing that anybody did, and what it erased is decided on no more.
    """
    return fact.cause is None and fact.kind not in (facts.REVERSED, facts.ERASED)


def _no_id() -> str:
    return ""


def _given(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}


def _profile(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    data = root.fact.data
    if "attributes_patch" in data:
        patch = {"attributes": data["attributes_patch"]}
        texts = _given(data, "display_name", "avatar_url")
        profile_rules.update(decision, {**texts, **patch})
    else:
        profile_rules.register(decision, data)


def _activity(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    profile_rules.set_active(decision, root.fact.kind == facts.ACTIVATED)


def _award(_: Again, decision: Decision, root: Recorded, own: Program) -> None:
    """An end that the program of then gave is given by that of now."""
    fact = root.fact
    expires_at, days = fact.data.get("expires_at"), own.expiry_days
    if days is not None and expires_at == fact.occurred_at + days * instants.DAY:
        expires_at = None
    more = _given(fact.data, "reason", "metadata")
    at = fact.occurred_at
    points.award(decision, fact.data["amount"], **more, expires_at=expires_at, occurred_at=at)


def _deduction(result: Again, decision: Decision, root: Recorded, _: Program) -> None:
    """One that takes nothing any more was made all the same, so that there is whoever it was of."""
    at = root.fact.occurred_at
    if amount := result.paid(decision, root, at):
        more = _given(root.fact.data, "reason", "metadata")
        points.deduct(decision, amount, **more, occurred_at=at)
    else:
        interaction.begin(decision, at)


def _expiry(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    interaction.settle(decision, root.fact.occurred_at)


def _reversal(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    """What was due by then was settled with it; the rest of it follows from what is left out."""
    interaction.settle(decision, root.recorded_at)


def _tier(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    tiers.assign(decision, root.fact.data["code"], reason=root.fact.data.get("reason"))


def _badge(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    badge_rules.keep(decision, root.fact.data)


def _tick(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    streaks.record(decision, root.fact.data["code"], timestamp=root.fact.occurred_at)


def _restored(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    streaks.restore(decision, root.fact.data["code"], reason=root.fact.data["reason"])


def _event(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    data = root.fact.data
    more = _given(data, "properties")
    event_rules.record(decision, data["event"], **more, timestamp=root.fact.occurred_at)


def _enrolment(_: Again, decision: Decision, root: Recorded, __: Program) -> None:
    challenges.enroll(decision, root.fact.data["code"])


def _claim(result: Again, decision: Decision, root: Recorded, _: Program) -> None:
    """What was handed out stays handed out, whatever the program says of it now."""
    reward_rules.keep(decision, root.fact.data, result.paid(decision, root, decision.now))


_LOOKING_BACK = (facts.REGISTERED, facts.PROFILE_CHANGED)
"""The kinds whose rules compare with what was there before."""

_DECIDED: dict[str, Callable[[Again, Decision, Recorded, Program], None]] = {
    facts.REGISTERED: _profile,
    facts.PROFILE_CHANGED: _profile,
    facts.DEACTIVATED: _activity,
    facts.ACTIVATED: _activity,
    facts.POINTS_AWARDED: _award,
    facts.POINTS_DEDUCTED: _deduction,
    facts.POINTS_EXPIRED: _expiry,
    facts.TIER_CHANGED: _tier,
    facts.BADGE_EARNED: _badge,
    facts.STREAK_RECORDED: _tick,
    facts.STREAK_RESTORED: _restored,
    facts.EVENT_RECORDED: _event,
    facts.CHALLENGE_ENROLLED: _enrolment,
    facts.REWARD_CLAIMED: _claim,
    facts.REVERSED: _reversal,
}
