"""The statements that read as of other times than now; part of `statements`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, bindparam, func, literal_column, or_, select

from gamify_cli.domain import facts
from gamify_cli.domain.facts import Fact
from gamify_cli.store.schema import journal, programs

_fact = [journal.c[name] for name in Fact._fields]
_occurred = journal.c.occurred_at <= bindparam("until", type_=BigInteger)
_recorded = journal.c.recorded_at <= bindparam("known_at", type_=BigInteger)
# A reversal of what is in sight may be of the time of something later.
_is_reversal = journal.c.kind == literal_column(f"'{facts.REVERSED}'")
find_facts = (
    select(*_fact)
    .where(
        journal.c.participant_id == bindparam("participant_id", type_=Text),
        or_(_occurred, _is_reversal),
        _recorded,
    )
    .order_by(journal.c.number)
)
find_all_facts = (
    select(journal.c.participant_id, *_fact)
    .where(_occurred, _recorded)
    .order_by(journal.c.participant_id, journal.c.number)
)

_first = select(func.min(programs.c.version)).scalar_subquery()
_applied = programs.c.applied_at <= bindparam("at", type_=BigInteger)
find_program_at = (
    select(programs.c.version, programs.c.document)
    .where(or_(_applied, programs.c.version == _first))
    .order_by(programs.c.version.desc())
    .limit(literal_column("1"))
    .offset(literal_column("0"))
)
