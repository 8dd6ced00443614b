"""Why a participant is in its tier: each change of it, what counts, what is missing to the next."""

from __future__ import annotations

from gamify_cli.domain import facts, instants, views
from gamify_cli.domain.decide.consequences import basis
from gamify_cli.domain.explain.changes import Changes
from gamify_cli.domain.explain.nodes import Node, Step, View, node, reversed_fields

_COUNTED = {"balance": "the balance", "total_earned": "all points ever earned"}


class Tier:
    """The tier of one participant."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._changes = Changes(view)

    def take(self, step: Step) -> None:
        fact = step.fact
        if fact.kind == facts.TIER_CHANGED or "tier" in reversed_fields(fact, "set"):
            self._changes.add(step)

    def root(self) -> Node:
        nodes = [*self._changes.nodes(), self._basis(), *self._held(), self._next()]
        return standing(self._view, nodes)

    def _basis(self) -> Node:
        person, program = self._view.participant, self._view.program
        points = basis(person, program)
        stays = "falls with it" if program.tier_downgrade else "stays when points are spent"
        text = f"counts {_COUNTED[program.tier_basis]}: {points:,}; a tier {stays}"
        data = {"tier_basis": program.tier_basis, "points": points}
        return node("basis", text, data=data | {"tier_downgrade": program.tier_downgrade})

    def _held(self) -> list[Node]:
        held = self._view.participant.tier_held
        if held is None:
            return []
        over = f"it and above {held:,}" if held else "it"
        text = f"assigned by hand: it stays until points earn a level above {over}"
        return [node("held", text, data={"level_earned_then": held})]

    def _next(self) -> Node:
        person, program = self._view.participant, self._view.program
        following = views.next_tier(person, program)
        if following is None:
            return node("next_tier", "no tier above it" if program.tiers else "there are no tiers")
        required, missing = following["points_required"], following["points_remaining"]
        text = f"next: {following['name']} at {required:,}, {missing:,} missing"
        if person.points_at is None:
            text += "; a tier comes with the first points"
        return node("next_tier", text, data=following)


def standing(view: View, nodes: list[Node]) -> Node:
    """The tier itself."""
    person = view.participant
    if person.tier is None or person.tier_since is None:
        return node("tier", "no tier yet", nodes)
    tier, since = view.program.tier(person.tier), instants.text(person.tier_since)
    text = f"{tier.name}, level {tier.level:,}, since {since}"
    data = {"code": tier.code, "name": tier.name, "level": tier.level, "achieved_at": since}
    return node("tier", text, nodes, data=data)
