"""How fast does one command change many participants, beside an award each for itself?"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path

import data
import installed
from figures import Figure, ratio, show
from sizes import size

from gamify_cli.backend import Operation, Write
from gamify_cli.store.local import LocalStore

PARTICIPANTS = size(20_000, 2_000)
ALONE = size(1_000, 200)
REPEATS = size(5, 1)
COMMANDS = {
    "points award -": ["points", "award", "-", "5"],
    "participants update -": ["participants", "update", "-", "--attr", "cohort=2026"],
}


def figures() -> list[Figure]:
    """Commands from their start to their end, in turns with awards on another store."""
    installed.install()
    rates: dict[str, list[float]] = {name: [] for name in COMMANDS}
    alone = []
    with tempfile.TemporaryDirectory() as folder:
        ids = Path(folder) / "ids"
        ids.write_text("".join(f"{one}\n" for one in data.ids(PARTICIPANTS)), encoding="utf-8")
        for _ in range(REPEATS):
            for name, command in COMMANDS.items():
                rates[name].append(PARTICIPANTS / _seconds(command, ids, _copy(folder)))
            alone.append(_one_by_one(_copy(folder)))
    each = f", {PARTICIPANTS:,} ids"
    award = ratio(
        f"points award -{each} / an award each for itself",
        rates["points award -"],
        alone,
        2.0,
        "{:,.0f}/s",
        at_least=True,
    )
    return [award, *(_speed(f"{name}{each}", rates[name]) for name in COMMANDS)]


def _copy(folder: str) -> Path:
    """The store with all of them, as it is before each command."""
    return Path(shutil.copy(data.store(PARTICIPANTS), folder))


def _seconds(command: list[str], ids: Path, store: Path) -> float:
    options = ["--yes", "-q", "-o", "jsonl", "--store", str(store)]
    with ids.open("rb") as stdin:
        return installed.cost(installed.GAMIFY, *command, *options, stdin=stdin).seconds


def _one_by_one(path: Path) -> float:
    """How many awards a second get into the store where each is durable before the next."""
    store = LocalStore.open(path, timeout=10)
    write = Write(Operation.new("gamify points award", "bench"))
    start = time.perf_counter()
    for one in data.ids(ALONE):
        store.points.award(one, {"amount": 5}, write)
    seconds = time.perf_counter() - start
    store.close()
    return ALONE / seconds


def _speed(question: str, rates: list[float]) -> Figure:
    median = statistics.median(rates)
    return Figure(
        question,
        median,
        5_000,
        "changes/s",
        f"{PARTICIPANTS / median:.2f} s from start to end",
        at_least=True,
        of_size=True,
    )


if __name__ == "__main__":
    show(figures)
