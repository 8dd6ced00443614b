"""One measured answer to one question, and the table of them."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sizes

HEADINGS = ("Question", "Figure", "Limit", "Met", "Measured")


@dataclass(frozen=True)
class Figure:
    """`value` is None where nothing was measured, and `measured` then says why.

    The limit of one that is `of_size` means nothing in a quick run.
    """

    question: str
    value: float | None
    limit: float
    unit: str
    measured: str
    at_least: bool = False
    of_size: bool = False

    @property
    def is_kept(self) -> bool | None:
        """Whether the limit is; None if nothing was measured."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def met(self) -> str:
        """The same in a word."""
        if self.is_kept is False and self.of_size and sizes.QUICK:
            return "small"
        return {True: "yes", False: "NO", None: "skipped"}[self.is_kept]

    def cells(self) -> tuple[str, ...]:
        """One row of the table."""
        sign = ">=" if self.at_least else "<="
        return (
            self.question,
            "-" if self.value is None else self._amount(self.value),
            f"{sign} {self._amount(self.limit)}",
            self.met,
            self.measured,
        )

    def _amount(self, value: float) -> str:
        if self.unit == "x":
            return f"{value:.2f}x"
        return f"{value:,.0f} {self.unit}"


def ratio(
    question: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    limit: float,
    told: str,
    *,
    at_least: bool = False,
    of_size: bool = False,
) -> Figure:
    """The median over the rounds of the ratio within a round; `told` formats a median."""
    value = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    measured = " / ".join(told.format(statistics.median(one)) for one in (ours, theirs))
    return Figure(question, value, limit, "x", measured, at_least, of_size)


def skipped(question: str, limit: float, why: str, *, at_least: bool = False) -> Figure:
    """A ratio that could not be measured."""
    return Figure(question, None, limit, "x", why, at_least)


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
    require_all(figures)


def require_all(figures: Iterable[Figure]) -> None:
    """Exit with 1 if a limit is not kept that means something."""
    if any(figure.met == "NO" for figure in figures):
        sys.exit(1)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
