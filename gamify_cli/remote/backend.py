"""A server as a backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from gamify_cli.backend import Change
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import GamifyError
from gamify_cli.remote.calls import Calls
from gamify_cli.remote.client import Client, Server

if TYPE_CHECKING:
    from gamify_cli.remote.achievements import BadgeCalls, ChallengeCalls, StreakCalls, TierCalls
    from gamify_cli.remote.events import EventCalls
    from gamify_cli.remote.operations import OperationCalls
    from gamify_cli.remote.participants import ParticipantCalls
    from gamify_cli.remote.points import PointsCalls
    from gamify_cli.remote.programs import ProgramCalls
    from gamify_cli.remote.rewards import LeaderboardCalls, RewardCalls

_Result = TypeVar("_Result")


class RemoteBackend:
    """Implements `backend.Backend` by calls of a server; what a noun needs is loaded with it."""

    def __init__(self, server: Server, *, test_now: Instant | None = None) -> None:
        self._client = Client(server)
        self._calls = Calls(self._client)
        self._test_now = test_now

    @cached_property
    def participants(self) -> ParticipantCalls:
        from gamify_cli.remote.participants import ParticipantCalls

        return ParticipantCalls(self._calls)

    @cached_property
    def points(self) -> PointsCalls:
        from gamify_cli.remote.points import PointsCalls

        return PointsCalls(self._calls)

    @cached_property
    def badges(self) -> BadgeCalls:
        from gamify_cli.remote.achievements import BadgeCalls

        return BadgeCalls(self._calls)

    @cached_property
    def tiers(self) -> TierCalls:
        from gamify_cli.remote.achievements import TierCalls

        return TierCalls(self._calls)

    @cached_property
    def streaks(self) -> StreakCalls:
        from gamify_cli.remote.achievements import StreakCalls

        return StreakCalls(self._calls)

    @cached_property
    def challenges(self) -> ChallengeCalls:
        from gamify_cli.remote.achievements import ChallengeCalls

        return ChallengeCalls(self._calls)

    @cached_property
    def events(self) -> EventCalls:
        from gamify_cli.remote.events import EventCalls

        return EventCalls(self._calls)

    @cached_property
    def rewards(self) -> RewardCalls:
        from gamify_cli.remote.rewards import RewardCalls

        return RewardCalls(self._calls)

    @cached_property
    def leaderboards(self) -> LeaderboardCalls:
        from gamify_cli.remote.rewards import LeaderboardCalls

        return LeaderboardCalls(self._calls)

    @cached_property
    def programs(self) -> ProgramCalls:
        from gamify_cli.remote.programs import ProgramCalls

        return ProgramCalls(self._calls)

    @cached_property
    def operations(self) -> OperationCalls:
        from gamify_cli.remote.operations import OperationCalls

        return OperationCalls(self._calls)

    def together(
        self, changes: Sequence[Change[_Result]], _hold: Callable[[], object]
    ) -> Iterator[_Result | GamifyError]:
        from gamify_cli.remote.changes import together

        return together(self._client.server, changes)

    def now(self) -> Instant:
        """The time by the clock of this machine."""
        return time.time_ns() // 1_000 if self._test_now is None else self._test_now

    def notice(self) -> str | None:
        return None

    def close(self) -> None:
        self._client.close()
