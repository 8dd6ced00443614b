"""CSV and TSV: a header that names what each column gives, then a row each."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from gamify_cli.commands.imports.lines import Chunk
from gamify_cli.commands.imports.rows import Members, Read, Rows
from gamify_cli.domain import jsontext, vocabulary
from gamify_cli.errors import GamifyError, UsageError, nearest

_MOST_LINES = 1_000
"""A row with line breaks in its cells has so many lines at most: a quote left open ends there."""

_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "str": ("text", lambda _: True),
    "int": ("an integer", lambda value: type(value) is int),
    "float": ("a number", lambda value: type(value) is int or isinstance(value, float)),
    "bool": ("true or false", lambda value: isinstance(value, bool)),
    "json": ("JSON", lambda _: True),
}
"""What a cell is by the hint after a colon, and whether JSON is that."""


class _Column(NamedTuple):
    """Where a cell goes: to a member, or to `name` among the free ones."""

    member: str
    name: str | None
    convert: Callable[[str], Any]


Columns = Sequence[_Column | None]
"""By place; None for one that is left aside."""


def read(chunks: Iterator[Chunk], rows: Rows, *, tabs: bool) -> Iterator[Read]:
    """What each row gives; an empty cell gives nothing, an empty row neither.

    Between tabs, quotes mean nothing. Raises UsageError for a header with a fault.
    """
    feed = _Feed(chunks)
    columns: Columns | None = None
    numbers: list[int] = []
    values: list[Members | GamifyError] = []
    for number, cells in _table(feed, tabs):
        if columns is None:
            columns = _header(cells, rows)
        elif isinstance(cells, GamifyError) or any(cells):
            numbers.append(number)
            values.append(_members(cells, columns, rows))
        if feed.is_dry:
            yield Read(numbers, values, feed.number)
            numbers, values = [], []
    if columns is None:
        raise UsageError("there is no header", hint=f"the first row is {','.join(rows.members)}")


class _Feed:
    """Lines for the csv module, each held until the row that it is in is whole.

    `number` is that of the last line taken; `is_dry` if the next one has to be waited for.
    """

    def __init__(self, chunks: Iterator[Chunk]) -> None:
        self.number = 0
        self.held: list[str | GamifyError] = []
        self._chunks = chunks
        self._ready: deque[str | GamifyError] = deque()
        self._size = 0

    @property
    def is_dry(self) -> bool:
        return not self._ready

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if not self._ready:
            self._ready.extend(next(self._chunks).lines)
        line = self._ready.popleft()
        self.number += 1
        self.held.append(line)
        if isinstance(line, GamifyError):
            raise _RefusedError(line)
        self._size += len(line)
        if len(self.held) > _MOST_LINES or self._size > vocabulary.MAX_BODY:
            raise csv.Error("unexpected end of data")
        return line + "\n"

    def begin(self) -> int:
        """The number of the line with which the next row begins."""
        self.held.clear()
        self._size = 0
        return self.number + 1

    def begin_anew(self) -> None:
        """Take all lines of a broken row but its first as lines of others."""
        again = self.held[1:]
        self._ready.extendleft(reversed(again))
        self.number -= len(again)


class _RefusedError(Exception):
    """A line that is none."""


def _table(feed: _Feed, tabs: bool) -> Iterator[tuple[int, list[str] | GamifyError]]:
    """The cells of each row, or why it has none, with the number of its first line."""
    csv.field_size_limit(vocabulary.MAX_BODY)
    reader = (
        csv.reader(feed, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        if tabs
        else csv.reader(feed, strict=True)
    )
    while True:
        number = feed.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RefusedError) as error:
            yield number, _fault(error, len(feed.held))
            feed.begin_anew()
        else:
            yield number, cells


def _fault(error: Exception, lines: int) -> GamifyError:
    if lines > 1 or str(error) == "unexpected end of data":
        return UsageError("the row opens a quote that is not closed")
    refused = error.args[0]
    return (
        refused if isinstance(refused, GamifyError) else UsageError(f"the row is no CSV: {error}")
    )


def _header(cells: Sequence[str] | GamifyError, rows: Rows) -> Columns:
    if isinstance(cells, GamifyError):
        raise UsageError(f"the header is bad: {cells.message}")
    names = [cell.strip() for cell in cells]
    if len(names) == 1 and any(apart in names[0] for apart in ",;\t"):
        raise UsageError(
            f'the header is a single column "{names[0][:80]}"',
            hint="between cells CSV has a comma, TSV a tab",
        )
    columns = [_column(name, rows) for name in names]
    kept = [column[:2] for column in columns if column]
    for column in columns:
        if column and kept.count(column[:2]) > 1:
            raise UsageError(f'the header names "{names[columns.index(column)]}" twice')
    for name in rows.needed:
        if (name, None) not in kept:
            raise UsageError(f'the header lacks "{name}"', hint=f"the columns are {_known(rows)}")
    return columns


def _column(name: str, rows: Rows) -> _Column | None:
    if name == rows.free:
        return _Column(name, None, lambda cell: _whole(cell, rows))
    if name in rows.members:
        return _Column(name, None, str)
    if name.startswith(rows.prefix) and name != rows.prefix:
        free, typed = name.removeprefix(rows.prefix), "str"
        if ":" in free:
            free, _, typed = free.rpartition(":")
        if typed not in _TYPES or not free:
            types = ", ".join(_TYPES)
            raise UsageError(
                f'the header has the type "{typed}" in "{name}"; there are {types}',
                hint=nearest(typed, _TYPES),
            )
        return _Column(rows.free, free, _converter(name, typed, rows))
    if name in rows.aside:
        rows.leave_column_aside(name)
        return None
    raise UsageError(
        f'unknown column "{name}" in the header',
        hint=nearest(name, rows.members) or f"the columns are {_known(rows)}",
    )


def _known(rows: Rows) -> str:
    return f"{', '.join(rows.members)} and {rows.prefix}NAME[:{'|'.join(_TYPES)}]"


def _converter(column: str, typed: str, rows: Rows) -> Callable[[str], Any]:
    what, is_that = _TYPES[typed]

    def convert(cell: str) -> Any:
        # Spreadsheets write TRUE.
        text = cell.strip().lower() if typed == "bool" else cell.strip()
        try:
            value = jsontext.loads(text, column, written=rows.written)
        except UsageError:
            if typed == "json":
                raise
            value = None
        if not is_that(value):
            raise UsageError(f'{column} must be {what}, not "{cell[:40]}"')
        return value

    return str if typed == "str" else convert


def _whole(cell: str, rows: Rows) -> Any:
    value = jsontext.loads(cell, rows.free, written=rows.written)
    return jsontext.check_object(value, rows.free)


def _members(cells: list[str] | GamifyError, columns: Columns, rows: Rows) -> Members | GamifyError:
    """What a row gives; with what is free in the order of the columns."""
    if isinstance(cells, GamifyError):
        return cells
    if len(cells) != len(columns):
        return UsageError(f"the row has {len(cells):,} cells, and the header {len(columns):,}")
    members: Members = {}
    free: Members = {}
    try:
        for column, cell in zip(columns, cells, strict=True):
            if column is None or not cell:
                continue
            member, name, convert = column
            if name is not None:
                free[name] = convert(cell)
            else:
                members[member] = convert(cell)
        if free:
            members[rows.free] = jsontext.check_object(members.get(rows.free, {}) | free, rows.free)
    except UsageError as error:
        return error
    return members
