"""JSON Lines: an object a line, read strictly and, where nothing in it is unusual, quickly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from gamify_cli.commands.imports.lines import Chunk
from gamify_cli.commands.imports.rows import Members, Read, Rows
from gamify_cli.domain import jsontext
from gamify_cli.errors import GamifyError, UsageError

_TOGETHER = 1_000
"""Lines that are read as one text; where one of them is unusual, each is read on its own."""


def read(chunks: Iterable[Chunk], rows: Rows) -> Iterator[Read]:
    """The objects of all lines that are not blank; raises UsageError for a header of a table."""
    for first, lines, is_clean in chunks:
        if first == 1:
            _require_no_header(lines[0], rows)
        values: list[Members | GamifyError | None] = []
        for start in range(0, len(lines), _TOGETHER):
            some = lines[start : start + _TOGETHER]
            plain = _plain(some, rows) if is_clean else None
            values += _apart(some, rows) if plain is None else plain
        yield _without_blanks(first, values)


def _require_no_header(line: str | GamifyError, rows: Rows) -> None:
    if isinstance(line, str) and line[:1].isalpha() and rows.needed[0] in line:
        raise UsageError(
            "the first line is a header of CSV or TSV, and no JSON", hint="add --format csv or tsv"
        )


def _plain(lines: Sequence[str | GamifyError], rows: Rows) -> list[Members] | None:
    texts = cast("Sequence[str]", lines)
    return jsontext.plain_objects(texts, rows.free, written=rows.written)


def _apart(
    lines: Sequence[str | GamifyError], rows: Rows
) -> Iterator[Members | GamifyError | None]:
    """What each line holds, where some are unusual, as those with escapes are."""
    usual = [line for line in lines if isinstance(line, str) and "\\" not in line and line]
    plain = _plain(usual, rows) if len(usual) < len(lines) else None
    if plain is None:
        yield from (_object(line, rows) for line in lines)
        return
    objects = iter(plain)
    for line in lines:
        is_usual = isinstance(line, str) and "\\" not in line and line
        yield next(objects) if is_usual else _object(line, rows)


def _without_blanks(first: int, values: list[Members | GamifyError | None]) -> Read:
    last = first + len(values) - 1
    kept = [value for value in values if value is not None]
    if len(kept) == len(values):
        return Read(range(first, last + 1), kept, last)
    numbers = [number for number, value in enumerate(values, first) if value is not None]
    return Read(numbers, kept, last)


def _object(line: str | GamifyError, rows: Rows) -> Members | GamifyError | None:
    """What one line holds, or why it is refused; None for one that is blank."""
    if isinstance(line, GamifyError):
        return line
    if not line.strip():
        return None
    try:
        value = jsontext.loads(line.removeprefix("\ufeff"), "the line", written=rows.written)
        if not isinstance(value, dict):
            raise UsageError("the line must be a JSON object")
        if value.get(rows.free) is not None:
            jsontext.check_object(value[rows.free], rows.free)
        return value
    except UsageError as error:
        return error
