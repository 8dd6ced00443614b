"""Statements with a fixed text, by the name under which they run; there are more beside it.

`make generate` compiles each to a constant of the same name in capitals.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from gamify_cli.backend import KeyRecord
from gamify_cli.store import records
from gamify_cli.store.dialects import Upsert, elements, members
from gamify_cli.store.schema import (
    alembic_version,
    api_keys,
    journal,
    operations,
    participants,
    programs,
    requests,
    reward_stock,
    store,
)

COLUMNS = [*(participants.c[name] for name in records.COLUMNS), participants.c.state]
"""What makes a Participant."""


_ZERO: ColumnElement[int] = literal_column("0")
"""Spelt out, because SQLite's dialect would add an unnamed parameter for it."""

_COUNTER: ColumnElement[str] = literal_column("''")
"""The code in the one row of a counted reward."""


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=Text)


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


find_revision = select(alembic_version.c.version_num)
keep_revision = insert(alembic_version)
find_store = select(store.c.identity, store.c.created_at, store.c.test_clock)
keep_store = insert(store)
_exists: ColumnElement[bool] = participants.c.is_void == _ZERO
count_participants = select(func.count()).select_from(participants).where(_exists)
count_facts = select(cast(func.coalesce(func.sum(participants.c.version), _ZERO), BigInteger))

find_participant = select(*COLUMNS).where(participants.c.participant_id == _text("participant_id"))
_asked = elements(_text("ids"))
lock_participant = find_participant.with_for_update()
find_participants = select(*COLUMNS).where(
    participants.c.participant_id.in_(select(_asked.c.value))
)
lock_participants = find_participants.order_by(participants.c.participant_id).with_for_update()
page_participants = (
    select(*COLUMNS)
    .where(participants.c.participant_id > _text("after"), _exists)
    .order_by(participants.c.participant_id)
    .limit(_number("limit"))
    .offset(_ZERO)
)
complete_ids = (
    select(participants.c.participant_id)
    .where(participants.c.participant_id.between(_text("first"), _text("last")), _exists)
    .order_by(participants.c.participant_id)
    .limit(_number("limit"))
    .offset(_ZERO)
)

complete_last_id = select(func.max(participants.c.participant_id)).where(
    participants.c.participant_id.between(_text("first"), _text("last")), _exists
)

_SAVED = [*COLUMNS[1:], participants.c.due_at, participants.c.search]
# What comes by the thousand is bound by its place, which takes half the time.
_POSITIONAL = {"positional": True}
insert_participant = insert(participants).execution_options(**_POSITIONAL)
insert_newcomer = (
    insert(participants)
    .values({name: bindparam(name) for name in records.NEWCOMER})
    .execution_options(**_POSITIONAL)
)
update_participant = (
    update(participants)
    .where(participants.c.participant_id == _text("participant_id"))
    .values({column: bindparam(column.name, type_=column.type) for column in _SAVED})
    .execution_options(**_POSITIONAL)
)

find_program = (
    select(programs.c.version, programs.c.document)
    .order_by(programs.c.version.desc())
    .limit(literal_column("1"))
    .offset(_ZERO)
)
find_versions = (
    select(programs.c.version, programs.c.document, programs.c.applied_at, programs.c.operation)
    .where(programs.c.version.between(_number("first"), _number("last")))
    .order_by(programs.c.version.desc())
)
keep_program = insert(programs)

find_due = (
    select(*COLUMNS)
    .where(participants.c.due_at <= _number("now"))
    .order_by(participants.c.due_at)
    .limit(_number("limit"))
    .offset(_ZERO)
)
lock_due = find_due.with_for_update(skip_locked=True)
update_due = (
    update(participants)
    .where(participants.c.participant_id == _text("participant_id"))
    .values(due_at=_number("next_due_at"))
)

_latest = and_(
    journal.c.participant_id == participants.c.participant_id,
    journal.c.number == participants.c.version,
)
find_changed = (
    select(participants.c.participant_id)
    .join(journal, _latest)
    .where(
        participants.c.participant_id.in_(select(_asked.c.value)),
        journal.c.operation == _text("operation"),
    )
)

append_fact = insert(journal).execution_options(**_POSITIONAL)
append_registered = (
    insert(journal)
    .values({name: bindparam(name) for name in records.REGISTERED})
    .execution_options(**_POSITIONAL)
)
_kinds = elements(_text("kinds"))
find_history = (
    select(
        journal.c.number,
        journal.c.kind,
        journal.c.data,
        journal.c.occurred_at,
        journal.c.recorded_at,
        journal.c.cause,
        journal.c.operation,
        func.coalesce(journal.c.command, operations.c.command),
        func.coalesce(journal.c.actor, operations.c.actor),
    )
    .select_from(journal.outerjoin(operations, journal.c.operation == operations.c.operation))
    .where(
        journal.c.participant_id == _text("participant_id"),
        journal.c.number < _number("before"),
        journal.c.occurred_at.between(_number("since"), _number("until")),
        or_(_text("kinds").is_(None), journal.c.kind.in_(select(_kinds.c.value))),
    )
    .order_by(journal.c.number.desc())
    .limit(_number("limit"))
    .offset(_ZERO)
)

find_request = select(requests.c.fingerprint, requests.c.answer).where(
    and_(
        requests.c.participant_id == _text("participant_id"),
        requests.c.operation_name == _text("operation_name"),
        requests.c.idempotency_key == _text("idempotency_key"),
    )
)
keep_request = insert(requests).execution_options(**_POSITIONAL)
_sought = members(_text("asked"), None, "sought")
find_requests = (
    select(
        requests.c.participant_id,
        requests.c.idempotency_key,
        requests.c.fingerprint,
        requests.c.answer,
    )
    .select_from(_sought)
    .join(
        requests,
        and_(
            requests.c.participant_id == _sought.c.value,
            requests.c.idempotency_key == _sought.c.key,
            requests.c.operation_name == _text("operation_name"),
        ),
    )
)

_left = and_(
    reward_stock.c.reward_id == _text("reward_id"),
    reward_stock.c.remaining > _ZERO,
    reward_stock.c.code > _COUNTER,
)
_first_code = select(reward_stock.c.code).where(_left).order_by(reward_stock.c.code)
_first_code = _first_code.limit(literal_column("1")).offset(_ZERO)
lock_code = _first_code.with_for_update(skip_locked=True)
await_code = _first_code.with_for_update()
count_codes = select(func.count()).select_from(reward_stock).where(_left)
_asked_codes = elements(_text("codes"))
find_codes = select(reward_stock.c.code).where(
    reward_stock.c.reward_id == _text("reward_id"),
    reward_stock.c.code.in_(select(_asked_codes.c.value)),
)
keep_codes = insert(reward_stock).from_select(
    ["reward_id", "code", "remaining"],
    select(_text("reward_id"), _asked_codes.c.value, literal_column("1")),
)
take_code = (
    update(reward_stock)
    .where(reward_stock.c.reward_id == _text("reward_id"), reward_stock.c.code == _text("code"))
    .values(
        remaining=_ZERO,
        claim_id=_text("claim_id"),
        participant_id=_text("participant_id"),
        operation=_text("operation"),
    )
)
_counter = and_(reward_stock.c.reward_id == _text("reward_id"), reward_stock.c.code == _COUNTER)
find_counter = select(reward_stock.c.remaining).where(_counter)
lock_counter = find_counter.with_for_update()
start_counter = Upsert(
    lambda insert: (
        insert(reward_stock)
        .values(reward_id=_text("reward_id"), code=_COUNTER, remaining=_number("remaining"))
        .on_conflict_do_nothing()
        .inline()
    )
)
change_counter = (
    update(reward_stock)
    .where(_counter)
    .values(remaining=reward_stock.c.remaining + _number("change"))
)
drop_counter = delete(reward_stock).where(_counter)

_KEY = [api_keys.c[name] for name in KeyRecord._fields]
find_key = select(*_KEY).where(api_keys.c.hash == _text("hash"))
find_keys = select(*_KEY).order_by(api_keys.c.created_at.desc(), api_keys.c.key_id)
keep_key = insert(api_keys)
revoke_key = (
    update(api_keys).where(api_keys.c.key_id == _text("id")).values(revoked_at=_number("at"))
)

restore_operation = insert(operations).execution_options(**_POSITIONAL)
restore_program = insert(programs).execution_options(**_POSITIONAL)
restore_stock = insert(reward_stock).execution_options(**_POSITIONAL)
