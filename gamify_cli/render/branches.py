"""The tree of an explanation: on a terminal with branches, elsewhere as indented lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text
from rich.tree import Tree

from gamify_cli.render.escape import escape

Body = dict[str, Any]

SHAPE = "explanation"

_LEFT = ("points", "lot", "used_up")
"""Kinds whose amount is what is left; that of others came or went, and has a sign."""


def tree(body: Body) -> Tree:
    """The tree with its branches; a line that is too long is folded, and nothing is cut."""
    root = Tree(_title(body), guide_style="dim")
    _grow(root, body)
    return root


def lines(body: Body) -> Iterator[str]:
    """The same as lines, each two columns further in than the one that it belongs to."""
    yield _title(body).plain
    yield from _below(body, 1)


def _title(body: Body) -> Text:
    title = Text(overflow="fold").append(escape(body["participant_id"]), style="bold")
    return title.append("  ", style="not bold").append_text(_label(body, {}))


def _label(node: Body, above: Body) -> Text:
    """A node in a line: its amount and what it is; of a fact, when it was and who did it."""
    text = Text(overflow="fold")
    if node["amount"] is not None:
        sign = "" if node["kind"] in _LEFT else "+"
        text.append(f"{node['amount']:{sign},} ", style="bold")
    text.append(escape(node["text"]))
    told = " · ".join(_told(node, above))
    return text.append(f"  {told}", style="dim") if told else text


def _told(node: Body, above: Body) -> Iterator[str]:
    """What stands behind a fact, but for what is the same as above it."""
    if node["occurred_at"] is None:
        return
    if node["occurred_at"] != above.get("occurred_at"):
        yield node["occurred_at"]
    if node["number"] is None:
        yield "due, not recorded yet"
        return
    yield f"#{node['number']}"
    # Whoever did something did what followed from it, too; an undo is a deed of its own.
    if node["cause"] is None or node["kind"] == "reversed":
        yield f"by {escape(node['actor'])}"
    if node["undone_by"] is not None:
        yield f"undone by {escape(node['undone_by'])}"


def _grow(branch: Tree, node: Body) -> None:
    for one in node["nodes"]:
        _grow(branch.add(_label(one, node)), one)


def _below(node: Body, depth: int) -> Iterator[str]:
    for one in node["nodes"]:
        yield "  " * depth + _label(one, node).plain
        yield from _below(one, depth + 1)
