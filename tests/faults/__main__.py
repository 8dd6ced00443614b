"""The long run of `make soak`: 200 kills over all scenes, a minute of storms; prints a table."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from faults import scenes, storms
from faults.world import World

KILLS = 200
ROUNDS = 8
FLIPS = 100


def _timed(name: str, times: int, play: Callable[[World], None], seed: int) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        play(World(Path(home), random.Random(seed)))
    print(f"{name:<12} {times:>5} {time.monotonic() - started:>8.0f} s", flush=True)


def main() -> None:
    """Fails at the first fault that something did not survive, and names the seed."""
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    each = -(-KILLS // len(scenes.SCENES))
    for name, scene in scenes.SCENES.items():
        _timed(name, each, lambda world, scene=scene: scenes.run(scene, world, each), seed)
    _timed("writers", ROUNDS, lambda world: storms.writers(world, ROUNDS), seed)
    _timed("full disk", 1, storms.full_disk, seed)
    _timed("flips", FLIPS, lambda world: storms.flipped_bytes(world, FLIPS), seed)


if __name__ == "__main__":
    main()
