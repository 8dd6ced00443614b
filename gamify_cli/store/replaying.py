"""A journal file as rows to be kept: each line checked, each participant made of its facts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from gamify_cli.backend import Body
from gamify_cli.domain import facts, instants, jsontext, views, vocabulary
from gamify_cli.domain.facts import REGISTERED, REVERSED, Fact
from gamify_cli.domain.instants import Instant
from gamify_cli.domain.journal_file import END, FORMAT, HEADER, ROWS, Seal
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.domain.program import KINDS, NONE, Program
from gamify_cli.errors import UsageError
from gamify_cli.store import records
from gamify_cli.store.session import Row

_BATCH = 20_000
_LARGEST = 2**63 - 1
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_CHANGED = "the file was changed, or damaged on its way"
_BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What comes of values that no gamify wrote."""


_FACTS = frozenset(facts.KINDS)


@dataclass
class Batch:
    """Rows by their kind, and participants: new ones, and known ones that more facts changed."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in ROWS})
    new: list[Row] = field(default_factory=list)
    known: list[Row] = field(default_factory=list)


class Replay:
    """Reads the lines of one file; `header` is its first one.

    `counts` has the rows of each kind by now, and the participants; `schema` is the newest that
    is known. Everything raises UsageError for a line that does not belong where it is.
    """

    def __init__(self, schema: str) -> None:
        self.header: Body = {}
        self.counts: Counter[str] = Counter()
        self._schema = schema
        self._seal = Seal()
        self._number = 0
        self._kinds = iter(ROWS)
        self._kind = ""
        self._names: tuple[str, ...] = ()
        self._key_columns = 0
        self._document_at: int | None = None
        self._key: Row = ()
        self._known_types: set[tuple[type, ...]] = set()
        self._people = _People()
        self._rows = Batch().rows
        self._end: Body | None = None

    def batches(self, groups: Iterable[Sequence[str]]) -> Iterator[Batch]:
        """All rows; first, as soon as the header is known, a batch with none."""
        for lines in filter(None, groups):
            rest = lines
            if not self.header:
                self.header, rest = self._read_header(lines[0]), lines[1:]
                yield Batch()
            self._take(rest)
            if sum(map(len, self._rows.values())) >= _BATCH:
                yield self._taken()
        if not self._number:
            raise UsageError("the file is empty, and no journal")
        if self._end is None:
            raise UsageError("the journal has no end: the file is cut short")
        if self._end != self._seal.end():
            raise UsageError(f"the journal is not what was exported: {_CHANGED}")
        yield self._taken()

    def _read_header(self, line: str) -> Body:
        self._number = 1
        # What is no JSON Lines at all is no journal either.
        header = _read(line)[0] if line.startswith("{") else {}
        if HEADER not in header:
            raise UsageError(
                f"this is no journal: its first line lacks {HEADER}",
                hint="participants themselves are imported without --journal",
            )
        format_, schema = header[HEADER], header.get("schema")
        if type(format_) is not int or not isinstance(schema, str):
            raise UsageError("the first line is no header of a journal")
        if format_ > FORMAT or schema > self._schema:
            raise UsageError(
                "the journal was exported by a newer gamify",
                hint="upgrade gamify: pip install --upgrade gamify-cli",
            )
        return header

    def _taken(self) -> Batch:
        """What was read since the last batch."""
        new, known = self._people.taken()
        batch, self._rows = Batch(self._rows, new, known), Batch().rows
        return batch

    def _take(self, lines: Sequence[str]) -> None:
        """Read some lines; nothing but blank ones may follow the end."""
        kinds: list[str] = []
        for line in lines:
            self._number += 1
            try:
                if self._end is None:
                    self._take_line(line, kinds)
                elif line.strip():
                    raise UsageError("there is more after the end of the journal")
            except UsageError as error:
                error.message = f"line {self._number:,}: {error.message}"
                raise
            except _BROKEN as error:
                raise UsageError(
                    f"line {self._number:,}: it does not follow from those before it: {_CHANGED}"
                ) from error
        self.counts.update(kinds)
        self.counts["participant"] = self._people.count
        self._seal.add(kinds, "".join(f"{line}\n" for line in lines[: len(kinds)]))

    def _take_line(self, line: str, kinds: list[str]) -> None:
        value, is_plain = _read(line)
        if HEADER in value:
            raise UsageError("a second journal begins here; a file holds one")
        if len(value) != 1:
            raise UsageError("a line has one member, which tells the kind of its row")
        ((kind, row),) = value.items()
        if kind == END:
            self._end = value
            return
        if kind != self._kind:
            self._begin(kind)
        self._take_row(kind, row, is_plain)
        kinds.append(kind)

    def _begin(self, kind: str) -> None:
        """The rows of another kind begin."""
        if kind not in self._kinds:
            raise UsageError(f'"{kind}" is no kind of row, or comes too late')
        self._kind, self._key, self._known_types = kind, (), set()
        columns, self._key_columns, document = ROWS[kind]
        self._names = tuple(columns)
        self._document_at = self._names.index(document) if document else None

    def _take_row(self, kind: str, row: Body, is_plain: bool) -> None:
        if type(row) is not dict or tuple(row) != self._names:
            raise UsageError(f"a {kind} has {', '.join(self._names)}, in this order")
        values = list(row.values())
        types = tuple(map(type, values))
        if types not in self._known_types:
            _require_types(row, ROWS[kind].columns)
            self._known_types.add(types)
        key = tuple(values[: self._key_columns])
        if key <= self._key:
            raise UsageError(f"this {kind} is out of order, or here twice")
        if kind == "fact":
            self._people.follow(*values[:7])
        _require_numbers(values)
        if kind == "program":
            self._people.program = _program(row, after=self._key)
        self._key = key
        at = self._document_at
        if at is not None:
            values[at] = _text(values[at], is_plain)
        self._rows[kind].append(tuple(values))


class _People:
    """Participants as their facts make them, one after the other, under the newest program."""

    def __init__(self) -> None:
        self.count = 0
        self.program = NONE
        self._one = Participant("")
        self._kept_version = 0
        self._new: list[Row] = []
        self._known: list[Row] = []

    def follow(
        self,
        participant_id: str,
        number: int,
        kind: str,
        data: Body,
        occurred_at: Instant,
        recorded_at: Instant,
        cause: int | None,
    ) -> None:
        """Take the next fact in; raises UsageError, and what evolving one raises."""
        one = self._one
        if participant_id != one.participant_id:
            self._keep()
            one = self._one = Participant(vocabulary.participant_id(participant_id))
            self._kept_version = 0
            self.count += 1
        if kind not in _FACTS:
            raise UsageError(f'"{kind}" is no kind of fact')
        is_new = not one.exists and not (one.is_void and kind == REVERSED)
        if number != one.version + 1 or is_new is not (kind == REGISTERED):
            raise UsageError(f"fact {number:,} follows on fact {one.version:,} of its participant")
        if recorded_at < one.recorded_at:
            raise UsageError("the fact was recorded before the one before it")
        if not (instants.is_one(occurred_at) and instants.is_one(recorded_at)):
            raise UsageError(f"{occurred_at} or {recorded_at} is no instant")
        evolve(one, Fact(number, kind, data, occurred_at, cause))
        one.recorded_at = recorded_at

    def taken(self) -> tuple[list[Row], list[Row]]:
        """Participants that have no row yet, and those with one, as they stand."""
        self._keep()
        new, known, self._new, self._known = self._new, self._known, [], []
        return new, known

    def _keep(self) -> None:
        one = self._one
        if one.version == self._kept_version:
            return
        try:
            row = records.participant_row(one)
            _require_legible(one, row, self.program)
        except (UsageError, *_BROKEN) as error:
            raise UsageError(
                f'the facts of participant "{one.participant_id}" make none: {_CHANGED}'
            ) from error
        if self._kept_version:
            self._known.append(records.update_row(row))
        else:
            self._new.append(row)
        self._kept_version = one.version


def _read(line: str) -> tuple[Body, bool]:
    """An object, and whether orjson spells it in the very same way; raises UsageError."""
    try:
        value = orjson.loads(line)
        # What it would read in another way than it stands there is read again: numbers that it
        # rounds, members that come twice.
        if "\\u0000" not in line and orjson.dumps(value) == line.encode():
            return _object(value), True
    except (ValueError, TypeError):
        pass
    value = jsontext.loads(line, "it")
    if _NUL.search(line):
        raise UsageError("it holds the character U+0000")
    return _object(value), False


def _object(value: Any) -> Body:
    if not isinstance(value, dict):
        raise UsageError("it is no JSON object")
    return value


def _text(value: Any, is_plain: bool) -> str:
    return orjson.dumps(value).decode() if is_plain else jsontext.compact(value)


def _require_types(row: Body, columns: Mapping[str, tuple[type, ...]]) -> None:
    for name, allowed in columns.items():
        if type(row[name]) not in allowed:
            raise UsageError(f"its {name} is none: {jsontext.compact(row[name])[:80]}")


def _require_numbers(values: Iterable[Any]) -> None:
    """Raise UsageError for an integer that no column takes."""
    for value in values:
        if type(value) is int and abs(value) > _LARGEST:
            raise UsageError(f"{value} is no number of a store")


def _require_legible(one: Participant, row: Row, program: Program) -> None:
    """Raise UsageError, or one of _BROKEN, for what no row takes or no view can show."""
    _require_numbers(row)
    if not all(
        isinstance(text, str | None) for text in (one.display_name, one.avatar_url, one.tier)
    ):
        raise UsageError("a text is none")
    for view in (views.profile, views.card):
        jsontext.compact(view(one, program, one.recorded_at))


def _program(row: Body, *, after: Row) -> Program:
    """Raise UsageError for a version that is skipped, anything else for what is no program."""
    if row["version"] != 1 + (after[0] if after else 0):
        raise UsageError("a version of the program is missing before it")
    program = Program(row["version"], row["document"])
    for name in (*KINDS, "timezone", "expiry_days", "counted_events"):
        getattr(program, name)
    return program
