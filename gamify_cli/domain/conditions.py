"""Whether the properties of an event pass the conditions of an earn rule.

Conditions have the one form that a document keeps: tests by the path of the property,
{"order.total": {"gte": 5}}. A property that is missing passes `exists = false` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Properties = Mapping[str, Any]

MISSING: Any = object()
"""What stands at a path that leads nowhere."""


def at(properties: Properties, path: str) -> Any:
    """The value that `a.b` reaches inside the properties, or MISSING."""
    value: Any = properties
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return MISSING
        value = value[name]
    return value


def hold(where: Mapping[str, Mapping[str, Any]] | None, properties: Properties) -> bool:
    """Whether every test is passed; without conditions, always."""
    return all(
        _passes(at(properties, path), test, operand)
        for path, tests in (where or {}).items()
        for test, operand in tests.items()
    )


def same(one: Any, other: Any) -> bool:
    """Equality of JSON values: 1 is 1.0, but true is not 1 and "5" is not 5."""
    if _kind(one) is not _kind(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


def is_number(value: Any) -> bool:
    """Whether it is a number of JSON, which true is not."""
    return _kind(value) is float


def _passes(value: Any, test: str, operand: Any) -> bool:
    if test == "exists":
        return (value is not MISSING) is operand
    return value is not MISSING and _TESTS[test](value, operand)


def _kind(value: Any) -> type:
    if isinstance(value, bool):
        return bool
    if isinstance(value, int | float):
        return float
    return type(value)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A comparison of two numbers or of two texts, by code points; of others it fails."""

    def passes(value: Any, operand: Any) -> bool:
        return _kind(value) is _kind(operand) and compare(value, operand)

    return passes


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": same,
    "ne": lambda value, operand: not same(value, operand),
    "gt": _ordered(lambda value, operand: value > operand),
    "gte": _ordered(lambda value, operand: value >= operand),
    "lt": _ordered(lambda value, operand: value < operand),
    "lte": _ordered(lambda value, operand: value <= operand),
    "in": lambda value, operand: any(same(value, one) for one in operand),
}
