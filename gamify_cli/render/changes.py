"""What a change did, or would do, in a few lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gamify_cli.backend import Answer
from gamify_cli.domain.jsontext import compact


def describe(participant_id: str, answer: Answer, *, dry_run: bool) -> Iterator[str]:
    """One line of outcome; for a rehearsal also each value before → after."""
    if answer.outcome == "replayed":
        yield f"replayed {participant_id}: this key was answered before"
    elif not dry_run:
        yield f"{answer.outcome} {participant_id}"
    else:
        would = "stay as it is" if answer.outcome == "unchanged" else f"be {answer.outcome}"
        yield f"dry run: {participant_id} would {would}; nothing was written"
        before, after = _values(answer.before or {}), _values(answer.after or {})
        for path in {**before, **after}:
            old, new = before.get(path, "null"), after.get(path, "null")
            if old != new:
                yield f"  {path}: {old} → {new}"


def _values(body: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Every single value of a body as JSON text, by its path."""
    values: dict[str, str] = {}
    for name, value in body.items():
        if isinstance(value, dict):
            values |= _values(value, f"{prefix}{name}.")
        else:
            values[prefix + name] = compact(value)
    return values
