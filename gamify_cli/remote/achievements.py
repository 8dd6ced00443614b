"""What a server's participants reached: badges, tiers, streaks, challenges."""

from __future__ import annotations

from collections.abc import Sequence

from gamify_cli import wire
from gamify_cli.backend import NOW, Answer, Body, Each, When, Write
from gamify_cli.domain import vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.remote.calls import Calls, code_path


class BadgeCalls:
    """Implements `backend.Badges` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def award(self, participant_id: str, code: str, body: Body, write: Write) -> Answer:
        one = vocabulary.participant_id(participant_id)
        whole = {"participant_id": one, "badge_code": code, **body}
        return self._calls.write("POST", "/badges/award", whole, write, "awarded")

    def list(self, ids: Sequence[str], when: When = NOW, *, earned_only: bool) -> Each:
        chosen = {"earned_only": "true" if earned_only else None}
        return self._calls.each(ids, "/badges", chosen, when)


class TierCalls:
    """Implements `backend.Tiers` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def show(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._calls.each(ids, "/tier", when=when)

    def assign(self, participant_id: str, code: str, body: Body, write: Write) -> Answer:
        one = vocabulary.participant_id(participant_id)
        whole = {"participant_id": one, "tier_code": code, **body}
        return self._calls.write("POST", "/tiers/assign", whole, write, "assigned")


class StreakCalls:
    """Implements `backend.Streaks` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def record(
        self, participant_id: str, code: str, timestamp: Instant | None, write: Write
    ) -> Answer:
        one = vocabulary.participant_id(participant_id)
        whole: Body = {"participant_id": one, "streak_code": code}
        if timestamp is not None:
            whole["timestamp"] = wire.time(timestamp)
        return self._calls.write("POST", "/streaks/record", whole, write, "ticked")

    def restore(self, participant_id: str, code: str, reason: str, write: Write) -> Answer:
        one = vocabulary.participant_id(participant_id)
        template = "/admin/participants/{pid}/streaks/{code}/restore"
        path = code_path(template, "streak", code, pid=one)
        return self._calls.write("POST", path, {"reason": reason}, write, "restored")

    def list(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._calls.each(ids, "/streaks", when=when)


class ChallengeCalls:
    """Implements `backend.Challenges` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def enroll(self, participant_id: str, code: str, write: Write) -> Answer:
        path = code_path("/challenges/{code}/enroll", "challenge", code)
        whole = {"participant_id": vocabulary.participant_id(participant_id)}
        return self._calls.write("POST", path, whole, write, "enrolled")

    def list(self, ids: Sequence[str], when: When = NOW) -> Each:
        return self._calls.each(ids, "/challenges", when=when)
