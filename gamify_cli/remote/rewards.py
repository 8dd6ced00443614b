"""The rewards of a server: claims, and the codes they take; and its leaderboards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain

from gamify_cli import wire
from gamify_cli.backend import NOW, Answer, Body, HistoryQuery, When, Write
from gamify_cli.domain import instants, jsontext, vocabulary
from gamify_cli.domain.instants import SECOND
from gamify_cli.remote.calls import Calls, code_path, participant_path
from gamify_cli.remote.groups import grouped

_TOLD = 20
"""So many lines of repeated codes are told."""


class RewardCalls:
    """Implements `backend.Rewards` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list(self, type_: str | None) -> Body:
        return self._calls.get("/rewards", {"reward_type": type_})

    def claim(self, participant_id: str, reward_id: str, pay: bool, write: Write) -> Answer:
        path = code_path("/rewards/{code}/claim", "reward", reward_id)
        one = vocabulary.participant_id(participant_id)
        whole = {"participant_id": one, "points_deduction": pay}
        return self._calls.write("POST", path, whole, write, "rewarded")

    def load_codes(
        self, reward_id: str, codes: Iterable[Sequence[str]], _fingerprint: str, write: Write
    ) -> Answer:
        """A long file goes in several requests, each of them whole or not at all."""
        path = code_path("/admin/rewards/{code}/codes", "reward", reward_id)
        answers = (
            self._load(path, part, before, _of_part(write, number))
            for number, (before, part) in enumerate(_parts(codes))
        )
        return reduce(_together, answers)

    def _load(self, path: str, codes: Sequence[str], before: int, write: Write) -> Answer:
        """Load codes with `before` others before them in the file."""
        answer = self._calls.write("POST", path, {"codes": codes}, write, "loaded")
        lines = answer.body.get("duplicate_lines")
        if not isinstance(lines, list):
            raise self._calls.incomplete(path)
        shifted = {**answer.body, "duplicate_lines": [before + line for line in lines]}
        return answer._replace(body=shifted)

    def history(self, participant_id: str, query: HistoryQuery, type_: str | None) -> Body:
        path = participant_path(participant_id) + "/rewards"
        claims = self._calls.rows(path, self._calls.get(path), "rewards")
        chosen = [
            one for one in claims if type_ in (None, one.get("type")) and _is_within(one, query)
        ]
        return {
            "participant_id": participant_id,
            "rewards": chosen[: query.limit],
            "total": len(chosen),
        }


class LeaderboardCalls:
    """Implements `backend.Leaderboards` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def show(
        self, code: str, period: str | None, when: When = NOW, *, dense: bool, limit: int
    ) -> Body:
        path = wire.as_of(when) + code_path("/leaderboards/{code}", "leaderboard", code)
        ranking = "dense" if dense else None
        return self._calls.get(path, {"limit": limit, "period": period, "ranking": ranking})

    def rank(self, participant_id: str, code: str, period: str | None, when: When = NOW) -> Body:
        one = vocabulary.participant_id(participant_id)
        path = code_path("/leaderboards/{code}/rank/{pid}", "leaderboard", code, pid=one)
        return self._calls.get(wire.as_of(when) + path, {"period": period})


def _is_within(claim: Body, query: HistoryQuery) -> bool:
    """Whether a claim lies in the range, to the second, as claims tell their time."""
    second = instants.parse(str(claim.get("claimed_at")), 0) // SECOND
    first = second if query.since is None else query.since // SECOND
    last = second if query.until is None else query.until // SECOND
    return first <= second <= last


def _of_part(write: Write, number: int) -> Write:
    """How to make one request of several; the first has the key as it is."""
    key = write.idempotency_key
    return write._replace(idempotency_key=vocabulary.item_key(key, number) if number else key)


def _parts(groups: Iterable[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    """Codes that one request can hold, after how many others; at least one part."""
    before = 0
    for part in grouped(chain.from_iterable(groups), _size):
        yield before, part
        before += len(part)
    if not before:
        yield 0, []


def _size(code: str) -> int:
    return len(jsontext.compact(code).encode())


def _together(first: Answer, second: Answer) -> Answer:
    """One answer for two parts of a file."""
    a, b = first.body, second.body
    summed = {name: a[name] + b[name] for name in ("loaded", "duplicates", "duplicate_lines")}
    body = {**b, **summed, "duplicate_lines": summed["duplicate_lines"][:_TOLD]}
    # A rehearsal of the second part knows nothing of the first.
    body["available_codes"] = max(b["available_codes"], a["available_codes"] + b["loaded"])
    outcomes = {first.outcome, second.outcome}
    outcome = "loaded" if "loaded" in outcomes else first.outcome
    return Answer(body, outcome)
