"""Participants as of other times than now, out of the facts that are in sight."""

from __future__ import annotations

from functools import partial

from gamify_cli.domain import facts, jsontext
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.store import records
from gamify_cli.store.programs import Programs
from gamify_cli.store.session import Session
from gamify_cli.store.sight import Sight


def replayed(
    session: Session, programs: Programs, participant_id: str, sight: Sight
) -> Participant:
    """One folded in the order of the journal; it does not exist if nothing of it is in sight."""
    participant, has_reversals = Participant(participant_id), False
    values = {"participant_id": participant_id, "until": sight.until, "known_at": sight.known_at}
    for row in session.rows(session.sql.FIND_FACTS, values):
        fact = records.fact(row)
        if fact.kind == facts.REVERSED:
            has_reversals = True
            if fact.occurred_at > sight.until:
                continue
        _follow(participant, fact)
    if has_reversals:
        return _decided(session, programs, participant_id, sight) or participant
    return participant


def _follow(participant: Participant, fact: Fact) -> None:
    if not participant.version:
        # It may be told of before it was registered.
        participant.first_seen_at = participant.last_seen_at = fact.occurred_at
    evolve(participant, fact)


def _decided(
    session: Session, programs: Programs, participant_id: str, sight: Sight
) -> Participant | None:
    """The same decided again without what was reversed; None where folding is as good.

    A reversal says what it changed in all that stood when it was made. Of less it leads to what
    never was: the time of a tier that was reached later, points that were spent later.
    """
    from gamify_cli.domain.again import again, is_reversed, reversals
    from gamify_cli.store.undoing import recorded

    rows = session.rows(session.sql.FIND_JOURNALS, {"ids": jsontext.compact([participant_id])})
    every = (recorded(row) for row in rows)
    known = [one for one in every if one.recorded_at <= sight.known_at]
    in_sight = [one for one in known if one.fact.occurred_at <= sight.until]
    # What was erased can be decided no more.
    if len(in_sight) == len(known) or any(one.fact.kind == facts.ERASED for one in known):
        return None
    roots = [one for one in in_sight if one.fact.kind != facts.REVERSED]
    first = next(one.fact.number for one in known if one.fact.kind == facts.REVERSED)
    left_out = partial(is_reversed, found=reversals(known))
    if all(one.fact.number < first and not left_out(one) for one in roots):
        # What was undone came back: all of it is as it was recorded.
        participant = Participant(participant_id)
        for one in roots:
            _follow(participant, one.fact)
        return participant
    return again(participant_id, roots, own=programs.by_version(), left_out=left_out).participant
