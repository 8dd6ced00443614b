"""Bundles: everything that is known about one person, in one document."""

from __future__ import annotations

from gamify_cli.backend import Body
from gamify_cli.domain import instants, jsontext, views, vocabulary
from gamify_cli.domain.decide import profile as rules
from gamify_cli.store import records
from gamify_cli.store.programs import Programs
from gamify_cli.store.session import UNLIMITED, Session

_EVERY = {
    "kinds": None,
    "since": -UNLIMITED,
    "until": UNLIMITED,
    "before": UNLIMITED,
    "limit": UNLIMITED,
}


def bundle(session: Session, programs: Programs, participant_id: str) -> Body:
    """All of one moment: profile, state, facts from the first on, kept answers, backups.

    Raises UsageError, NotFound.
    """
    one = {"participant_id": vocabulary.participant_id(participant_id)}
    with session.reading():
        row = session.one(session.sql.FIND_PARTICIPANT, one)
        if row is None:
            raise rules.unknown(participant_id, hint=session.notice())
        program, now = programs.current(), session.now()
        participant = views.as_at(records.participant(row), program, now)
        history = session.rows(session.sql.FIND_HISTORY, one | _EVERY)
        facts = [records.history_body(records.line(row)) for row in history]
        return {
            **one,
            "profile": views.profile(participant, program, now),
            "state": views.state(participant, program, now, vocabulary.SECTIONS),
            "facts": facts[::-1],
            "requests": [*map(_request, session.rows(session.sql.FIND_KEPT, one))],
            "backups": backups(session),
        }


def backups(session: Session) -> list[Body]:
    """The backups made of a store, oldest first: each holds what was there then."""
    rows = session.rows(session.sql.FIND_BACKUPS)
    found = [{"path": path, "made_at": instants.text(made_at)} for path, made_at, _ in rows]
    return found[::-1]


def _request(row: tuple[str, str, int, int, str]) -> Body:
    name, key, status, recorded_at, answer = row
    return {
        "operation_name": name,
        "idempotency_key": key,
        "status": status,
        "recorded_at": instants.text(recorded_at),
        "answer": jsontext.stored(answer) if answer else None,
    }
