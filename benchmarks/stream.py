"""How fast do the profiles of many participants come, and how much memory does it take?"""

from __future__ import annotations

import random
import statistics
import subprocess
from pathlib import Path

import data
import installed
from figures import Figure, show
from sizes import size

PARTICIPANTS = size(100_000, 10_000)
FEW = 1_000
REPEATS = size(5, 1)
FORMATS = {"-o jsonl": ["-o", "jsonl"], "json to a pipe": []}


def figures() -> list[Figure]:
    """Speed and peak memory for each format, in turns."""
    installed.install()
    store = str(data.store(PARTICIPANTS))
    command = [str(installed.GAMIFY), "participants", "get", "-", "--store", store]
    many, few = _id_files()
    seconds: dict[str, list[float]] = {name: [] for name in FORMATS}
    peaks: dict[tuple[str, Path], list[int]] = {}
    for repeat in range(REPEATS + 1):
        for name, options in FORMATS.items():
            for file, count in ((few, FEW), (many, PARTICIPANTS)):
                cost = _measured([*command, *options], file, count)
                if not repeat:
                    continue
                peaks.setdefault((name, file), []).append(cost.peak)
                if file == many:
                    seconds[name].append(cost.seconds)
    speeds = [_speed(name, seconds[name]) for name in FORMATS]
    return [*speeds, *(_memory(name, peaks[name, many], peaks[name, few]) for name in FORMATS)]


def _id_files() -> tuple[Path, Path]:
    """All ids in an order that has nothing to do with the store's, and the first few of them."""
    ids = data.ids(PARTICIPANTS)
    random.Random(7).shuffle(ids)
    files = data.BENCH / "ids-many.txt", data.BENCH / "ids-few.txt"
    for file, chosen in zip(files, (ids, ids[:FEW]), strict=True):
        file.write_text("".join(f"{one}\n" for one in chosen), encoding="utf-8")
    return files


def _measured(command: list[str], ids: Path, count: int) -> installed.Cost:
    """What the command took, between two pipes as in a shell."""
    source = subprocess.Popen(["cat", ids], stdout=subprocess.PIPE)
    sink = subprocess.Popen(["wc", "-l"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if source.stdout is None or sink.stdin is None or sink.stdout is None:
        raise SystemExit("no pipes")
    cost = installed.cost(*command, stdin=source.stdout, stdout=sink.stdin.fileno())
    sink.stdin.close()
    lines = int(sink.stdout.read())
    source.wait()
    sink.wait()
    # A line a profile; a JSON array has one more, for its end.
    if lines != count + ("jsonl" not in command):
        raise SystemExit(f"{lines:,} lines for {count:,} ids from {command}")
    return cost


def _speed(name: str, seconds: list[float]) -> Figure:
    median = statistics.median(seconds)
    return Figure(
        f"participants get - {name}, {PARTICIPANTS:,} ids",
        PARTICIPANTS / median,
        20_000,
        "profiles/s",
        f"{median:.2f} s from start to end",
        at_least=True,
        of_size=True,
    )


def _memory(name: str, many: list[int], few: list[int]) -> Figure:
    most, least = statistics.median(many), statistics.median(few)
    return Figure(
        f"peak memory of that, {name} / of {FEW:,} ids",
        most / least,
        1.2,
        "x",
        f"{most / 1024:.1f} MiB / {least / 1024:.1f} MiB",
    )


if __name__ == "__main__":
    show(figures)
