"""What an import takes: the members of a participant or of an event, checked row by row."""

from __future__ import annotations

import pickle
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from gamify_cli.backend import Entry
from gamify_cli.commands.imports.repeats import Ids, Repeats
from gamify_cli.domain import instants, jsontext, shapes, vocabulary
from gamify_cli.domain.decide.profile import Registration, check, registration
from gamify_cli.errors import GamifyError, UsageError, nearest

Members = dict[str, Any]


class Read(NamedTuple):
    """What some lines hold, with the number of each; `lines` is the number of the last of all.

    The object that holds a row's free members, where there is one, may be kept as it is.
    """

    numbers: Sequence[int]
    values: Sequence[Members | GamifyError]
    lines: int


class Group(NamedTuple):
    """The same as entries; `failed` has whose those are that are none, by line, where they tell."""

    numbers: Sequence[int]
    entries: Sequence[Entry | GamifyError]
    lines: int
    failed: Mapping[int, str | None]

    @property
    def size(self) -> int:
        return len(self.entries)

    def part(self, start: int, stop: int) -> Group:
        """Some of them, by their places; it covers the lines up to the row that follows."""
        if start == 0 and stop >= len(self.entries):
            return self
        lines = self.numbers[stop] - 1 if stop < len(self.numbers) else self.lines
        return Group(self.numbers[start:stop], self.entries[start:stop], lines, self.failed)


def gathered(groups: Sequence[Group]) -> Group:
    """Several groups that follow each other as one."""
    if len(groups) == 1:
        return groups[0]
    numbers = [number for group in groups for number in group.numbers]
    entries = [entry for group in groups for entry in group.entries]
    failed = {number: one for group in groups for number, one in group.failed.items()}
    return Group(numbers, entries, groups[-1].lines, failed)


class Packed(NamedTuple):
    """A group of `size` rows on its way to another process, in few bytes."""

    size: int
    data: bytes

    def group(self) -> Group:
        """The group that it was."""
        numbers, entries, lines, failed = pickle.loads(self.data)  # noqa: S301 (of `packed`)
        every = [
            Entry(one[0], one[1], Registration(*one[2:])) if type(one) is tuple else one
            for one in entries
        ]
        return Group(numbers, every, lines, failed)


def packed(group: Group) -> Packed:
    """A group so packed; of most entries nothing but their texts is left."""
    every = [
        (*one[:2], *one.body) if type(one) is Entry and type(one.body) is Registration else one
        for one in group.entries
    ]
    data = pickle.dumps((group.numbers, every, group.lines, group.failed), pickle.HIGHEST_PROTOCOL)
    return Packed(group.size, data)


class Rows(ABC):
    """The rows of one import.

    `members` can be given, `needed` have to be; `free` holds whatever else there is, and
    `prefix` begins a column of that; `aside` are left aside. `written` is that of
    `jsontext.loads`; `are_events` if each that is recorded has an id, `together` how many are
    recorded at a time, and `can_be_packed` if that leaves little of them.
    """

    members: tuple[str, ...]
    needed: tuple[str, ...]
    free: str
    prefix: str
    aside: frozenset[str] = frozenset()
    written = False
    are_events = False
    can_be_packed = False
    together = 20_000

    def __init__(self, key: str | None) -> None:
        """`key` goes before the number of each line that has none of its own."""
        self._key = key
        self._aside: set[str] = set()
        self._rows_aside = 0
        self._has_columns_aside = False

    def group(self, read: Read) -> Group:
        """The entries of some rows."""
        entries: list[Entry | GamifyError] = []
        failed: dict[int, str | None] = {}
        add, entry = entries.append, self._entry
        for number, value in zip(read.numbers, read.values, strict=True):
            try:
                add(value if isinstance(value, GamifyError) else entry(number, value))
            except UsageError as error:
                add(error)
                failed[number] = _id_in(value)
        self._rows_aside += len(entries) * self._has_columns_aside
        return Group(read.numbers, entries, read.lines, failed)

    def leave_column_aside(self, name: str) -> None:
        """Of every row, what nobody can set."""
        self._aside.add(name)
        self._has_columns_aside = True

    def warnings(self) -> Iterator[str]:
        """What is to be told of all of them."""
        if self._aside:
            many = "1 row" if self._rows_aside == 1 else f"{self._rows_aside:,} rows"
            names = ", ".join(sorted(self._aside))
            yield f"left aside of {many}, since it is not to be set: {names}"

    @abstractmethod
    def _entry(self, number: int, members: Members) -> Entry:
        """One row; raises UsageError."""

    def _known(self, members: Members) -> Members:
        """The members that can be given; raises UsageError for one that nobody knows."""
        known = self.members
        for name in members:
            if name not in known and name not in self.aside:
                raise UsageError(
                    f'unknown field "{name}"',
                    hint=nearest(name, known) or f"the fields are {', '.join(known)}",
                )
        if any(name in self.aside for name in members):
            self._aside.update(name for name in members if name in self.aside)
            self._rows_aside += 1
        return {name: value for name, value in members.items() if name in known}


class Participants(Rows):
    """Participants, of whom each member given replaces what is there; null clears."""

    members = ("participant_id", "display_name", "avatar_url", "attributes")
    needed = ("participant_id",)
    free = "attributes"
    prefix = "attr."
    can_be_packed = True
    together = 40_000
    aside = frozenset(
        name
        for shape in (shapes.CREATED, shapes.PROFILE, shapes.STATE, shapes.ROW)
        for path in shape.paths
        for name in (path, path.split(".")[0])
    ) - {*members}
    """What gamify shows of them beside."""

    def __init__(self, key: str | None) -> None:
        super().__init__(key)
        self._ids = Ids()
        self._again = 0
        self._first_again: Entry | None = None

    def group(self, read: Read) -> Group:
        """The same; counts who comes again."""
        group = super().group(read)
        entries = [one for one in group.entries if isinstance(one, Entry)]
        for place in self._ids.again([one.participant_id for one in entries]):
            self._again += 1
            self._first_again = self._first_again or entries[place]
        return group

    def warnings(self) -> Iterator[str]:
        yield from super().warnings()
        if self._first_again:
            line, one, *_ = self._first_again
            many = "1 row is" if self._again == 1 else f"{self._again:,} rows are"
            yield f'{many} of a participant that came before, as line {line:,} of "{one}"'

    def _entry(self, number: int, members: Members) -> Entry:
        if not members.keys() <= _OWN:
            members = self._known(members)
        one = members.get("participant_id")
        if type(one) is not str:
            raise _no_text(members, "participant_id")
        vocabulary.participant_id(one)
        del members["participant_id"]
        for name, value in members.items():
            if type(value) is not str and value is not None and name != "attributes":
                raise UsageError(f"{name} must be text")
        if self._key is not None or None in members.values():
            return Entry(number, one, check(members), vocabulary.item_key(self._key, number))
        return Entry(number, one, registration(members))


_OWN = frozenset(Participants.members)


class Events(Rows):
    """Events; null means that a member was not given."""

    members = ("participant_id", "event_name", "properties", "timestamp", "idempotency_key")
    needed = ("participant_id", "event_name")
    free = "properties"
    prefix = "property."
    written = True
    are_events = True

    def __init__(self, key: str | None) -> None:
        super().__init__(key)
        self._seen = Repeats()

    def _entry(self, number: int, members: Members) -> Entry:
        if not members.keys() <= _OF_EVENTS:
            members = self._known(members)
        get = members.get
        one = vocabulary.participant_id(_needed(members, "participant_id"))
        body: Members = {"event_name": vocabulary.event_name(_needed(members, "event_name"))}
        if (properties := get("properties")) is not None:
            body["properties"] = properties
        if (timestamp := get("timestamp")) is not None:
            body["timestamp"] = instants.parse_stamp(_text(timestamp, "timestamp"))
        if (key := get("idempotency_key")) is not None:
            vocabulary.idempotency_key(_text(key, "idempotency_key"))
        elif self._key is not None:
            key = vocabulary.item_key(self._key, number)
        else:
            key = self._key_of(one, body)
        return Entry(number, one, body, key)

    def _key_of(self, one: str, body: Members) -> str:
        """What tells an event from all others: what it says, and how many before it say that."""
        digest = sha256(jsontext.canonical([one, body]).encode()).digest()
        (ordinal,) = self._seen.ordinals([int.from_bytes(digest[12:20], "big", signed=True)])
        return f"import:{digest[:12].hex()}.{ordinal}"


_OF_EVENTS = frozenset(Events.members)


def _needed(members: Members, name: str) -> str:
    one = members.get(name)
    if not isinstance(one, str):
        raise _no_text(members, name)
    return one


def _no_text(members: Members, name: str) -> UsageError:
    return UsageError(f"{name} must be text" if name in members else f'the line lacks "{name}"')


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name} must be text")
    return value


def _id_in(value: Members | GamifyError) -> str | None:
    one = None if isinstance(value, GamifyError) else value.get("participant_id")
    return one if isinstance(one, str) else None
