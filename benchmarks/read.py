"""Does reading one profile stay as fast when the store grows a hundredfold?"""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path

import data
from figures import Figure, show

from gamify_cli.backend import Participants
from gamify_cli.store.local import LocalStore

SMALL = 10_000
LARGE = 1_000_000
READS = 20_000
_TURN = 100
_WARM_UPS = 2_000
_CHUNK = 1 << 20


def figures() -> list[Figure]:
    """Read random profiles from both stores in turns."""
    counts = (SMALL, LARGE)
    paths = [data.store(count) for count in counts]
    for path in paths:
        _into_memory(path)
    rng = random.Random(11)
    wanted = [rng.choices(data.ids(count), k=_WARM_UPS + READS) for count in counts]
    # Both at once, before the first read: see Session on opening late.
    backends = [LocalStore.open(path, timeout=10) for path in paths]
    times: list[list[int]] = [[], []]
    for start in range(0, _WARM_UPS + READS, _TURN):
        for backend, ids, kept in zip(backends, wanted, times, strict=True):
            kept += _nanoseconds(backend.participants, ids[start : start + _TURN])
    for backend in backends:
        backend.close()
    small, large = (statistics.median(kept[_WARM_UPS:]) / 1_000 for kept in times)
    return [
        Figure(
            f"profile read, of {LARGE:,} / of {SMALL:,} participants",
            large / small,
            1.5,
            "x",
            f"{large:.1f} µs / {small:.1f} µs (p50)",
        )
    ]


def _into_memory(path: Path) -> None:
    """Have the system cache the file: the question is of work, not of the disk."""
    with path.open("rb") as file:
        while file.read(_CHUNK):
            pass


def _nanoseconds(store: Participants, ids: list[str]) -> list[int]:
    """How long each read took."""
    times = []
    for one in ids:
        start = time.perf_counter_ns()
        (profile,) = store.profiles([one])
        times.append(time.perf_counter_ns() - start)
        if not isinstance(profile, dict):
            raise profile
    return times


if __name__ == "__main__":
    show(figures)
