"""Items of a long list in groups that one request can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")

MOST_BYTES = 900_000
"""Of a body, with room below its limit."""


def grouped(
    items: Iterable[_Item],
    size_of: Callable[[_Item], int],
    *,
    most: int | None = None,
    most_bytes: int = MOST_BYTES,
) -> Iterator[list[_Item]]:
    """The items in their order, `most` and `most_bytes` in a group, or one that is larger alone."""
    group: list[_Item] = []
    size = 0
    for item in items:
        # A separator goes with each.
        length = size_of(item) + 1
        if group and (len(group) == most or size + length > most_bytes):
            yield group
            group, size = [], 0
        group.append(item)
        size += length
    if group:
        yield group
