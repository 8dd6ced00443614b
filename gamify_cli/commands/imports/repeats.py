"""How often something came before, for any number of things in few bytes each."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from operator import lt


class Repeats:
    """Counts things by their hashes, signed numbers of 64 bits, in 16 to 32 bytes each.

    A set of so many numbers would take five times as much.
    """

    def __init__(self) -> None:
        self._slots = array("q", bytes(8 << 12))
        self._used = 0
        self._more: dict[int, int] = {}

    def ordinals(self, hashes: Iterable[int]) -> Iterator[int]:
        """For each, how often it came by now: 1 for one that is new."""
        slots, mask = self._slots, len(self._slots) - 1
        for hash_ in hashes:
            value = hash_ or 1
            place = value & mask
            while (found := slots[place]) and found != value:
                place = (place + 1) & mask
            if found:
                self._more[value] = ordinal = self._more.get(value, 1) + 1
                yield ordinal
                continue
            slots[place] = value
            self._used += 1
            if self._used * 2 > mask:
                self._grow()
                slots, mask = self._slots, len(self._slots) - 1
            yield 1

    def _grow(self) -> None:
        old = self._slots
        self._slots = slots = array("q", bytes(16 * len(old)))
        mask = len(slots) - 1
        for value in old:
            if value:
                place = value & mask
                while slots[place]:
                    place = (place + 1) & mask
                slots[place] = value


class Ids:
    """Tells which ids came before."""

    def __init__(self) -> None:
        self._seen = Repeats()
        self._in_order: array[int] | None = array("q")
        self._last = ""

    def again(self, ids: Sequence[str]) -> Iterator[int]:
        """The places of those that came before, in these or in others that were asked for."""
        if self._in_order is not None:
            # As long as each is greater than the one before, as in most files, none comes again.
            if not ids or (self._last < ids[0] and all(map(lt, ids, ids[1:]))):
                self._in_order.extend(map(hash, ids))
                self._last = ids[-1] if ids else self._last
                return
            deque(self._seen.ordinals(self._in_order), maxlen=0)
            self._in_order = None
        for place, ordinal in enumerate(self._seen.ordinals(map(hash, ids))):
            if ordinal > 1:
                yield place
