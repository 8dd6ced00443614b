"""The rewards of a local store: claims, and the codes they take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gamify_cli.backend import Answer, Body, HistoryQuery, Write
from gamify_cli.domain import answers_rewards as answers
from gamify_cli.domain import facts
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.decide import rewards as rules
from gamify_cli.domain.program import Reward
from gamify_cli.errors import Conflict
from gamify_cli.store.changes import Changes
from gamify_cli.store.programs import Programs
from gamify_cli.store.readings import Readings
from gamify_cli.store.requests import KeptRequest
from gamify_cli.store.session import Session
from gamify_cli.store.stock import Stock


class RewardStore:
    """Implements `backend.Rewards` on one session."""

    def __init__(
        self, session: Session, programs: Programs, readings: Readings, changes: Changes
    ) -> None:
        self._session = session
        self._programs = programs
        self._readings = readings
        self._changes = changes
        self._stock = Stock(session)

    def list(self, type_: str | None) -> Body:
        with self._session.reading():
            rewards = self._programs.current().rewards.values()
            chosen = [one for one in rewards if type_ in (None, one.type)]
            return answers.offers((one, self._stock.left(one)) for one in chosen)

    def claim(self, participant_id: str, reward_id: str, pay: bool, write: Write) -> Answer:
        def rule(decision: Decision) -> Body:
            reward = rules.find(decision.program, reward_id)
            stock = self._stock.next(reward, write)
            fact = rules.claim(decision, reward, pay=pay, stock=stock)
            self._stock.take(reward, fact, participant_id, write)
            return answers.claim(decision, fact)

        request = {"reward_id": reward_id, "points_deduction": pay}
        return self._changes.make(
            participant_id, "claim_reward", request, write, rule, outcome="rewarded"
        )

    def load_codes(
        self, reward_id: str, codes: Iterable[Sequence[str]], fingerprint: str, write: Write
    ) -> Answer:
        request = {"reward_id": reward_id, "codes": fingerprint}

        def work() -> Answer:
            kept = KeptRequest(self._session, "", "rewards load-codes", request, write)
            if replay := kept.answer():
                return replay
            answer = self._load(self._coded(reward_id), codes, write)
            kept.keep(answer, 200, self._session.now())
            return answer

        return self._session.change(work, write)

    def history(self, participant_id: str, query: HistoryQuery, type_: str | None) -> Body:
        kinds = (facts.REWARD_CLAIMED,)
        query, limit = query._replace(kinds=kinds, limit=None), query.limit
        program, lines = self._readings.whole(participant_id, query)
        claims = [answers.claimed(program, line.data, line.occurred_at) for line in lines]
        chosen = [one for one in claims if type_ in (None, one["type"])]
        return {
            "participant_id": participant_id,
            "rewards": chosen[:limit],
            "total": len(chosen),
        }

    def _coded(self, reward_id: str) -> Reward:
        reward = rules.find(self._programs.current(), reward_id)
        if reward.stock != "codes":
            raise Conflict(
                f'reward "{reward_id}" has no codes: its stock is {reward.stock}',
                hint='set stock = "codes" in the program first',
            )
        return reward

    def _load(self, reward: Reward, codes: Iterable[Sequence[str]], write: Write) -> Answer:
        left = self._stock.left(reward) or 0
        load = self._stock.load(reward, codes, dry_run=write.dry_run)
        if load.loaded and not write.dry_run:
            program = self._programs.current().version
            operation = {"recorded_at": self._session.now(), "program": program}
            self._session.run(
                self._session.sql.KEEP_OPERATION, write.operation._asdict() | operation
            )
        body = {
            "reward_id": reward.id,
            "loaded": load.loaded,
            "duplicates": load.repeats,
            "duplicate_lines": load.places,
            "available_codes": left + load.loaded,
        }
        return Answer(body, "loaded" if load.loaded else "unchanged")
