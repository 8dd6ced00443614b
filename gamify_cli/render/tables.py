"""What people read: tables, cards and lists of values, drawn by Rich.

Data goes in as `Text` and escaped, so that nothing in it is markup, an escape code or a cut.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gamify_cli.render import card
from gamify_cli.render.escape import escape
from gamify_cli.render.fields import cell

Body = dict[str, Any]

_UNBOUND = 100_000
"""Columns of what is piped: wide enough that no row is ever folded."""


class Tables:
    """Draws on stdout, with escape codes only if `color` is set."""

    def __init__(self, color: bool) -> None:
        is_terminal = sys.stdout.isatty()
        plain_terminal = os.environ.get("TERM", "dumb") == "dumb"
        self._console = Console(
            file=sys.stdout,
            width=shutil.get_terminal_size().columns if is_terminal else _UNBOUND,
            force_terminal=color,
            color_system=None if not color else "standard" if plain_terminal else "auto",
            highlight=False,
            markup=False,
            emoji=False,
        )

    def one(self, shape: str, body: Body, fields: Sequence[str]) -> None:
        """A card for a participant; for anything else, or chosen fields, a line a value."""
        if not fields and shape in card.SHAPES:
            self._console.print(card.of(body))
            return
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True, style="dim")
        grid.add_column(overflow="fold")
        for path in fields or body:
            grid.add_row(path, Text(escape(cell(body, path))))
        self._console.print(grid)

    def many(self, bodies: Iterable[Body], columns: Sequence[str]) -> None:
        """A row a body; nothing at all for no bodies."""
        rows = list(bodies)
        if not rows:
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for path in columns:
            number = any(isinstance(_value(row, path), int) for row in rows)
            justify = "right" if number else "left"
            table.add_column(path, overflow="fold", justify=justify)  # type: ignore[arg-type]
        for row in rows:
            table.add_row(*(Text(escape(cell(row, path))) for path in columns))
        self._console.print(table)


def _value(body: Body, path: str) -> Any:
    """The single value at a path, where there is one that counts as a number."""
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return None if isinstance(value, bool) else value
