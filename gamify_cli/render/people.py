"""Bodies as rows for people: what of a list is shown, and how an object reads in a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gamify_cli.domain.shapes import Shape
from gamify_cli.render.escape import escape
from gamify_cli.render.fields import cell, value_at

Body = dict[str, Any]

_SHOWN = {
    ("difference", "facts"): ("number", "kind", "occurred_at", "cause", "operation"),
    ("badges", "badges"): ("code", "name", "rarity", "earned", "earned_at"),
    ("rewards", "rewards"): ("id", "name", "type", "points_cost", "available_codes", "expires_at"),
    ("claims", "rewards"): ("claimed_at", "name", "type", "points_deducted", "code"),
    ("streaks", "streaks"): (
        "code",
        "period",
        "current_count",
        "longest_count",
        "last_recorded_at",
        "is_at_risk",
    ),
    ("challenges", "challenges"): ("code", "name", "status", "objectives", "enrolled_at"),
}
"""What is shown of the objects in a list, by its shape and name; all of the others.

The rest is in every other format, and here, too, if --fields asks for it.
"""

_PER_ITEM = ("streaks", "challenges")
"""Shapes that are nothing but a participant's list: of several, one table shows all."""


def shown(shape: Shape, path: str, items: Sequence[Body]) -> list[str]:
    """The members that a table has of the objects in a list."""
    every = list(dict.fromkeys(name for item in items for name in item))
    wanted = _SHOWN.get((shape.name, path), every)
    return [name for name in wanted if name in every]


def flattened(shape: Shape, body: Body, paths: Sequence[str]) -> list[str]:
    """Paths with an object's own in its place; what is free keeps its own form."""
    flat: list[str] = []
    for path in paths:
        members = value_at(body, path)
        if isinstance(members, dict) and members and path.split(".")[0] not in shape.free:
            flat += flattened(shape, body, [f"{path}.{name}" for name in members])
        else:
            flat.append(path)
    return flat


def unfolded(shape: Shape, bodies: Sequence[Body]) -> tuple[list[Body], list[str]] | None:
    """A row for each object in the lists of several participants, and the columns; else None."""
    if shape.name not in _PER_ITEM:
        return None
    rows = [row for body in bodies for row in _rows(body, shape.name)]
    items = [item for body in bodies for item in body[shape.name]]
    return rows, ["participant_id", *shown(shape, shape.name, items)]


def _rows(body: Body, member: str) -> Iterator[Body]:
    owner = {"participant_id": body["participant_id"]}
    yield from ({**owner, **item} for item in body[member] or [{}])


def text(shape: Shape, body: Body, path: str) -> str:
    """A value as a person reads it: one object of a list a line, `profile 0/1`.

    What is free, and what no line can tell, is JSON.
    """
    value = value_at(body, path)
    if path.split(".")[0] not in shape.free:
        if value == []:
            return "none"
        if is_listed(value) and all(map(_is_plain, value)):
            return "\n".join(escape(_line(item)) for item in value)
    return escape(cell(body, path))


def is_listed(value: Any) -> bool:
    """Whether a value is a list of objects that are neither nested nor empty."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and one for one in value)
    )


def _is_plain(item: Body) -> bool:
    return not any(isinstance(value, (dict, list)) for value in item.values())


def _line(item: Body) -> str:
    if {"id", "progress", "target"} <= set(item):
        return f"{item['id']} {item['progress']:,}/{item['target']:,}"
    return " ".join(cell(item, name) for name, value in item.items() if value is not None)
