"""What a store explains: the journal of one participant, read once."""

from __future__ import annotations

from collections.abc import Iterator

from gamify_cli.backend import Body
from gamify_cli.domain import vocabulary
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.explain.asked import Asked
from gamify_cli.domain.explain.nodes import Step
from gamify_cli.domain.explain.tree import explain
from gamify_cli.store import records
from gamify_cli.store.programs import Programs
from gamify_cli.store.session import Session


def explained(session: Session, programs: Programs, participant_id: str, asked: Asked) -> Body:
    """The tree behind a value. Raises UsageError, NotFound."""
    vocabulary.participant_id(participant_id)
    who = {"participant_id": participant_id}
    with session.reading():
        row = session.one(session.sql.FIND_PARTICIPANT, who)
        stored = records.participant(row) if row else None
        if stored is None or not stored.exists:
            raise rules.unknown(participant_id, hint=session.notice())
        program, own, now = programs.current(), programs.by_version(), session.now()
        return explain(asked, stored, _journal(session, who), program, own, now)


def _journal(session: Session, who: dict[str, str]) -> Iterator[Step]:
    for *columns, operation, command, actor, program in session.stream(session.sql.FIND_STEPS, who):
        yield Step(records.fact(tuple(columns)), operation, command, actor, program)
