"""What became of a participant between two times, read at one moment."""

from __future__ import annotations

from gamify_cli.backend import Body, HistoryQuery, When, only
from gamify_cli.domain import differences
from gamify_cli.domain.decide import profile as rules
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import NotFound, UsageError
from gamify_cli.store import records
from gamify_cli.store.readings import Readings
from gamify_cli.store.session import Session


def diff(
    session: Session,
    readings: Readings,
    participant_id: str,
    since: Instant,
    until: Instant | None,
) -> Body:
    """As `backend.Participants.diff`."""
    with session.reading():
        times = since, session.now() if until is None else until
        if times[0] > times[1]:
            raise UsageError("from lies after to")
        before, after = (_standing(readings, participant_id, at) for at in times)
        if not (before or after):
            raise rules.unknown(participant_id, hint=session.notice())
        query = HistoryQuery(since=times[0] + 1, until=times[1])
        lines = map(records.history_body, readings.lines(participant_id, query))
        facts = sorted(lines, key=lambda line: int(line["number"]))
    return differences.difference(participant_id, times, (before, after), facts)


def _standing(readings: Readings, participant_id: str, at: Instant) -> Body:
    """All that is known of one as of a time; nothing of one that is unknown then."""
    try:
        return only(readings.each([participant_id], differences.standing, When(at)))
    except NotFound:
        return {}
