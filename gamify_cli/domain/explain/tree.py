"""The tree behind what is asked for, by one reading of the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide.interaction import settle
from gamify_cli.domain.explain.asked import ALL, Asked
from gamify_cli.domain.explain.badge import Badge
from gamify_cli.domain.explain.event import Event
from gamify_cli.domain.explain.nodes import Explained, Node, Past, Step, View
from gamify_cli.domain.explain.overview import Overview
from gamify_cli.domain.explain.points import Points
from gamify_cli.domain.explain.reward import Reward
from gamify_cli.domain.explain.streak import Streak
from gamify_cli.domain.explain.tier import Tier
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program

Programs = Callable[[int | None], Program]

_WHOLE: dict[str, Callable[[View], Explained]] = {ALL: Overview, "points": Points, "tier": Tier}
_NAMED: dict[str, Callable[[View, str], Explained]] = {
    "badge": Badge,
    "streak": Streak,
    "reward": Reward,
    "event": Event,
}


def explain(
    asked: Asked,
    stored: Participant,
    journal: Iterable[Step],
    program: Program,
    programs: Programs,
    now: Instant,
) -> Node:
    """The tree behind what is asked for of a stored participant, by the program in force `now`.

    `programs` finds one by its version, None for none. Raises NotFound for a code, a claim or
    an event that is not there.
    """
    decision = Decision(stored, program, now, str)
    settle(decision, now)
    past = Past()
    view = View(decision.participant, program, now, asked.limit, programs, past)
    explained = _explained(asked, view)
    for step in chain(journal, map(Step, decision.facts)):
        past.take(step)
        explained.take(step)
    value = {"participant_id": stored.participant_id, "of": asked.of, "code": asked.code}
    return value | explained.root()


def _explained(asked: Asked, view: View) -> Explained:
    if asked.code is not None:
        return _NAMED[asked.of](view, asked.code)
    return _WHOLE[asked.of](view)
