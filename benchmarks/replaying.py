"""How fast is a journal replayed, and a whole store verified?

Both by seconds that cores were at work for it, which are the same on a machine that is busy.
"""

from __future__ import annotations

import resource
import statistics
import time
from pathlib import Path

import histories
import installed
from data import ids
from figures import Figure, show
from sizes import size

from gamify_cli.store import ranges
from gamify_cli.store.sqlite.session import SqliteSession
from gamify_cli.store.verifying.auditing import Auditor
from gamify_cli.store.verifying.findings import Findings

PARTICIPANTS = size(100_000, 10_000)
REPLAYED = size(30_000, 5_000)
ROUNDS = size(3, 1)


def figures() -> list[Figure]:
    """In this process, a participant after the other; and by the installed command."""
    installed.install()
    store = histories.sqlite(PARTICIPANTS)
    replays = [_replay(store) for _ in range(ROUNDS)]
    facts = PARTICIPANTS * histories.FACTS
    # A small store is verified by one process.
    cores = ranges.cores() if facts >= ranges.WORTH_IT else 1
    command = (installed.GAMIFY, "--store", store, "store", "verify")
    before = _worked()
    seconds = statistics.median(installed.cost(*command).seconds for _ in range(ROUNDS))
    worked = (_worked() - before) / ROUNDS
    return [
        Figure(
            "replay of participants with ten facts each, by key, in process",
            statistics.median(replays),
            100_000,
            "facts/s",
            f"{REPLAYED:,} participants",
            at_least=True,
        ),
        Figure(
            f"store verify of {facts:,} facts, from start to end, by core",
            facts / worked,
            80_000,
            "facts/s",
            f"{worked:.1f} s of cores, {seconds:.1f} s by the clock, {cores} at a time",
            at_least=True,
        ),
    ]


def _worked() -> float:
    """Seconds of cores that processes took by now which this one started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _replay(store: Path) -> float:
    """Facts a second of this process, read and folded one participant after the other."""
    session = SqliteSession(store, timeout=10)
    with session.reading():
        auditor, found = Auditor(session), Findings()
        start = time.process_time()
        for one in ids(PARTICIPANTS)[:REPLAYED]:
            auditor.replayed(one, found)
        seconds = time.process_time() - start
    session.close()
    return found.facts / seconds


if __name__ == "__main__":
    show(figures)
