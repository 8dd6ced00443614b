"""Rules of limits: how often an earn rule may act in a window of the calendar.

Windows are those of the program's zone, by the time of the event. What refuses an effect never
refuses the event.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from gamify_cli.domain import instants
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.limits import REACH, Windows
from gamify_cli.domain.program import Rule
from gamify_cli.errors import UsageError


class Refusal(NamedTuple):
    """Which rule gives less than it says, why and, where that passes, until when."""

    rule: str
    reason: str
    until: Instant | None = None

    def data(self) -> dict[str, Any]:
        """The members that the event's fact keeps."""
        return {name: value for name, value in self._asdict().items() if value is not None}


class Use(NamedTuple):
    """The window that an event uses, and the oldest one that any event can still use.

    Each is told by its start.
    """

    per: str
    window: Instant
    oldest: Instant


def judge(decision: Decision, rule: Rule, at: Instant) -> Use | Refusal | None:
    """What an event at `at` uses of a rule's limit; None if it has none."""
    if rule.limit is None:
        return None
    newest = max(at, decision.participant.event_at or at)
    if at < newest - REACH:
        days = REACH // instants.DAY
        return Refusal(rule.code, f"over {days} days before the participant's newest event")
    per, times = rule.limit["per"], rule.limit["times"]
    windows = Windows(per, decision.program.timezone)
    try:
        use = Use(per, windows.start_at(at), windows.start_at(newest - REACH))
        if _count(decision, rule, use) < times:
            return use
        until = windows.end_at(at)
    except UsageError as error:
        return Refusal(rule.code, error.message)
    text = f"limit of {times:,} per {per} reached until {instants.text(until)}"
    return Refusal(rule.code, text, until)


def _count(decision: Decision, rule: Rule, use: Use) -> int:
    """How often the rule acted in that window; a limit of another length or zone begins anew."""
    kept = decision.participant.limits.get(rule.code)
    if kept is None or kept["per"] != use.per:
        return 0
    return int(kept["counts"].get(str(use.window), 0))
