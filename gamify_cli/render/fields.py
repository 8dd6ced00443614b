"""Choosing members of a body by path, as a smaller body or as single cells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gamify_cli.domain.jsontext import compact

Tree = dict[str, "Tree"]
_WHOLE: Tree = {}


def tree(paths: Iterable[str]) -> Tree:
    """Paths as a tree of members in the order given; an empty branch takes the whole value."""
    root: Tree = {}
    for path in paths:
        *groups, last = path.split(".")
        branch = root
        for name in groups:
            fresh = name not in branch
            branch = branch.setdefault(name, {})
            if not (branch or fresh):
                break
        else:
            branch[last] = {}
    return root


def pick(wanted: Tree, value: Any) -> Any:
    """The chosen members of a value, in the tree's order; a list is picked from item by item."""
    if not wanted or value is None:
        return value
    if isinstance(value, list):
        return [pick(wanted, item) for item in value]
    if not isinstance(value, dict):
        return None
    return {name: pick(branch, value.get(name)) for name, branch in wanted.items()}


def value_at(body: Any, path: str) -> Any:
    """The value at a path; of a list, that of each item; None where the path ends early."""
    value = body
    for name in path.split("."):
        if isinstance(value, list):
            value = [item.get(name) if isinstance(item, dict) else None for item in value]
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def cell(body: dict[str, Any], path: str) -> str:
    """The value at a path as text: true, false, nothing for null, JSON for what is not single."""
    value = value_at(body, path)
    if value is None:
        return ""
    return value if isinstance(value, str) else compact(value)
