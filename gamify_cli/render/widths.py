"""How wide each column of a table is, so that everything fits and nothing is cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

GAP = 2
_NARROWEST = 12
"""Columns that a folded text keeps at least."""

_DATE = 11
"""Columns of the first line of a time that is folded: `2026-02-14T`."""


class Column(NamedTuple):
    """A column by its heading and its cells, as they are shown.

    A number is never folded, nor what is copied.
    """

    heading: str
    cells: Sequence[str]
    is_time: bool
    is_number: bool
    is_copied: bool = False

    @property
    def content(self) -> int:
        """How wide its widest line is."""
        return max((cell_len(line) for cell in self.cells for line in cell.split("\n")), default=0)


def headings(text: str, width: int) -> str:
    """A heading in lines, cut behind a point or an underscore where it is too wide."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def fitted(columns: Sequence[Column], room: int) -> list[int]:
    """A width a column, the widest folded until all fit; none if they cannot.

    Times are folded behind their date where that saves lines, or is the only way.
    """
    room -= GAP * len(columns)
    wanted = [max(cell_len(one.heading), one.content) for one in columns]
    if sum(wanted) <= room:
        return wanted
    ways = []
    for folds_times in (False, True):
        least = [_least(one, folds_times=folds_times) for one in columns]
        if sum(least) <= room:
            start = [
                low if one.is_time and folds_times else width
                for one, low, width in zip(columns, least, wanted, strict=True)
            ]
            ways.append(_shrunk(start, least, room))
    return min(ways, key=lambda widths: _lines(columns, widths), default=[])


def _lines(columns: Sequence[Column], widths: Sequence[int]) -> int:
    """About how many lines a table has."""
    heights = (
        [-(-cell_len(cell) // width) for cell in column.cells]
        for column, width in zip(columns, widths, strict=True)
    )
    return sum(map(max, zip(*heights, strict=True)))


def _shrunk(widths: list[int], least: list[int], room: int) -> list[int]:
    while sum(widths) > room:
        spare = (n for n, width in enumerate(widths) if width > least[n])
        widths[max(spare, key=lambda n: widths[n])] -= 1
    return widths


def _least(column: Column, *, folds_times: bool) -> int:
    heading = max(cell_len(piece) for piece in _pieces(column.heading))
    if column.is_time and folds_times and not column.is_copied:
        return max(heading, min(column.content, _DATE))
    if column.is_number or column.is_copied or column.is_time:
        return max(heading, column.content)
    return max(heading, min(column.content, _NARROWEST))


def _pieces(heading: str) -> list[str]:
    return re.findall(r"[^._]*[._]|[^._]+", heading) or [heading]
