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

PARTICIPANTS = size(40_000, 10_000)
ROUNDS = size(2, 1)
_LIMIT = 30_000


def figures() -> list[Figure]:
    """By one process, and as the installed command, whose processes share the work."""
    installed.install()
    store, facts = histories.sqlite(PARTICIPANTS), PARTICIPANTS * histories.FACTS
    with TemporaryDirectory() as folder:
        program = Path(folder) / "program.json"
        program.write_text(json.dumps(_other()), encoding="utf-8")
        alone = statistics.median(facts / _alone(store) for _ in range(ROUNDS))
        whole = statistics.median(facts / _command(store, program) for _ in range(ROUNDS))
    cores = ranges.cores()
    told = f"{whole:,.0f} facts/s by {cores} cores, start-up included"
    question = f"program simulate of {facts:,} facts, "
    return [
        Figure(f"{question}one process", alone, _LIMIT, "facts/s", "median", at_least=True),
        Figure(f"{question}a core", whole / cores, _LIMIT, "facts/s", told, at_least=True),
    ]


def _other() -> dict[str, Any]:
    """A program under which about everybody stands elsewhere."""
    document = histories.document()
    for tier in document["tiers"]:
        tier["points_required"] *= 2
    return document


def _alone(path: Path) -> float:
    """Seconds that a core takes for everything, from the store to what changes."""
    store = LocalStore.open(path, timeout=10)
    worth_it, ranges.WORTH_IT = ranges.WORTH_IT, 10**12
    start = time.process_time()
    changed = sum(len(part.changed) for part in store.programs.simulate(_other(), None))
    seconds = time.process_time() - start
    ranges.WORTH_IT = worth_it
    store.close()
    if not changed:
        raise SystemExit("nobody changes")
    return seconds


def _command(store: Path, program: Path) -> float:
    command = ("--store", store, "program", "simulate", program, "-o", "jsonl")
    with TemporaryFile() as out:
        return installed.cost(installed.GAMIFY, *command, stdout=out.fileno()).seconds


if __name__ == "__main__":
    show(figures)
