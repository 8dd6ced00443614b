"""Many changes of a server, some at a time; those of one participant one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from gamify_cli.backend import Change, attempt
from gamify_cli.errors import GamifyError, Unavailable
from gamify_cli.remote.client import Server
from gamify_cli.remote.workers import in_order

_Result = TypeVar("_Result")


def together(server: Server, changes: Sequence[Change[_Result]]) -> Iterator[_Result | GamifyError]:
    """What each leads to, in their order; see `backend.Backend.together`."""
    for result in _ended(changes, server.jobs):
        if isinstance(result, Unavailable):
            # Others may be made, before it and at the same time.
            result.hint = server.finishing()
        yield result


def _ended(changes: Sequence[Change[_Result]], jobs: int) -> Iterator[_Result | GamifyError]:
    if any(change.in_turn for change in changes):
        yield from map(attempt, changes)
        return
    lanes: dict[str | None, list[int]] = {}
    for place, change in enumerate(changes):
        lanes.setdefault(change.participant_id, []).append(place)
    done = in_order(
        lambda lane: [attempt(changes[place]) for place in lane], [*lanes.values()], jobs
    )
    early: dict[int, _Result | GamifyError] = {}
    following = 0
    for lane, results in zip(lanes.values(), done, strict=True):
        early.update(zip(lane, results, strict=True))
        while following in early:
            yield early.pop(following)
            following += 1
