"""How fast do events come in that earn something, beside their bare rows?"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import inputs
import installed
from figures import Figure, ratio, show
from sizes import size

GROUP = 10_000
"""So many events the loop commits together: as many facts as gamify does."""

_BY_HAND = Path(__file__).with_name("by_hand.py")
_POINTS = """
name = "bench"
rules = [{ code = "visit", event = "visit", points = 5 }]
"""
_STREAK = """
name = "bench"
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
rules = [{ code = "visit", event = "visit", points = 5, streak = "daily" }]
"""


class Trial(NamedTuple):
    """Events of so many people under a program, in so many files, of which each nth is measured."""

    program: str
    events: int
    people: int
    files: int
    each: int


class Rates(NamedTuple):
    """Events a second of each file, of ours and by hand."""

    ours: list[float]
    bare: list[float]


MANY = Trial(_POINTS, size(1_000_000, 20_000), size(100_000, 2_000), size(9, 2), size(3, 1))
STREAKS = Trial(_STREAK, size(60_000, 20_000), 2_000, size(3, 2), 1)


def figures() -> list[Figure]:
    """Imports by the installed command, in turns with a loop that writes the rows it wrote."""
    installed.install()
    many, streaks = _measured(MANY), _measured(STREAKS)
    return [
        ratio(
            f"events import of {MANY.events:,} with a rule each / a loop with the same rows",
            *many,
            0.6,
            "{:,.0f}/s",
            at_least=True,
            of_size=True,
        ),
        ratio(
            f"the same of {STREAKS.events:,} with a streak each, too",
            *streaks,
            0.5,
            "{:,.0f}/s",
            at_least=True,
            of_size=True,
        ),
        Figure(
            "events import of those with a streak",
            statistics.median(streaks.ours),
            3_000,
            "events/s",
            "",
            at_least=True,
        ),
    ]


def _measured(trial: Trial) -> Rates:
    """Into two stores that grow alike, file by file; of those not measured, one is a copy."""
    rates = Rates([], [])
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        ours, bare = place / "ours.db", place / "bare.db"
        _apply(trial.program, place / "program.toml", ours)
        shutil.copyfile(ours, bare)
        files = inputs.events(trial.events, trial.people, trial.files)
        count = trial.events / trial.files
        for number, file in enumerate(files, 1):
            seconds = _import(file, ours)
            if number % trial.each:
                shutil.copyfile(ours, bare)
                continue
            rates.ours.append(count / seconds)
            rates.bare.append(count / _by_hand(file, ours, bare))
    return rates


def _apply(program: str, path: Path, store: Path) -> None:
    path.write_text(program, encoding="utf-8")
    command = [installed.GAMIFY, "--store", store, "-q", "program", "apply", path]
    subprocess.run(command, env=installed.environment(), check=True, stdout=subprocess.DEVNULL)


def _import(events: Path, store: Path) -> float:
    command = (installed.GAMIFY, "--store", store, "events", "import", events)
    return installed.cost(*command).seconds


def _by_hand(events: Path, filled: Path, target: Path) -> float:
    """A process of its own, too, less the time that it took to learn what it has to write."""
    command = [installed.PYTHON, "-I", _BY_HAND, filled, target, str(GROUP)]
    with events.open("rb") as lines, tempfile.TemporaryFile() as told:
        cost = installed.cost(*command, stdin=lines, stdout=told.fileno())
        told.seek(0)
        return cost.seconds - float(told.read())


if __name__ == "__main__":
    show(figures)
