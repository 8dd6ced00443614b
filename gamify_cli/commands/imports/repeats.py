"""How often something came before, for any number of things in few bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator


class Repeats:
    """Counts things by their hashes of 64 bits, in 16 to 32 bytes for each that is new.

    A set of so many numbers would take five times as much.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 << 12))
        self._used = 0
        self._more: dict[int, int] = {}

    def ordinals(self, hashes: Iterable[int]) -> Iterator[int]:
        """For each, how often it came by now: 1 for one that is new."""
        slots, mask = self._slots, len(self._slots) - 1
        for hash_ in hashes:
            value = hash_ & 0xFFFF_FFFF_FFFF_FFFF or 1
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
        self._slots = slots = array("Q", bytes(16 * len(old)))
        mask = len(slots) - 1
        for value in old:
            if value:
                place = value & mask
                while slots[place]:
                    place = (place + 1) & mask
                slots[place] = value
