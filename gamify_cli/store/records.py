"""Rows as participants and facts, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, NamedTuple

from gamify_cli.domain import facts, instants, jsontext
from gamify_cli.domain.decide.profile import Registration
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.errors import StoreError

_FIELDS = tuple(field.name for field in fields(Participant))
COLUMNS = _FIELDS[: _FIELDS.index("version") + 1]
"""The fields of a participant that are columns of their own, in their order."""

_DOCUMENT = _FIELDS[len(COLUMNS) :]
NEWCOMER = (*COLUMNS[:4], "first_seen_at", "last_seen_at", "recorded_at", "version", "search")
"""The columns that are not empty, zero or as they are by default once one registered."""

_FLAGS = COLUMNS.index("is_active")
_FIRST, _LAST = attrgetter(*COLUMNS[:_FLAGS]), attrgetter(*COLUMNS[_FLAGS + 2 :])
_DOCUMENT_OF = attrgetter(*_DOCUMENT)
_NOTHING = _DOCUMENT_OF(Participant(""))
_EMPTY = "{}"

Row = tuple[Any, ...]
Shared = dict[str, Any]


def participant(row: tuple[Any, ...], read: Callable[[str], Any] = jsontext.stored) -> Participant:
    """A participant from the columns that every statement on participants selects.

    `read` takes the text of its document, which has neither fractions nor large numbers. Raises
    StoreError for a document that is none.
    """
    *columns, document = row
    state = Participant(*columns)
    state.is_active = bool(state.is_active)
    state.is_void = bool(state.is_void)
    if document != _EMPTY:
        try:
            _take(state, read(document))
        except (AttributeError, TypeError, ValueError, StoreError) as error:
            raise StoreError(
                f'the row of participant "{state.participant_id}" is damaged',
                hint="see what is wrong: gamify store verify",
            ) from error
    return state


def _take(state: Participant, document: dict[str, Any]) -> None:
    for name, value in document.items():
        setattr(state, name, value)
    # JSON has no members but those named by text.
    if state.lots:
        state.lots = {int(expires_at): left for expires_at, left in state.lots.items()}


def participant_row(state: Participant) -> Row:
    """All columns of a participant, in the order of the table."""
    search = search_text(f"{state.participant_id}\n{state.display_name or ''}")
    due_at = state.due_after(state.recorded_at)
    kept = _DOCUMENT_OF(state)
    document = _EMPTY if kept == _NOTHING else _document(kept)
    # A flag would be bound, or copied, as another type.
    flags = int(state.is_active), int(state.is_void)
    return (*_FIRST(state), *flags, *_LAST(state), document, search, due_at)


def newcomer_row(participant_id: str, new: Registration) -> Row:
    """The columns of NEWCOMER, in their order, that tell one newcomer from another.

    It is what the fact alone evolves to, in a fraction of the time.
    """
    name, url, attributes, _ = new
    search = search_text(f"{participant_id}\n{name or ''}")
    return (participant_id, name, url, attributes, search)


def shared_by_newcomers(now: Instant) -> Shared:
    """The others, of those who register now."""
    return {"first_seen_at": now, "last_seen_at": now, "recorded_at": now, "version": 1}


def update_row(row: Row) -> Row:
    """The same as an update takes them: whose row it is comes last."""
    return (*row[1:], row[0])


def _document(values: Row) -> str:
    members = zip(_DOCUMENT, values, strict=True)
    return jsontext.compact({name: value for name, value in members if value or value == 0})


def search_text(text: str) -> str:
    """Text folded for a search without regard to case, alike in every store."""
    return text.casefold()


class Origin(NamedTuple):
    """The last columns of the journal: where a fact comes from.

    `command` and `actor` are None for an operation that has a row of its own.
    """

    operation: str
    command: str | None
    actor: str | None
    program: int | None


def fact_row(participant_id: str, fact: Fact, recorded_at: Instant, origin: Origin) -> Row:
    """All columns of a fact, in the order of the journal."""
    number, kind, data, occurred_at, cause = fact
    has_checked = "attributes" in data or "properties" in data
    text = jsontext.joined(data) if has_checked else jsontext.compact(data)
    return (participant_id, number, kind, text, occurred_at, recorded_at, cause, *origin)


_OF_FACT = ("participant_id", "number", "kind", "data", "occurred_at", "recorded_at")
REGISTERED = (*_OF_FACT, "operation", "program")
"""The columns of the fact of a newcomer that are not empty, in their order."""


def shared_by_registered(now: Instant, origin: Origin) -> Shared:
    """Those of them that are the same for all who register now: all but the id and the data."""
    at = {"occurred_at": now, "recorded_at": now}
    by = {"operation": origin.operation, "program": origin.program}
    return {"number": 1, "kind": facts.REGISTERED, **at, **by}


def fact(row: tuple[Any, ...]) -> Fact:
    """A fact from the columns that a replay selects."""
    number, kind, data, occurred_at, cause = row
    return Fact(number, kind, jsontext.stored(data), occurred_at, cause)


class Line(NamedTuple):
    """One line of a journal: a fact, when it was recorded, and by which operation."""

    number: int
    kind: str
    data: dict[str, Any]
    occurred_at: Instant
    recorded_at: Instant
    cause: int | None
    operation: str
    command: str
    actor: str


def line(row: tuple[Any, ...]) -> Line:
    """A line from the columns that a history selects."""
    number, kind, data, *rest = row
    return Line(number, kind, jsontext.stored(data), *rest)


def history_body(line: Line) -> dict[str, Any]:
    """One line of a participant's history, as it is shown."""
    # No plain read needs it.
    from gamify_cli.domain.legible import legible

    return {
        **line._asdict(),
        "data": legible(line.data),
        "occurred_at": instants.text(line.occurred_at),
        "recorded_at": instants.text(line.recorded_at),
    }
