"""Recount a PostgreSQL store: is each award there once, is each row what its journal says?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import psycopg

from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.store import records
from gamify_cli.store.postgres import sql

_JOURNAL = """
SELECT number, kind, data, occurred_at, cause, recorded_at, participant_id
FROM gamify.journal ORDER BY participant_id, number
"""
_REQUESTS = "SELECT idempotency_key, participant_id FROM gamify.requests"


class Award(NamedTuple):
    """What a client was told that it did."""

    key: str
    participant: str
    amount: int


class Recount(NamedTuple):
    """Counts: `found` of the acknowledged awards; `repeated` and `unknown` of the recorded ones;
    `rows`, and of them `drifted` that are not what their journal leads to."""

    found: int
    repeated: int
    unknown: int
    rows: int
    drifted: int


def recount(url: str, acknowledged: Iterable[Award]) -> Recount:
    """Compare what is stored with what was acknowledged; no key may be in there twice."""
    expected = set(acknowledged)
    with psycopg.connect(url, options="-csearch_path=gamify") as connection:
        rows = connection.execute(sql.PAGE_PARTICIPANTS, {"after": "", "limit": None})
        stored = {row[0]: records.participant(row) for row in rows}
        replayed, awards = _replay(connection)
        kept = set(connection.execute(_REQUESTS))
    once = {award for award, times in awards.items() if times == 1}
    return Recount(
        found=len({award for award in expected & once if award[:2] in kept}),
        repeated=sum(times - 1 for times in Counter(one.key for one in awards.elements()).values()),
        unknown=len(awards.keys() - expected),
        rows=len(stored),
        drifted=sum(
            stored.get(one) != replayed.get(one) for one in stored.keys() | replayed.keys()
        ),
    )


def _replay(connection: psycopg.Connection) -> tuple[dict[str, Participant], Counter[Award]]:
    """Everyone as their gapless journal makes them, and how often each award stands in it."""
    replayed: dict[str, Participant] = {}
    awards: Counter[Award] = Counter()
    with connection.cursor("journal") as cursor:
        cursor.itersize = 10_000
        for *columns, recorded_at, participant_id in cursor.execute(_JOURNAL):
            participant = replayed.setdefault(participant_id, Participant(participant_id))
            fact = records.fact(tuple(columns))
            if fact.number == participant.version + 1:
                evolve(participant, fact)
            participant.recorded_at = recorded_at
            if fact.kind == "points_awarded":
                awards[Award(fact.data["reason"], participant_id, fact.data["amount"])] += 1
    return replayed, awards
