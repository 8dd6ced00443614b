"""Calls that feed a profile, and those that show what they led to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gamify_cli import wire
from gamify_cli.backend import Answer, Body, Entry, Imported, Source, Write, only
from gamify_cli.backend.whole import Backend
from gamify_cli.domain import inputs, instants, vocabulary
from gamify_cli.errors import Conflict, GamifyError, NotFound, Rejected, UsageError
from gamify_cli.server.calls import Call, given

_TIMES = ("expires_at", "occurred_at", "timestamp")


def award(backend: Backend, call: Call) -> Answer:
    return backend.points.award(call.participant_id, _points(call.body), call.write)


def deduct(backend: Backend, call: Call) -> Answer:
    return backend.points.deduct(call.participant_id, _points(call.body), call.write)


def award_batch(backend: Backend, call: Call) -> Answer:
    items = call.body["awards"]
    pairs = zip(items, call.writes(), strict=False)
    ended = [_award_item(backend, item, write) for item, write in pairs]
    begun = [{"index": n, "participant_id": _whose(item)} for n, item in enumerate(items)]
    return _results(begun, ended)


def balance(backend: Backend, call: Call) -> Body:
    return only(backend.points.balances([call.pid], call.when))


def expiring(backend: Backend, call: Call) -> Body:
    return only(backend.points.expiring([call.pid], call.query["by"], call.when))


def award_badge(backend: Backend, call: Call) -> Answer:
    body, code = call.given("metadata"), str(call.body["badge_code"])
    return backend.badges.award(call.participant_id, code, body, call.write)


def badges(backend: Backend, call: Call) -> Body:
    earned_only = bool(call.query["earned_only"])
    body = only(backend.badges.list([call.pid], call.when, earned_only=earned_only))
    if call.query["badge_codes"] is None:
        return body
    codes = {code.strip() for code in call.query["badge_codes"].split(",")}
    chosen = [badge for badge in body["badges"] if badge["code"] in codes]
    earned = sum(badge["earned"] for badge in chosen)
    return {**body, "badges": chosen, "total": len(chosen), "earned_count": earned}


def tier(backend: Backend, call: Call) -> Body:
    return only(backend.tiers.show([call.pid], call.when))


def assign_tier(backend: Backend, call: Call) -> Answer:
    body, code = call.given("reason"), str(call.body["tier_code"])
    return backend.tiers.assign(call.participant_id, code, body, call.write)


def record_streak(backend: Backend, call: Call) -> Answer:
    at = _timed(call.given("timestamp")).get("timestamp")
    code = str(call.body["streak_code"])
    return backend.streaks.record(call.participant_id, code, at, call.write)


def restore_streak(backend: Backend, call: Call) -> Answer:
    reason = str(call.body["reason"])
    return backend.streaks.restore(call.pid, call.ids["code"], reason, call.write)


def streaks(backend: Backend, call: Call) -> Body:
    return only(backend.streaks.list([call.pid], call.when))


def record_event(backend: Backend, call: Call) -> Answer:
    event = _timed(call.given("event_name", "properties", "timestamp"))
    return backend.events.record(call.participant_id, event, call.write)


def record_events(backend: Backend, call: Call) -> Answer:
    entries = [
        _entry(number, value, write)
        for number, (value, write) in enumerate(
            zip(call.body["events"], call.writes(), strict=False), 1
        )
    ]
    recorded = backend.events.importer(call.write, Source()).record(entries, len(entries))
    ended = [
        one if isinstance(one, GamifyError) else _recorded(one, value)
        for one, value in zip(recorded, call.body["events"], strict=True)
    ]
    return _results([{"index": number} for number in range(len(ended))], ended)


def _recorded(event: Imported, item: Body) -> Body:
    """What an event of a batch led to.

    Under a key of its own it is told to be recorded before; a batch that is sent again under one
    is answered as it was.
    """
    told = {"event_id": event.event_id}
    is_told = event.outcome == "unchanged" and item.get("idempotency_key") is not None
    return told | {"replayed": True} if is_told else told


def enroll(backend: Backend, call: Call) -> Answer:
    return backend.challenges.enroll(call.participant_id, call.ids["code"], call.write)


def challenges(backend: Backend, call: Call) -> Body:
    return only(backend.challenges.list([call.pid], call.when))


def _points(body: Body) -> Body:
    names = ("amount", "reason", "metadata", "expires_at", "occurred_at")
    return _timed(given(body, *names))


def _timed(members: Body) -> Body:
    """The members, with times as instants; raises UsageError."""
    for name in _TIMES:
        if name in members:
            members[name] = instants.parse_stamp(members[name])
    return members


def _own_key(body: Body, write: Write) -> Write:
    """The write of an item; a key of its own goes before that of the batch."""
    key = body.get("idempotency_key")
    return write if key is None else write._replace(idempotency_key=vocabulary.idempotency_key(key))


def _award_item(backend: Backend, value: Any, write: Write) -> Body | GamifyError:
    """What one award of a batch led to, or its own error."""
    try:
        body = inputs.read_value(inputs.AwardPoints, value, "the item")
        one, write = str(body["participant_id"]), _own_key(body, write)
        answer = backend.points.award(one, _points(body), write)
    except (UsageError, NotFound, Conflict, Rejected) as error:
        return error
    return {name: answer.body[name] for name in ("transaction_id", "new_balance")}


def _entry(number: int, value: Any, write: Write) -> Entry | GamifyError:
    try:
        body = inputs.read_value(inputs.RecordEvent, value)
        key = _own_key(body, write).idempotency_key
        names = ("event_name", "properties", "timestamp")
        event = _timed(given(body, *names))
        return Entry(number, str(body["participant_id"]), event, key)
    except UsageError as error:
        return error


def _whose(item: Any) -> str | None:
    """The participant that an item names, if it does."""
    one = item.get("participant_id") if isinstance(item, dict) else None
    return one if isinstance(one, str) else None


def _results(results: Sequence[Body], ended: Sequence[Body | GamifyError]) -> Answer:
    """What came of each item: `results` begins each one, `ended` goes on with it."""
    for shown, one in zip(results, ended, strict=True):
        told = wire.error_body(one) if isinstance(one, GamifyError) else one
        shown |= {"ok": not isinstance(one, GamifyError), **told}
    succeeded = sum(one["ok"] for one in results)
    counts = {"succeeded": succeeded, "failed": len(results) - succeeded}
    return Answer({"results": results, **counts}, "recorded")
