"""Many changes in one transaction: each whole or not at all, all told once they are durable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import TypeVar

from gamify_cli.backend import Change, attempt
from gamify_cli.domain import vocabulary
from gamify_cli.errors import GamifyError, StoreError, Unavailable, UsageError
from gamify_cli.store.session import Session

_Result = TypeVar("_Result")


def together(
    session: Session, changes: Sequence[Change[_Result]], hold: Callable[[], object]
) -> Iterator[_Result | GamifyError]:
    """What each change leads to, in their order; see `backend.Backend.together`."""
    first = 0
    # A store that is not there yet is made by the first change, and by no refusal.
    while session.missing and first < len(changes):
        yield attempt(changes[first])
        first += 1
    rest = changes[first:]
    if len(rest) == 1 and rest[0].participant_id is not None:
        yield _alone(session, rest[0])
    elif rest:
        yield from _grouped(session, rest, hold)


def _grouped(
    session: Session, changes: Sequence[Change[_Result]], hold: Callable[[], object]
) -> Iterator[_Result | GamifyError]:
    """The same in one transaction; where that is lost, one by one."""
    has_begun, results, lost = False, [], None
    try:
        with session.group():
            has_begun = True
            hold()
            session.lock(_participants(changes))
            results = [_attempt(change) for change in changes]
    except GamifyError as error:
        lost = error
    # Where not even the lock was got, one by one would fare no better; and where the store
    # failed after the last one, all may be made already.
    may_be_made = bool(results) and isinstance(lost, StoreError)
    if lost is None:
        yield from results
    elif len(changes) == 1 or not has_begun or may_be_made:
        yield from repeat(lost, len(changes))
    else:
        yield from (_alone(session, change) for change in changes)


def _alone(session: Session, change: Change[_Result]) -> _Result | GamifyError:
    """What a change leads to by itself, with all its parts in one transaction."""
    if change.participant_id is not None:
        return attempt(change)
    try:
        with session.group():
            return _attempt(change)
    except GamifyError as error:
        return error


def _attempt(change: Change[_Result]) -> _Result | GamifyError:
    """What it leads to, or its own error; raises what ends the whole transaction."""
    result = attempt(change)
    if isinstance(result, (Unavailable, StoreError)):
        raise result
    return result


def _participants(changes: Sequence[Change[_Result]]) -> list[str]:
    """Whom they are on, in an order that all keep who lock several."""
    ids = {change.participant_id for change in changes}
    return sorted(one for one in ids if one is not None and _is_id(one))


def _is_id(one: str) -> bool:
    try:
        vocabulary.participant_id(one)
    except UsageError:
        return False
    return True
