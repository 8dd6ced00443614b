"""What came of one claim of a reward: its code, its payment, and the lots that it drained."""

from __future__ import annotations

from gamify_cli.domain import facts, instants
from gamify_cli.domain.explain import texts
from gamify_cli.domain.explain.nodes import Node, Step, View, node, shortened
from gamify_cli.domain.explain.points import parts
from gamify_cli.errors import NotFound


class Reward:
    """One claim by its id."""

    def __init__(self, view: View, claim: str) -> None:
        self._view = view
        self._claim = claim
        self._found: Step | None = None
        self._led_to: list[Step] = []

    def take(self, step: Step) -> None:
        fact = step.fact
        if fact.kind == facts.REWARD_CLAIMED and fact.data["id"] == self._claim:
            self._found = step
        elif self._found and fact.cause == self._found.fact.number:
            self._led_to.append(step)

    def root(self) -> Node:
        if self._found is None:
            raise NotFound(
                f'claim "{self._claim}" not found', hint="see: gamify rewards history ID --json"
            )
        data = self._found.fact.data
        reward = self._view.program.reward(data["reward"])
        told = {"reward_id": reward.id, "name": reward.name, "type": reward.type}
        nodes = [node("reward", f"{reward.name}, {reward.type}", data=told)]
        if "code" in data:
            nodes.append(node("code", f"code {data['code']}", data={"code": data["code"]}))
        nodes += [self._payment(self._found), *(self._view.past.node(one) for one in self._led_to)]
        amount = -data["amount"] if "amount" in data else None
        return self._view.past.node(self._found, nodes, amount=amount)

    def _payment(self, claim: Step) -> Node:
        data = claim.fact.data
        if "amount" not in data:
            return node("payment", "not paid for: the points stayed")
        drained = [
            node("lot", texts.lot(lot), amount=amount, data=_until(lot))
            for lot, amount in parts(data).items()
        ]
        text = f"paid, with {data['balance']:,} left"
        told = {"balance": data["balance"]}
        return node(
            "payment",
            text,
            shortened(drained, self._view.limit, "lot"),
            amount=-data["amount"],
            data=told,
        )


def _until(lot: int | None) -> dict[str, str | None]:
    return {"expires_at": instants.text_or_none(lot)}
