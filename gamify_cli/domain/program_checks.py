"""What the definitions of a program file say of each other.

The checks take the file's own tables with `CUT` in the place of every value that has a fault
of its own: what is left is of the right type, but anything may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from gamify_cli.domain import program_where
from gamify_cli.domain.program import KINDS, key_of
from gamify_cli.domain.program_values import moment
from gamify_cli.errors import nearest

Path = tuple[str | int, ...]
Fault = tuple[Path, str]
Table = Mapping[str, Any]

CUT = ...

_EARNS = ("event", "total_earned", "balance", "streak", "tier")


def faults(program: Table) -> Iterator[Fault]:
    """Each fault as the path of the value and a message."""
    known = {kind: _codes(program, kind, key_of(kind)) for kind in KINDS}
    for kind in KINDS:
        yield from _repeated(program, kind, key_of(kind))
    yield from _repeated(program, "tiers", "level")
    yield from _thresholds(program)
    yield from _each(program, "badges", lambda badge: _badge(badge, known))
    yield from _each(program, "challenges", lambda challenge: _challenge(challenge, known))
    yield from _each(program, "rules", lambda rule: _rule(rule, known))


def _entries(table: Table, kind: str) -> Iterator[tuple[int, Table]]:
    """The sound entries of a list with their places."""
    entries = table.get(kind)
    for place, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield place, entry


def _each(program: Table, kind: str, check: Callable[[Table], Iterator[Fault]]) -> Iterator[Fault]:
    for place, entry in _entries(program, kind):
        for path, message in check(entry):
            yield (kind, place, *path), message


def _table(entry: Table, name: str) -> Table | None:
    """A member that is a table, if it is there and sound."""
    found = entry.get(name)
    return found if isinstance(found, dict) else None


def _codes(table: Table, kind: str, key: str) -> list[str]:
    codes = (entry.get(key) for _, entry in _entries(table, kind))
    return [code for code in codes if isinstance(code, str)]


def _repeated(table: Table, kind: str, key: str) -> Iterator[Fault]:
    """A code, or a level, that two entries of a list have."""
    first: dict[Any, int] = {}
    for place, entry in _entries(table, kind):
        value = entry.get(key)
        if value in first:
            yield (kind, place, key), f"{kind}[{first[value]}] has the {key} {value!s} already"
        elif isinstance(value, str | int):
            first[value] = place


def _thresholds(program: Table) -> Iterator[Fault]:
    """A tier that needs no more points than one below it."""
    sound = [
        (entry["level"], entry["points_required"], place)
        for place, entry in _entries(program, "tiers")
        if isinstance(entry.get("level"), int) and isinstance(entry.get("points_required"), int)
    ]
    most = None
    for level, points, place in sorted(sound):
        if most and level > most[0] and points <= most[1]:
            message = f"must be more than {most[1]:,}, which level {most[0]} needs"
            yield ("tiers", place, "points_required"), message
        if most is None or points > most[1]:
            most = level, points


def _reference(table: Table, name: str, known: Mapping[str, list[str]]) -> Iterator[Fault]:
    """A code under the singular name of its kind, of which there is no definition."""
    code, codes = table.get(name), known[f"{name}s"]
    if isinstance(code, str) and code not in codes:
        hint = nearest(code, codes)
        yield (name,), f'there is no {name} "{code}"' + (f"; {hint}" if hint else "")


def _badge(badge: Table, known: Mapping[str, list[str]]) -> Iterator[Fault]:
    criterion = _table(badge, "criterion")
    if criterion is None or CUT in criterion.values():
        return
    given = [name for name in _EARNS if criterion.get(name) is not None]
    if len(given) != 1:
        which = f"has {' and '.join(given)}, but takes" if given else "needs"
        yield ("criterion",), f"{which} one of {', '.join(_EARNS)}"
    elif given[0] not in ("event", "streak") and criterion.get("at_least") is not None:
        yield ("criterion", "at_least"), "goes with event or streak alone"
    for name in ("streak", "tier"):
        for path, message in _reference(criterion, name, known):
            yield ("criterion", *path), message


def _challenge(challenge: Table, known: Mapping[str, list[str]]) -> Iterator[Fault]:
    yield from _window(_table(challenge, "window"))
    yield from _repeated(challenge, "objectives", "id")
    yield from _prerequisites(challenge)
    reward = _table(challenge, "reward")
    if reward is not None:
        if all(value is None for value in reward.values()):
            yield ("reward",), "needs points or a badge"
        for path, message in _reference(reward, "badge", known):
            yield ("reward", *path), message


def _window(window: Table | None) -> Iterator[Fault]:
    if window is None or CUT in window.values():
        return
    given = [name for name in ("days", "from", "to") if window.get(name) is not None]
    if given not in (["days"], ["from", "to"]):
        yield ("window",), "needs either days, or from and to"
    elif given != ["days"]:
        ends = moment(window["from"]), moment(window["to"])
        if ends[0] >= ends[1]:
            yield ("window", "to"), "must lie after from"


def _prerequisites(challenge: Table) -> Iterator[Fault]:
    """Prerequisites that are no objectives, and those that wait for each other in a circle."""
    ids = _codes(challenge, "objectives", "id")
    graph: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    for place, objective in _entries(challenge, "objectives"):
        after = objective.get("after")
        named = after if isinstance(after, list) else []
        for number, one in enumerate(named):
            if isinstance(one, str) and one not in ids:
                path = ("objectives", place, "after", number)
                yield path, f'this challenge has no objective "{one}"'
        if isinstance(objective.get("id"), str):
            known = [one for one in named if one in ids]
            graph.setdefault(objective["id"], []).extend(known)
            places.setdefault(objective["id"], place)
    for circle in _circles(graph):
        message = f"is a circle: {' waits for '.join(circle)}"
        yield ("objectives", places[circle[0]], "after"), message


def _circles(graph: dict[str, list[str]]) -> Iterator[list[str]]:
    """Every circle, each broken up once it was told, so that the next is found."""
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1][::-1]
            yield circle
            graph[circle[0]] = []
        else:
            return


def _rule(rule: Table, known: Mapping[str, list[str]]) -> Iterator[Fault]:
    for name in ("streak", "badge"):
        yield from _reference(rule, name, known)
    where = rule.get("where")
    if isinstance(where, dict):
        for path, message in program_where.faults(where):
            yield ("where", *path), message
