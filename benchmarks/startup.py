"""How long does one command take, from its start to its end?

Measured against what the user cannot do without, the bare interpreter, and against
sqlite-utils, which answers the same question from the same file.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import data
import histories
import installed
from figures import Figure, ratio, show
from sizes import size

from gamify_cli.domain import instants

PARTICIPANTS = 10_000
FACTS = 1_000
REPEATS = size(40, 10)
_WARM_UPS = 3
_COLLECTED = re.compile(rb"Collected : (\d+)")

Command = list[str]
Measured = Callable[[], float]


def figures() -> list[Figure]:
    """Measure all of them in turns, so that a busy moment falls on each alike."""
    installed.install()
    store, one = str(data.store(PARTICIPANTS)), data.ids(PARTICIPANTS)[PARTICIPANTS // 2]
    lived = ["--store", str(histories.one(FACTS)), "-o", "json"]
    known = [str(installed.GAMIFY), "participants", "get", histories.ADA, *lived]
    at = instants.text(data.NOW)
    bare = [str(installed.PYTHON), "-I", "-c", "pass"]
    version = [str(installed.GAMIFY), "--version"]
    table = [str(installed.GAMIFY), "participants", "get", one, "--store", store]
    get = [*table, "-o", "json"]
    select = f"select * from participants where participant_id = '{one}'"
    tab = [str(installed.GAMIFY), "__complete", "ids", "--store", store, "--", one[:-1]]
    query = [str(installed.SQLITE_UTILS), "query", store, select]
    times = interleaved(
        {
            "bare": lambda: wall(bare),
            "version": lambda: wall(version),
            "get": lambda: wall(get),
            "plain": lambda: wall(known),
            "past": lambda: wall([*known, "--at", at]),
            "tab": lambda: wall(tab),
            "table": lambda: _wall_on_terminal(table),
            "sqlite-utils": lambda: wall(query),
        }
    )
    return [
        beside("gamify --version / bare python", times, "version", "bare", 6.5),
        beside("participants get -o json / bare python", times, "get", "bare", 8),
        _instructions("participants get -o json / bare python, instructions", get, bare, 9),
        beside("participants get -o json / sqlite-utils query", times, "get", "sqlite-utils", 0.6),
        beside(
            f"participants get --at of {FACTS:,} facts / plain get", times, "past", "plain", 1.5
        ),
        beside("participants get on a terminal / bare python", times, "table", "bare", 10.5),
        beside("completion of an id / bare python", times, "tab", "bare", 8),
        _instructions("completion of an id / bare python, instructions", tab, bare, 9),
    ]


def interleaved(commands: dict[str, Measured], repeats: int = REPEATS) -> dict[str, list[float]]:
    """Seconds that each took, in turns; the first few are left out."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for repeat in range(repeats + _WARM_UPS):
        for name, measured in commands.items():
            seconds = measured()
            if repeat >= _WARM_UPS:
                times[name].append(seconds)
    return times


def beside(
    question: str, times: dict[str, list[float]], ours: str, theirs: str, limit: float
) -> Figure:
    """How much longer one took than the other."""
    pair = ([second * 1_000 for second in times[name]] for name in (ours, theirs))
    return ratio(question, *pair, limit, "{:.1f} ms")


def wall(command: Command, environment: dict[str, str] | None = None) -> float:
    """Seconds that the command took; spawned as cheaply as can be, for that time counts, too."""
    environment = environment or installed.environment()
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment, file_actions=nowhere)
    return _finished(process, start, command)


def _wall_on_terminal(command: Command) -> float:
    """The same with a terminal of 80 by 24 on all three descriptors, and someone reading it."""
    screen, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    shown: list[bytes] = []
    reader = threading.Thread(target=_drain, args=(screen, shown))
    reader.start()
    environment = installed.environment(TERM="xterm-256color")
    copies = [(os.POSIX_SPAWN_DUP2, terminal, descriptor) for descriptor in range(3)]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment, file_actions=copies)
    seconds = _finished(process, start, command)
    os.close(terminal)
    reader.join()
    os.close(screen)
    if "╭" not in b"".join(shown).decode():
        raise SystemExit(f"no card on the terminal from {command}")
    return seconds


def _drain(screen: int, shown: list[bytes]) -> None:
    # Reading a terminal that the last writer closed is an error (EIO) on Linux.
    with suppress(OSError):
        while piece := os.read(screen, 65_536):
            shown.append(piece)


def _finished(process: int, start: float, command: Command) -> float:
    _, status = os.waitpid(process, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"status {status} from {command}")
    return seconds


def _instructions(question: str, ours: Command, theirs: Command, limit: float) -> Figure:
    """Instructions executed in user space: hardly any noise, but blind to waiting."""
    if not shutil.which("valgrind"):
        return Figure(question, None, limit, "x", "valgrind is not installed")
    # A script names its interpreter in its first line, and valgrind counts only what it starts.
    counts = [_collected([str(installed.PYTHON), *ours]), _collected(theirs)]
    measured = " / ".join(f"{count / 1e6:.0f} M" for count in counts)
    return Figure(question, counts[0] / counts[1], limit, "x", measured)


def _collected(command: Command) -> int:
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}"]
    done = subprocess.run(
        [*valgrind, *command],
        env=installed.environment(PYTHONHASHSEED="0"),
        capture_output=True,
        check=True,
    )
    found = _COLLECTED.search(done.stderr)
    if not found:
        raise SystemExit(f"callgrind counted nothing for {command}")
    return int(found[1])


if __name__ == "__main__":
    show(figures)
