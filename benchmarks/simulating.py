"""How fast is all that was ever done decided again under another program?"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import histories
import installed
from figures import Figure, show
from sizes import size

from gamify_cli.store import ranges
from gamify_cli.store.local import LocalStore

PARTICIPANTS = size(100_000, 10_000)
DECIDED = size(200_000, 50_000)
ROUNDS = size(2, 1)
_LIMIT = 30_000


def figures() -> list[Figure]:
    """In this process, the first ones alone; and all by the installed command."""
    installed.install()
    store, facts = histories.sqlite(PARTICIPANTS), PARTICIPANTS * histories.FACTS
    # A small store is read by one process.
    cores = ranges.cores() if facts >= ranges.WORTH_IT else 1
    with TemporaryDirectory() as folder:
        program = Path(folder) / "program.json"
        program.write_text(json.dumps(_other()), encoding="utf-8")
        seconds = statistics.median(_command(store, program) for _ in range(ROUNDS))
    return [
        Figure(
            "program simulate, in process",
            statistics.median(_alone(store) for _ in range(ROUNDS)),
            _LIMIT,
            "facts/s",
            f"the first {DECIDED:,} facts",
            at_least=True,
        ),
        Figure(
            f"program simulate of {facts:,} facts, by core",
            facts / seconds / cores,
            _LIMIT,
            "facts/s",
            f"{seconds:.1f} s from start to end on {cores} cores",
            at_least=True,
            of_size=True,
        ),
    ]


def _other() -> dict[str, Any]:
    """A program under which many stand in another tier."""
    document = histories.document()
    for tier in document["tiers"]:
        tier["points_required"] *= 2
    return document


def _alone(path: Path) -> float:
    """Facts a second of this process, from the store to what changes."""
    store = LocalStore.open(path, timeout=10)
    facts, first = 0, ""
    start = time.process_time()
    while facts < DECIDED:
        part = store.programs.simulate_some(_other(), None, first)
        facts, first = facts + part.facts, part.following or ""
    seconds = time.process_time() - start
    store.close()
    return facts / seconds


def _command(store: Path, program: Path) -> float:
    """Seconds of the installed command, which prints who changes."""
    command = ("--store", store, "program", "simulate", program, "-q", "-o", "jsonl")
    with TemporaryFile() as out:
        return installed.cost(installed.GAMIFY, *command, stdout=out.fileno()).seconds


if __name__ == "__main__":
    show(figures)
