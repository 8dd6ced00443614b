"""What people read: tables, cards and lists of values, drawn by Rich.

Data goes in as `Text` and escaped, so that nothing in it is markup, an escape code or a cut.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from gamify_cli.domain.shapes import Shape
from gamify_cli.render import branches, card, people, terminal
from gamify_cli.render.colors import TEXT, readable
from gamify_cli.render.escape import escape
from gamify_cli.render.fields import value_at
from gamify_cli.render.widths import Column, fitted, headings

Body = dict[str, Any]

_LABEL = 40
_TIME = r"\d{4}-\d\d-\d\dT[\d:.]+Z"
_COPIED = "op_[0-9a-f]{24}"
"""Ids of operations are copied out of a table, so that none is ever broken."""


class Tables:
    """Draws bodies of one shape on stdout, with escape codes only if `color` is set."""

    def __init__(self, shape: Shape, color: bool) -> None:
        self._shape = shape
        self._console = terminal.console(sys.stdout, color)

    def one(self, body: Body, fields: Sequence[str]) -> None:
        """A card for a participant; for anything else, or chosen fields, a line a value.

        A list of objects becomes a table below, under its name.
        """
        if not fields and self._shape.name in card.SHAPES:
            # The nearest of 16 colors may be white, or black.
            has_many = self._console.color_system in ("256", "truecolor")
            self._console.print(card.of(body, readable if has_many else lambda _: TEXT))
            return
        if not fields and self._shape.name == branches.SHAPE:
            self._tree(body)
            return
        paths = fields or list(body)
        listed = [path for path in paths if people.is_listed(value_at(body, path))]
        single = people.flattened(self._shape, body, [one for one in paths if one not in listed])
        self._console.print(_record(self._shape, body, single))
        for path in listed:
            rows = value_at(body, path)
            self._console.print("", Text(escape(path), style="bold"), sep="\n")
            self._rows(rows, people.shown(self._shape, path, rows))

    def _tree(self, body: Body) -> None:
        if sys.stdout.isatty():
            self._console.print(branches.tree(body))
            return
        for line in branches.lines(body):
            self._console.print(Text(line))

    def many(self, bodies: Iterable[Body], columns: Sequence[str], *, chosen: bool) -> None:
        """A row a body, or where that is too wide a block a body; nothing at all for no bodies.

        `chosen` if a person chose the columns.
        """
        rows: list[Body] = []
        try:
            rows.extend(bodies)
        finally:
            unfolded = None if chosen else people.unfolded(self._shape, rows)
            self._rows(*unfolded or (rows, columns))

    def _rows(self, rows: Sequence[Body], paths: Sequence[str]) -> None:
        if not rows:
            return
        columns = [_column(self._shape, rows, path) for path in paths]
        widths = fitted(columns, self._console.width)
        if not widths:
            # What every row lacks is missed least.
            columns = [one for one in columns if any(one.cells)]
            widths = fitted(columns, self._console.width)
        if widths:
            self._console.print(_table(columns, widths))
            return
        for number, row in enumerate(rows):
            self._console.print(*[""] * bool(number), _record(self._shape, row, paths), sep="\n")


def _column(shape: Shape, rows: Sequence[Body], path: str) -> Column:
    is_number = {type(value_at(row, path)) for row in rows} - {type(None)} == {int}
    cells = [people.text(shape, row, path) for row in rows]
    is_time, is_copied = (
        all(re.fullmatch(pattern, one) for one in cells if one) for pattern in (_TIME, _COPIED)
    )
    return Column(escape(path), cells, is_time, is_number, is_copied)


def _table(columns: Sequence[Column], widths: Sequence[int]) -> Table:
    """Every column as wide as it was given, so that nothing is left to be cut."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for column, width in zip(columns, widths, strict=True):
        justify: JustifyMethod = "right" if column.is_number else "left"
        heading = Text(headings(column.heading, width))
        table.add_column(heading, overflow="fold", width=width, justify=justify)
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, cells))
    return table


def _record(shape: Shape, body: Body, paths: Sequence[str]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold", style="dim", max_width=_LABEL)
    grid.add_column(overflow="fold")
    for path in paths:
        grid.add_row(escape(path), Text(people.text(shape, body, path)))
    return grid
