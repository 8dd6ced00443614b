"""All participants of a query as they read at one moment, at the speed of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import orjson

from gamify_cli.backend import Body, Exported, ListQuery
from gamify_cli.domain import jsontext, views, vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.participant import Participant
from gamify_cli.domain.program import Program
from gamify_cli.store import listing
from gamify_cli.store.programs import Programs
from gamify_cli.store.session import Session


def _row(participant: Participant, _program: Program, _now: Instant) -> Body:
    return views.row(participant, jsontext.Kept)


_VIEWS: Mapping[Exported, Callable[[Participant, Program, Instant], Body]] = {
    "profile": partial(views.profile, read=jsontext.Kept),
    "state": partial(views.state, include=vocabulary.SECTIONS),
    "row": _row,
}


def export(
    session: Session, programs: Programs, query: ListQuery, shape: Exported
) -> Iterator[Body]:
    """A body of each; to be closed if it is not read to its end."""
    show = _VIEWS[shape]
    with session.reading():
        program, now = programs.current(), session.now()
        for participant in listing.participants(session, query, _stored):
            yield show(views.as_at(participant, program, now), program, now)


def _stored(text: str) -> Any:
    """The same as `jsontext.stored` of a document without fractions and large numbers."""
    try:
        return orjson.loads(text)
    except ValueError:
        return jsontext.stored(text)
