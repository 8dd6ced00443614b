"""What is told of earlier times, which is what was read then."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from model.lines import Lines
from model.streaks import text

PAST = [
    ("participants", "get"),
    ("participants", "state"),
    ("points", "expiring"),
    ("badges", "list"),
    ("tiers", "show"),
    ("streaks", "list"),
    ("challenges", "list"),
]
IDS = st.sampled_from(["ada", "ada", "ada", "bob", "a/b"])


class Past(Lines):
    """Looks back, at what had occurred and at what was known; `known` are earlier answers."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[tuple[str, dict[tuple[str, ...], tuple[int, str]]]] = []

    @rule(one=IDS, code=st.sampled_from(["balance", "earned", "busy"]))
    def remember(self, one: str, code: str) -> None:
        """What had occurred when time goes on is what was read before it did."""
        lines = [(*line, one) for line in PAST] + [
            ("leaderboards", "show", code),
            ("leaderboards", "rank", one, code),
        ]
        at, answers = text(self.now), {line: self.run(*line) for line in lines}
        assert {line: self.run(*line, "--at", "now") for line in lines} == answers
        self.wait(1)
        assert {line: self.run(*line, "--at", at) for line in lines} == answers
        self.known.append((at, answers))

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def recall(self, data: st.DataObject) -> None:
        """What was known is what was read then, whatever was told since."""
        at, answers = data.draw(st.sampled_from(self.known))
        assert {line: self.run(*line, "--known-at", at) for line in answers} == answers
