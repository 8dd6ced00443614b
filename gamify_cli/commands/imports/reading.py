"""The rows of one file or stream, in groups that are recorded together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from gamify_cli.commands.imports import jsonl
from gamify_cli.commands.imports.lines import Input
from gamify_cli.commands.imports.rows import Group, Read, Rows, gathered, packed
from gamify_cli.errors import Conflict, GamifyError, UsageError

_LONG = 4 * 1024 * 1024
"""From so many bytes on, another process saves more time than it takes to begin."""

_FIRST = 8
"""The first group of another process is such a part of a whole one."""

_Told = tuple[str | None, list[str]]


class _Part(Protocol):
    """Some rows; `size` is how many."""

    @property
    def size(self) -> int: ...


_AnyPart = TypeVar("_AnyPart", bound=_Part)


class Reading:
    """How one input is read: in a process of its own where it is long and `beside` allows it.

    `share` is how much of it was read, as far as anybody knows. In the end `note` is what is to
    be told of the file, and `warnings` of all its rows.
    """

    def __init__(self, input_: Input, format_: str, rows: Rows, most: int, *, beside: bool) -> None:
        """A group has at most `most` rows."""
        self.share: float | None = None
        self.note: str | None = None
        self.warnings: list[str] = []
        self._input = input_
        self._format = format_
        self._rows = rows
        self._most = most
        self._beside = beside and rows.can_be_packed and input_.is_file and input_.size >= _LONG

    def groups(self) -> Iterator[Group]:
        """All of them; raises UsageError and Conflict where the input cannot be read on."""
        from gamify_cli.commands.imports import aside

        if not (self._beside and aside.is_possible()):
            yield from self._here()
            return
        # The first groups are small, so that the other process soon has something to do.
        first = self._most // _FIRST
        for share, parts in aside.made(lambda: self._some(packed, first), self._told, self._tell):
            self.share = share
            # None is held as it came for longer than it takes to unpack it.
            yield gathered([parts.pop(0).group() for _ in range(len(parts))])

    def _here(self) -> Iterator[Group]:
        try:
            for share, some in self._some(lambda group: group, self._most):
                self.share = share
                yield gathered(some)
        finally:
            self._tell(self._told())

    def _some(
        self, made_of: Callable[[Group], _AnyPart], first: int
    ) -> Iterator[tuple[float | None, list[_AnyPart]]]:
        """What is made of some rows at a time, with the share of the input that is read then.

        Where the input cannot be read on, what came before is given first, unless it is less
        than could be given at a time.
        """
        broken: list[GamifyError] = []
        has_given = False
        parts = map(made_of, self._until_broken(broken))
        for some in together(parts, self._most, lambda: self._input.would_wait, first=first):
            if has_given or not broken:
                yield self._input.share, some
            has_given = True
        if broken:
            raise broken[0]

    def _until_broken(self, broken: list[GamifyError]) -> Iterator[Group]:
        try:
            yield from self._parts()
        except (UsageError, Conflict) as error:
            broken.append(error)

    def _parts(self) -> Iterator[Group]:
        """The rows as they are read."""
        for read in self._reads():
            group = self._rows.group(read)
            for start in range(0, group.size or 1, self._most):
                yield group.part(start, start + self._most)
        self.note = self._input.require_unchanged()

    def _reads(self) -> Iterator[Read]:
        chunks = self._input.chunks()
        if self._format == "jsonl":
            return jsonl.read(chunks, self._rows)
        from gamify_cli.commands.imports import tables

        return tables.read(chunks, self._rows, tabs=self._format == "tsv")

    def _told(self) -> _Told:
        return self.note, [*self._rows.warnings()]

    def _tell(self, told: _Told) -> None:
        self.note, self.warnings = told


def together(
    parts: Iterable[_AnyPart], most: int, would_wait: Callable[[], bool], *, first: int
) -> Iterator[list[_AnyPart]]:
    """As many parts at a time as have at most `most` rows, or fewer where more would wait.

    The first ones have at most `first` rows, and then twice as many each time.
    """
    some: list[_AnyPart] = []
    count, limit = 0, first
    for part in parts:
        if some and count + part.size > limit:
            yield some
            some, count, limit = [], 0, min(most, 2 * limit)
        some.append(part)
        count += part.size
        if would_wait():
            yield some
            some, count = [], 0
    if some:
        yield some
