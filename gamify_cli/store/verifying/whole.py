"""What is of no one participant: sums of operations, versions of the program, the stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from gamify_cli.domain.program import KINDS, Program
from gamify_cli.store.session import Session
from gamify_cli.store.verifying.auditing import BROKEN
from gamify_cli.store.verifying.drifts import Drift, Fix, shown
from gamify_cli.store.verifying.findings import Claim, Code, Findings

_COUNTER = ""
"""The code in the one row of a counted reward."""

FREE = Claim(None, None, None)
"""Nobody has the code."""

Documents = Mapping[int, Mapping[str, Any]]
"""What each version of the program holds, as far as it can be read."""


def of_operations(session: Session, found: Findings) -> Iterator[Drift]:
    """The sums of operations, once all participants were looked at."""
    rows = list(session.rows(session.sql.VERIFY_OPERATIONS))
    known = {row[0] for row in rows}
    for operation, participants, facts, is_import, undone_by in rows:
        whose, field = found.operations.get(operation, (0, 0)), f"operations.{operation}"
        # A command counts whom it names twice as two, an import nobody.
        most = whose[0] if is_import else max(whose)
        if not whose[0] <= participants <= most:
            missing = whose[0] - participants
            fix = Fix("sums", (operation, missing, 0))
            yield Drift(None, f"{field}.participants", participants, whose[0], fix)
        if facts != whose[1]:
            fix = Fix("sums", (operation, 0, whose[1] - facts))
            yield Drift(None, f"{field}.facts", facts, whose[1], fix)
        undoing = found.undone.get(operation)
        if undoing and undone_by != undoing:
            fix = Fix("undone", (operation, undoing))
            yield Drift(None, f"{field}.undone_by", undone_by, undoing, fix)
        elif undone_by is not None and undone_by not in known:
            yield Drift(None, f"{field}.undone_by", undone_by, None)


def of_programs(session: Session, documents: dict[int, Mapping[str, Any]]) -> Iterator[Drift]:
    """The versions of the program, gapless and legible; it fills in what they hold."""
    operations = {row[0] for row in session.rows(session.sql.VERIFY_OPERATIONS)}
    expected = 1
    for version, document, _, operation in session.rows(session.sql.DUMP_PROGRAMS):
        field = f"programs.{version}"
        if version != expected:
            yield Drift(None, f"{field}.version", version, expected)
        expected = version + 1
        try:
            documents[version] = orjson.loads(document)
            _require_legible(Program(version, documents[version]))
        except BROKEN:
            documents[version] = {}
            yield Drift(None, f"{field}.document", shown(document), None)
        if operation not in operations:
            yield Drift(None, f"{field}.operation", operation, None)


def _require_legible(program: Program) -> None:
    for name in (*KINDS, "timezone", "expiry_days", "counted_events"):
        getattr(program, name)


def of_stock(session: Session, found: Findings, documents: Documents) -> Iterator[Drift]:
    """The codes that were handed out and the counters, beside what was claimed."""
    claimed: dict[Code, Claim] = {}
    for code, claim in found.codes:
        if code in claimed:
            # Nobody can take back what two participants have.
            yield _of_code(code, "claim_id", claimed[code].claim_id, claim, None)
        else:
            claimed[code] = claim
    counters: dict[str, int] = {}
    for reward, code, remaining, *whose in session.stream(session.sql.DUMP_STOCK):
        if code == _COUNTER:
            counters[reward] = remaining
        else:
            claim = claimed.pop((reward, code), FREE)
            yield from _compared((reward, code), remaining, Claim(*whose), claim)
    for missing, claim in claimed.items():
        yield _of_code(missing, "claim_id", None, claim, Fix("code", (*missing, None, claim)))
    yield from _of_counters(counters, found.claims, documents)


def _compared(code: Code, remaining: int, stored: Claim, claim: Claim) -> Iterator[Drift]:
    # What the stock gave to somebody may be in use, whatever the journal lacks.
    may_be_in_use = claim == FREE != stored
    fix = None if may_be_in_use else Fix("code", (*code, (remaining, *stored), claim))
    left = int(claim == FREE)
    if remaining != left:
        yield Drift(claim.participant_id, _field(code, "remaining"), remaining, left, fix)
    for name, was, is_ in zip(Claim._fields, stored, claim, strict=True):
        if was != is_:
            yield Drift(claim.participant_id, _field(code, name), was, is_, fix)


def _of_code(code: Code, column: str, stored: Any, claim: Claim, fix: Fix | None) -> Drift:
    return Drift(claim.participant_id, _field(code, column), stored, claim.claim_id, fix)


def _field(code: Code, column: str) -> str:
    return f"reward_stock.{'.'.join(code)}.{column}"


def _of_counters(
    counters: Mapping[str, int], claims: Counter[tuple[str, int | None]], documents: Documents
) -> Iterator[Drift]:
    for reward in sorted({*counters, *(reward for reward, _ in claims)}):
        left, stored = _left(reward, claims, documents), counters.get(reward)
        if stored != left:
            fix = None if left is None else Fix("counter", (reward, stored, left))
            yield Drift(None, f"reward_stock.{reward}.remaining", stored, left, fix)


def _left(
    reward: str, claims: Mapping[tuple[str, int | None], int], documents: Documents
) -> int | None:
    """What a counter says by the journal; None where there is none.

    It counts from the version on since which the stock of the reward has been a number.
    """
    taken, number = 0, None
    for version in sorted(documents, reverse=True):
        stock = _stock(reward, documents[version])
        if not isinstance(stock, int):
            break
        number = stock if number is None else number
        taken += claims.get((reward, version), 0)
    return None if number is None else number - taken


def _stock(reward: str, document: Mapping[str, Any]) -> Any:
    """How much there is of a reward in a program, dropped from it or not; None if it is unknown."""
    dropped = document.get("inactive", {}).get("rewards", ())
    known = {one["id"]: one["stock"] for one in (*dropped, *document.get("rewards", ()))}
    return known.get(reward)
