"""The statements that read as of other times than now; part of `statements`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, and_, bindparam, func, literal_column, or_, select

from gamify_cli.domain.facts import Fact
from gamify_cli.store.schema import journal, programs

_fact = [journal.c[name] for name in Fact._fields]
_in_sight = and_(
    journal.c.occurred_at <= bindparam("until", type_=BigInteger),
    journal.c.recorded_at <= bindparam("known_at", type_=BigInteger),
)
find_facts = (
    select(*_fact)
    .where(journal.c.participant_id == bindparam("participant_id", type_=Text), _in_sight)
    .order_by(journal.c.number)
)
find_all_facts = (
    select(journal.c.participant_id, *_fact)
    .where(_in_sight)
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
