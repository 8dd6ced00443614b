"""Recount a PostgreSQL store: is each award there once, is each row what its journal says?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from typing import NamedTuple

import psycopg

from gamify_cli.domain import jsontext
from gamify_cli.store.local import LocalStore

_AWARDS = "SELECT participant_id, data FROM gamify.journal WHERE kind = 'points_awarded'"
_REQUESTS = "SELECT idempotency_key, participant_id FROM gamify.requests"


class Award(NamedTuple):
    """What a client was told that it did."""

    key: str
    participant: str
    amount: int


class Recount(NamedTuple):
    """Counts: `found` of the acknowledged awards; `repeated` and `unknown` of the recorded ones;
    `rows`, and of them `drifted` of which `store verify` would tell something."""

    found: int
    repeated: int
    unknown: int
    rows: int
    drifted: int


def recount(url: str, acknowledged: Iterable[Award]) -> Recount:
    """Compare what is stored with what was acknowledged; no key may be in there twice."""
    expected = set(acknowledged)
    with psycopg.connect(url) as connection:
        awards = _awards(connection)
        kept = set(connection.execute(_REQUESTS))
    with closing(LocalStore.open(url, timeout=60)) as store:
        verification = store.verification()
        drifts = list(verification.drifts(lambda *_: None))
    once = {award for award, times in awards.items() if times == 1}
    return Recount(
        found=len({award for award in expected & once if award[:2] in kept}),
        repeated=sum(times - 1 for times in Counter(one.key for one in awards.elements()).values()),
        unknown=len(awards.keys() - expected),
        rows=verification.participants,
        drifted=len({drift.participant_id for drift in drifts}),
    )


def _awards(connection: psycopg.Connection) -> Counter[Award]:
    """How often each award stands in the journal."""
    awards: Counter[Award] = Counter()
    with connection.cursor("journal") as cursor:
        cursor.itersize = 10_000
        for participant_id, text in cursor.execute(_AWARDS):
            data = jsontext.stored(text)
            awards[Award(data["reason"], participant_id, data["amount"])] += 1
    return awards
