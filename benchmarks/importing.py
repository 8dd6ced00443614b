"""How fast do events come in that earn points and tick a streak, beside their bare rows?"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import installed
from figures import Figure, show

from gamify_cli.commands.imports.running import GROUP

EVENTS = 20_000
PEOPLE = 2_000
REPEATS = 5
_BY_HAND = Path(__file__).with_name("by_hand.py")
_PROGRAM = """
name = "bench"
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
rules = [{ code = "login", event = "login", points = 5, streak = "daily" }]
"""


def figures() -> list[Figure]:
    """Imports by the installed command, in turns with a loop that writes the rows it wrote."""
    installed.install()
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events, empty = folder / "events.jsonl", folder / "empty.db"
        events.write_text(_events(), encoding="utf-8")
        _apply_program(folder / "program.toml", empty)
        for repeat in range(REPEATS):
            filled, target = folder / f"ours-{repeat}.db", folder / f"bare-{repeat}.db"
            for store in (filled, target):
                shutil.copyfile(empty, store)
            ours.append(_import(events, filled))
            bare.append(_by_hand(events, filled, target))
    took, hand = statistics.median(ours), statistics.median(bare)
    return [
        Figure(
            f"events import of {EVENTS:,} with a rule and a streak each",
            EVENTS / took,
            3_000,
            "events/s",
            f"{took:.2f} s from start to end",
            at_least=True,
        ),
        Figure(
            "events import / a loop that writes the same rows",
            statistics.median(b / a for a, b in zip(ours, bare, strict=True)),
            0.5,
            "x",
            f"{EVENTS / took:,.0f}/s / {EVENTS / hand:,.0f}/s",
            at_least=True,
        ),
    ]


def _events() -> str:
    """Logins of random people on ten days, in order of time."""
    rng = random.Random(3)
    lines = []
    for number in range(EVENTS):
        day = 1 + number * 10 // EVENTS
        event = {
            "participant_id": f"user_{rng.randrange(PEOPLE)}",
            "event_name": "login",
            "timestamp": f"2026-02-{day:02}T{rng.randrange(24):02}:00:00Z",
        }
        lines.append(json.dumps(event))
    return "\n".join(lines) + "\n"


def _apply_program(path: Path, store: Path) -> None:
    path.write_text(_PROGRAM, encoding="utf-8")
    command = [installed.GAMIFY, "--store", store, "-q", "program", "apply", path]
    subprocess.run(command, env=installed.environment(), check=True, stdout=subprocess.DEVNULL)


def _import(events: Path, store: Path) -> float:
    return _timed(
        events, installed.GAMIFY, "--store", store, "events", "import", "-", "-o", "jsonl"
    )[0]


def _by_hand(events: Path, filled: Path, target: Path) -> float:
    """A process of its own, too, less the time that it took to learn what it has to write."""
    seconds, told = _timed(events, installed.PYTHON, "-I", _BY_HAND, filled, target, str(GROUP))
    return seconds - float(told)


def _timed(events: Path, *command: str | Path) -> tuple[float, bytes]:
    """The seconds from start to end of a command that reads the events, and its stderr."""
    start = time.perf_counter()
    with events.open("rb") as lines:
        done = subprocess.run(
            command,
            env=installed.environment(),
            check=True,
            stdin=lines,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    return time.perf_counter() - start, done.stderr


if __name__ == "__main__":
    show(figures)
