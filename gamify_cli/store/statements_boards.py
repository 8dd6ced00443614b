"""The statements of leaderboards.

Points that ran out by now count as gone, whether or not that was recorded.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from gamify_cli.domain import facts
from gamify_cli.store.dialects import elements, member, members, number
from gamify_cli.store.schema import journal, participants

_ZERO: ColumnElement[int] = literal_column("0")
_ONE: ColumnElement[int] = literal_column("1")
_NOW = bindparam("now", type_=BigInteger)
_START = bindparam("start", type_=BigInteger)
_END = bindparam("end", type_=BigInteger)
_IDS: BindParameter[str] = bindparam("ids", type_=Text)
_METRIC: BindParameter[str] = bindparam("metric", type_=Text)


def _literal(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'")


_lot = members(participants.c.state, "lots", "lot")
_runs_out, _left = number(_lot.c.key), number(_lot.c.value)


def _ranked(scores: Subquery) -> Select[Any]:
    """Active participants by their scores, the best first."""
    best = scores.c.score.desc()
    ranked = (
        select(
            participants.c.participant_id,
            participants.c.display_name,
            scores.c.score,
            func.rank().over(order_by=best).label("rank"),
            func.dense_rank().over(order_by=best).label("dense"),
            func.count().over().label("total"),
        )
        .select_from(
            participants.join(scores, participants.c.participant_id == scores.c.participant_id)
        )
        .where(participants.c.is_active == _ONE, participants.c.is_void == _ZERO)
        .subquery("ranked")
    )
    asked = elements(_IDS, "asked")
    return (
        select(ranked)
        .where(or_(_IDS.is_(None), ranked.c.participant_id.in_(select(asked.c.value))))
        .order_by(ranked.c.score.desc(), ranked.c.participant_id)
        .limit(bindparam("limit", type_=BigInteger))
        .offset(_ZERO)
    )


_ran_out = (
    select(cast(func.coalesce(func.sum(_left), _ZERO), BigInteger))
    .select_from(_lot)
    .where(_runs_out <= _NOW)
    .correlate(participants)
    .scalar_subquery()
)
_balance = case(
    (participants.c.due_at <= _NOW, participants.c.balance - _ran_out),
    else_=participants.c.balance,
)
rank_everyone = _ranked(
    select(
        participants.c.participant_id,
        case(
            (_literal("events") == _METRIC, participants.c.total_events),
            (_literal("total_earned") == _METRIC, participants.c.total_earned),
            else_=_balance,
        ).label("score"),
    ).subquery("scores")
)

_sign = members(bindparam("scores", type_=Text), None, "sign")
_factor = number(_sign.c.value)
_amount = number(member(journal.c.data, "amount"))
_added = member(member(journal.c.data, "change"), "add")
_is_reversal = journal.c.kind == _literal(facts.REVERSED)
_scored = case(
    (journal.c.kind == _literal(facts.EVENT_RECORDED), _ONE),
    (and_(_is_reversal, _literal("events") == _METRIC), number(member(_added, "total_events"))),
    (
        and_(_is_reversal, _literal("total_earned") == _METRIC),
        number(member(_added, "total_earned")),
    ),
    else_=_amount,
)
_recorded = (
    select(journal.c.participant_id, (_factor * _scored).label("score"))
    .select_from(journal.join(_sign, journal.c.kind == _sign.c.key))
    .where(journal.c.occurred_at >= _START, journal.c.occurred_at < _END)
)
_unrecorded = (
    select(participants.c.participant_id, _factor * _left)
    .select_from(participants.join(_lot, true()).join(_sign, true()))
    .where(
        participants.c.due_at <= _NOW,
        _sign.c.key == _literal(facts.POINTS_EXPIRED),
        _runs_out <= _NOW,
        _runs_out >= _START,
        _runs_out < _END,
    )
)
_moves = union_all(_recorded, _unrecorded).subquery("moves")
_total = cast(func.sum(_moves.c.score), BigInteger)
# A claim that was not paid has no amount, and does not make a score; nor does what was reversed.
rank_window = _ranked(
    select(_moves.c.participant_id, _total.label("score"))
    .group_by(_moves.c.participant_id)
    .having(_total.is_not(None), or_(_literal("balance") == _METRIC, _total != _ZERO))
    .subquery("scores")
)
