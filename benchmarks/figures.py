"""One measured answer to one question, and the table of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

HEADINGS = ("Question", "Figure", "Limit", "Met", "Measured")


@dataclass(frozen=True)
class Figure:
    """`value` is None where nothing was measured, and `measured` then says why."""

    question: str
    value: float | None
    limit: float
    unit: str
    measured: str
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept; None if nothing was measured."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def cells(self) -> tuple[str, ...]:
        """One row of the table."""
        sign = ">=" if self.at_least else "<="
        met = {True: "yes", False: "NO", None: "skipped"}[self.met]
        return (
            self.question,
            "-" if self.value is None else self._amount(self.value),
            f"{sign} {self._amount(self.limit)}",
            met,
            self.measured,
        )

    def _amount(self, value: float) -> str:
        if self.unit == "x":
            return f"{value:.2f}x"
        return f"{value:,.0f} {self.unit}"


def table(figures: Iterable[Figure]) -> str:
    """The figures as a table that reads the same on a terminal and as Markdown."""
    return aligned([HEADINGS, *(figure.cells() for figure in figures)])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows, the headings first, as such a table."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "|".join(["", *("-" * (width + 2) for width in widths), ""]))
    return "\n".join(lines)


def show(measure: Callable[[], Sequence[Figure]]) -> None:
    """Measure and print: the main of each script. Exits with 1 if a limit is not kept."""
    figures = measure()
    print(table(figures))
    if any(figure.met is False for figure in figures):
        sys.exit(1)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
