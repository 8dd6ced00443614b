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
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from gamify_cli.render import card
from gamify_cli.render.colors import TEXT, readable
from gamify_cli.render.escape import escape
from gamify_cli.render.fields import cell, value_at

Body = dict[str, Any]

_UNBOUND = 100_000
"""Columns of what is piped: wide enough that no row is ever folded."""

_NARROWEST = 12
"""Columns that a folded text keeps at least."""

_GAP = 2
_LABEL = 40


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Called while the error is handled: leave it to the edge, as every format does."""
        raise


class Tables:
    """Draws on stdout, with escape codes only if `color` is set."""

    def __init__(self, color: bool) -> None:
        is_terminal = sys.stdout.isatty()
        self._width = shutil.get_terminal_size().columns if is_terminal else _UNBOUND
        plain_terminal = os.environ.get("TERM", "dumb") == "dumb"
        self._console = _Console(
            file=sys.stdout,
            width=self._width,
            force_terminal=color,
            color_system=None if not color else "standard" if plain_terminal else "auto",
            highlight=False,
            markup=False,
            emoji=False,
        )

    def one(self, shape: str, body: Body, fields: Sequence[str]) -> None:
        """A card for a participant; for anything else, or chosen fields, a line a value.

        A list of objects becomes a table below, under its name.
        """
        if not fields and shape in card.SHAPES:
            # The nearest of 16 colors may be white, or black.
            has_many = self._console.color_system in ("256", "truecolor")
            self._console.print(card.of(body, readable if has_many else lambda _: TEXT))
            return
        paths = fields or list(body)
        listed = [path for path in paths if _is_listed(value_at(body, path))]
        self._console.print(_record(body, [path for path in paths if path not in listed]))
        for path in listed:
            rows = value_at(body, path)
            self._console.print("", Text(escape(path), style="dim"), sep="\n")
            self._rows(rows, list(dict.fromkeys(name for row in rows for name in row)))

    def many(self, bodies: Iterable[Body], columns: Sequence[str]) -> None:
        """A row a body, or where that is too wide a block a body; nothing at all for no bodies."""
        rows: list[Body] = []
        try:
            rows.extend(bodies)
        finally:
            self._rows(rows, columns)

    def _rows(self, rows: list[Body], columns: Sequence[str]) -> None:
        if not rows:
            return
        widths = _widths(rows, columns, self._width)
        if widths:
            self._console.print(_table(rows, columns, widths))
            return
        for number, row in enumerate(rows):
            self._console.print(*[""] * bool(number), _record(row, columns), sep="\n")


def _is_listed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _table(rows: Sequence[Body], columns: Sequence[str], widths: Sequence[int]) -> Table:
    """Every column as wide as it was given, so that nothing is left to be cut."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for path, width in zip(columns, widths, strict=True):
        justify: JustifyMethod = "right" if _is_number(rows, path) else "left"
        table.add_column(escape(path), overflow="fold", width=width, justify=justify)
    for row in rows:
        table.add_row(*(Text(escape(cell(row, path))) for path in columns))
    return table


def _widths(rows: Sequence[Body], columns: Sequence[str], room: int) -> list[int]:
    """The widths of the columns, the widest text folded until all fit; none if they cannot."""
    widths = [_natural_width(rows, path) for path in columns]
    least = [
        width if _is_whole(rows, path) else min(width, max(_NARROWEST, cell_len(escape(path))))
        for width, path in zip(widths, columns, strict=True)
    ]
    excess = sum(widths) + _GAP * len(columns) - room
    while excess > 0:
        slack = [width - floor for width, floor in zip(widths, least, strict=True)]
        if not any(slack):
            return []
        widest = max((n for n, spare in enumerate(slack) if spare), key=lambda n: widths[n])
        widths[widest] -= 1
        excess -= 1
    return widths


def _natural_width(rows: Sequence[Body], path: str) -> int:
    return max(cell_len(escape(path)), *(cell_len(escape(cell(row, path))) for row in rows))


def _is_whole(rows: Sequence[Body], path: str) -> bool:
    """Numbers, times and flags are not folded."""
    return _is_number(rows, path) or path.endswith(("_at", "is_active"))


def _is_number(rows: Sequence[Body], path: str) -> bool:
    return any(type(value_at(row, path)) is int for row in rows)


def _record(body: Body, paths: Sequence[str]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold", style="dim", max_width=_LABEL)
    grid.add_column(overflow="fold")
    for path in paths:
        grid.add_row(escape(path), Text(escape(cell(body, path))))
    return grid
