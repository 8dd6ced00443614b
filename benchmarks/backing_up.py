"""How fast is a backup made, beside a plain copy of the same file?

A plain copy while others write would be no backup. The verification, which reads all of the new
file, is timed apart.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data
from figures import Figure, show
from sizes import size

from gamify_cli.store.sqlite.copying import SqliteCopier

PARTICIPANTS = size(300_000, 10_000)
ROUNDS = size(3, 2)

_QUESTION = f"cp of a store of {PARTICIPANTS:,} participants / store backup without verification"
_LIMIT = 0.15


def figures() -> list[Figure]:
    """In turns, onto the same disk, each until it is there."""
    source = data.store(PARTICIPANTS)
    copier = SqliteCopier(source, timeout=10)
    plain, ours, verified = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=data.BENCH) as folder:
            copy, backup = Path(folder, "copy"), Path(folder, "backup")
            backup.touch()
            plain.append(_seconds(copy, subprocess.run, ["cp", source, copy]))
            ours.append(_seconds(backup, copier.copy, backup, backup, None))
            verified.append(_seconds(backup, copier.examine, backup, backup))
    ratio = statistics.median(a / b for a, b in zip(plain, ours, strict=True))
    cp, made, checked = (statistics.median(one) for one in (plain, ours, verified))
    measured = f"{cp:.2f} s / {made:.2f} s; verification {checked:.2f} s"
    return [Figure(_QUESTION, ratio, _LIMIT, "x", measured, at_least=True, of_size=True)]


def _seconds(path: Path, act: Callable[..., object], *given: Any) -> float:
    """Until what was written is on the disk."""
    start = time.perf_counter()
    act(*given)
    subprocess.run(["sync", path], check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    show(figures)
