"""How an undo goes: told, confirmed, then done batch by batch."""

from __future__ import annotations

from itertools import count

from gamify_cli.backend import Answer, Body
from gamify_cli.context import Context
from gamify_cli.domain import undoing, vocabulary

_SUMS = ("participants", "facts", "points", "void", "codes", "shortfalls", "refused")
_TOLD = 20
"""So many things of a kind are told one by one."""


def undo(context: Context, operation: str, on_short: str) -> None:
    """Undo an operation; raises Rejected if points are missing, Declined and others.

    Where nobody is asked, nobody waits for what it would do: it is told once it is done.
    """
    options = context.options
    is_told = options.dry_run or not (options.yes or options.confirm)
    if is_told:
        rehearsal = context.settling()._replace(dry_run=True)
        plan = context.backend.operations.undo(operation, "clamp", rehearsal)
        _tell(context, plan.body)
        if plan.body["shortfalls"] and on_short == "refuse":
            raise undoing.short(plan.body["shortfalls"])
        if options.dry_run:
            context.output.one(context.show_answer(operation, plan))
            return
    context.confirm(f"undo {operation}")
    answer = _made(context, operation, on_short)
    if not is_told:
        _tell(context, answer.body)
    context.output.one(context.show_answer(operation, answer))
    context.messages.undoable = answer.body["undo"]


def _made(context: Context, operation: str, on_short: str) -> Answer:
    """What all batches did together; each has a key of its own."""
    total: Body = {}
    participants = context.backend.operations.show(operation)["participants"]
    with context.watching("undoing") as bar:
        for number in count():
            write = context.write()
            if number and write.idempotency_key:
                key = vocabulary.item_key(write.idempotency_key, number)
                write = write._replace(idempotency_key=key)
            answer = context.backend.operations.undo(operation, on_short, write)
            sums = {name: total[name] + answer.body[name] for name in _SUMS if total}
            total = answer.body | sums
            bar.at(total["participants"], total["participants"] / max(1, participants))
            if total["complete"]:
                return answer._replace(body=total)
    raise AssertionError  # count() has no end


def _tell(context: Context, plan: Body) -> None:
    """What undo would do, before anything is written."""
    people = _many(plan["participants"], "participant")
    note = f"{plan['command']}: {_many(plan['facts'], 'fact')} of {people}"
    context.note(f"{note}, {plan['points']:+,} points")
    if plan["void"]:
        context.note(f"  unknown afterwards: {_many(plan['void'], 'participant')}")
    told = {
        "codes": "stays handed out: code {code} of {reward_id}, {participant_id}",
        "shortfalls": "spent already: {missing:,} of {points:,} points, fact {fact}"
        " of {participant_id}",
        "refused": "not allowed without it: {kind}, fact {fact} of {participant_id}: {reason}",
    }
    for name, text in told.items():
        for one in plan[name][:_TOLD]:
            context.note(f"  {text.format_map(one)}")
        if len(plan[name]) > _TOLD:
            context.note(f"  and {len(plan[name]) - _TOLD:,} more")


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
