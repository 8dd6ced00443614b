"""What differs between a stored row and the participant that its journal makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.store import records
from gamify_cli.store.session import Row

_STATE, _DUE = len(records.COLUMNS), len(records.COLUMNS) + 2
_NAMES = (*records.COLUMNS, "state", "search", "due_at")
_NOTHING: Mapping[str, Any] = {}


class Fix(NamedTuple):
    """What sets something right: a method of `repairing.Repair`, and what it takes."""

    how: str
    values: tuple[Any, ...]


class Drift(NamedTuple):
    """A value that is stored, and what it is by the journal.

    `participant_id` is None for what is of none. The parts of `field` are joined by dots: a
    column, or a member of the state and what it holds, or one of the tables `journal`, `requests`,
    `reward_stock`, `operations`, `programs` with a key in it and a column. There is no `fix` where
    the journal itself is at fault, or tells nothing.
    """

    participant_id: str | None
    field: str
    stored: Any
    replayed: Any
    fix: Fix | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The drift as it is shown."""
        return {
            "participant_id": self.participant_id,
            "field": self.field,
            "stored": self.stored,
            "replayed": self.replayed,
            "repairable": self.fix is not None,
        }


def row_fix(participant_id: str) -> Fix:
    """What makes a row of what its journal says."""
    return Fix("row", (participant_id,))


def of_row(stored: Row, replayed: Participant, now: Instant) -> Iterator[Drift]:
    """The drifts of all columns and members of the state; `now` is when the store is looked at."""
    made = records.participant_row(replayed)
    # When it is due moves on without a fact, so that it often differs.
    if stored[:_DUE] == made[:_DUE] and _is_due(stored[_DUE], replayed, now):
        return
    one = replayed.participant_id
    fix = row_fix(one)
    for place, name in enumerate(_NAMES):
        was, is_ = stored[place], made[place]
        if was == is_ or (place == _DUE and _is_due(was, replayed, now)):
            continue
        if place == _STATE:
            yield from _of_state(one, was, orjson.loads(is_))
        else:
            yield Drift(one, name, shown(was), is_, fix)


def _of_state(one: str, stored: Any, replayed: Mapping[str, Any]) -> Iterator[Drift]:
    fix = row_fix(one)
    try:
        kept = orjson.loads(stored)
    except (ValueError, TypeError):
        kept = None
    if not isinstance(kept, dict):
        yield Drift(one, "state", shown(stored), replayed, fix)
        return
    for name, was, is_ in _differing(kept, replayed):
        if isinstance(was, dict | None) and isinstance(is_, dict | None):
            for code, old, new in _differing(was or _NOTHING, is_ or _NOTHING):
                yield Drift(one, f"{name}.{code}", old, new, fix)
        else:
            yield Drift(one, name, was, is_, fix)


def _differing(
    stored: Mapping[str, Any], replayed: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    for name in {**replayed, **stored}:
        was, is_ = stored.get(name), replayed.get(name)
        # True is 1 for Python.
        if was != is_ or type(was) is not type(is_):
            yield name, was, is_


def _is_due(due_at: Any, replayed: Participant, now: Instant) -> bool:
    """Whether it is when the row is due as seen from any moment since it was recorded.

    A sweep moves it on without a fact.
    """
    if due_at == replayed.due_after(replayed.recorded_at):
        return True
    lapses = (streak["lapses_at"] for streak in replayed.streaks.values())
    seen = (at for at in lapses if replayed.recorded_at <= at <= now)
    return any(due_at == replayed.due_after(at) for at in seen)


def shown(value: Any) -> Any:
    """A value as JSON can show it; SQLite takes bytes in any column."""
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else value
