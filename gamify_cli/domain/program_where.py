"""The conditions of an earn rule: which tests the properties of an event must pass.

A condition is written `amount = 5`, `amount = { gte = 5, lt = 10 }`, `"order.total" = 5` or
`order = { total = { gte = 5 } }`. Kept is one form: `{"order.total": {"gte": 5}}`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, time
from difflib import get_close_matches
from typing import Any

from gamify_cli.domain import jsontext
from gamify_cli.errors import UsageError, nearest

ORDER = ("gt", "gte", "lt", "lte")
TESTS = ("eq", "ne", *ORDER, "in", "exists")

Path = tuple[str | int, ...]
Tests = dict[str, dict[str, Any]]
Fault = tuple[Path, str]

_ALIKE = 0.75
"""How like a test a name must be to be taken for a misspelt one."""


def normal(where: Mapping[str, Any]) -> Tests:
    """Tests by the path of the property, for conditions without faults."""
    tests: Tests = {}
    for path, test, value, _ in _conditions(where):
        tests.setdefault(path, {})[test] = value
    return tests


def faults(where: dict[str, Any]) -> list[Fault]:
    """What is wrong with the conditions: the place in them, and a message."""
    found = []
    seen = set()
    for path, test, value, place in _conditions(where):
        message = _fault(path, test, value)
        if message is None and (path, test) in seen:
            message = f'is a second test "{test}" of {path}'
        if message:
            found.append((place, message))
        seen.add((path, test))
    return found or _limits(where)


def _conditions(
    where: Mapping[str, Any], parent: str = "", at: Path = ()
) -> Iterator[tuple[str, str, Any, Path]]:
    """Each test: the path of its property, its name, its value, its place in the conditions."""
    for name, value in where.items():
        path, place = parent + name, (*at, name)
        if not isinstance(value, dict):
            yield path, "eq", value, place
        elif not value or any(test in TESTS or _misspelt(test) for test in value):
            for test, operand in value.items() or [("", None)]:
                yield path, test, operand, (*place, test) if test else place
        else:
            yield from _conditions(value, f"{path}.", place)


def _misspelt(name: str) -> bool:
    return bool(get_close_matches(name, TESTS, n=1, cutoff=_ALIKE))


def _fault(path: str, test: str, value: Any) -> str | None:
    if "" in path.split("."):
        return f'"{path}" is no path of a property'
    if not test:
        return "needs a test such as { gte = 10 }"
    if test not in TESTS:
        hint = nearest(test, TESTS) or f"the tests are {', '.join(TESTS)}"
        return f'is no test; {hint}; a member of that name is written "{path}.{test}"'
    if not _is_json(value):
        return "must be a value that JSON has: text, a finite number, true, false, a list"
    if test in ORDER and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        return "must be a number or text, to be compared by order"
    if test == "in" and (not isinstance(value, list) or not value):
        return "must be a list of values"
    if test == "exists" and not isinstance(value, bool):
        return "must be true or false"
    return None


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_json(member) for member in value.values())
    if isinstance(value, list):
        return all(_is_json(member) for member in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, date | time)


def _limits(where: dict[str, Any]) -> list[Fault]:
    try:
        jsontext.check_object(where, "the condition")
    except UsageError as error:
        return [((), error.message)]
    return []
