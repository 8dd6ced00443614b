"""Is every acknowledged award there once, when the primary is killed again and again?

Prints one table; with --write, keeps it in README.md, too.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import last_run
import nodes
from figures import Figure, require_all, table
from recount import Award, recount

CLIENTS = 8
KILLS = 20
_FEWEST, _MOST = 100, 1_000
"""So many awards are acknowledged between two nodes that are well and the next kill."""

_SERVER, _NODE = "PostgreSQL", "the node"
_LIMITS = {_SERVER: 10.0, _NODE: nodes.TTL + 10.0}
"""Seconds to the promotion of the other node, by what was killed."""


class Kill(NamedTuple):
    """One kill of the primary: times of the monotonic clock, in seconds."""

    what: str
    at: float
    promoted: float
    well: float


class Client:
    """A process that awards; `awards` and `times` grow as it is answered."""

    def __init__(self, url: str, name: str) -> None:
        self.awards: list[Award] = []
        self.times: list[float] = []
        script = Path(__file__).with_name("failover_client.py")
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", sys.executable, str(script), url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.failures: list[str] = []
        self._readers = [threading.Thread(target=one) for one in (self._read, self._listen)]
        for reader in self._readers:
            reader.start()

    def require_running(self) -> None:
        """Raise Stuck if it is not."""
        if self._process.poll() is not None:
            raise nodes.Stuck(f"a client ended:\n{''.join(self.failures)}")

    def answered_since(self, moment: float) -> bool:
        return bool(self.times) and self.times[-1] > moment

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self.finish()

    def finish(self) -> None:
        """Let it finish the award that it is at."""
        if self._process.stdin:
            self._process.stdin.close()
        for reader in self._readers:
            reader.join()
        self._process.wait()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            key, participant, amount, at = line.split()
            self.times.append(float(at))
            self.awards.append(Award(key, participant, int(amount)))

    def _listen(self) -> None:
        self.failures += self._process.stderr or ()


class Drill:
    """The nodes, the clients, and the kills so far."""

    def __init__(self, rig: nodes.Nodes, clients: Sequence[Client]) -> None:
        self._rig = rig
        self.clients = clients
        self.kills: list[Kill] = []

    def kill(self, what: str, awards: int) -> None:
        """After so many awards more, kill the primary; return when all are well again."""
        primary, replica = self._rig.healthy()
        enough = self._acknowledged() + awards
        self._until(lambda: self._acknowledged() >= enough, f"{awards} awards")
        at = time.monotonic()
        primary.kill() if what == _NODE else primary.kill_server()
        self._until(replica.takes_writes, f"the promotion of {replica.name}")
        promoted = time.monotonic()
        self._until(
            lambda: all(one.answered_since(promoted) for one in self.clients), "all clients"
        )
        if what == _NODE:
            self._rig.start_node(primary)
        self._rig.healthy()
        self.kills.append(Kill(what, at, promoted, time.monotonic()))

    def _acknowledged(self) -> int:
        return sum(len(one.awards) for one in self.clients)

    def _until(self, look: nodes.Look, what: str) -> None:
        def look_or_stop() -> object:
            for one in self.clients:
                one.require_running()
            return look()

        self._rig.until(look_or_stop, what)


def main() -> None:
    """Exits with 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--write", action="store_true", help="keep the table in README.md")
    options = parser.parse_args()
    figures = _drill(options.kills)
    print(table(figures))
    if options.write:
        last_run.keep("failover", f"{last_run.machine()}\n\n{table(figures)}")
    require_all(figures)


def _drill(kills: int) -> list[Figure]:
    choose = random.Random(kills)
    with nodes.running() as rig:
        with _awarding(rig.url) as clients:
            drill = Drill(rig, clients)
            for number in range(kills):
                drill.kill((_SERVER, _NODE)[number % 2], choose.randint(_FEWEST, _MOST))
                kill = drill.kills[-1]
                told = f"{kill.what} killed, promoted after {kill.promoted - kill.at:.1f} s"
                print(f"{number + 1}/{kills}: {told}", file=sys.stderr, flush=True)
        return [*_losses(rig.url, clients), *_times(drill)]


@contextmanager
def _awarding(url: str) -> Iterator[list[Client]]:
    """Clients at work; each finishes its last award at the end."""
    clients = [Client(url, f"client{number}") for number in range(CLIENTS)]
    try:
        yield clients
    except BaseException:
        for one in clients:
            one.kill()
        raise
    for one in clients:
        one.finish()


def _losses(url: str, clients: Sequence[Client]) -> list[Figure]:
    """What must not be."""
    acknowledged = [award for one in clients for award in one.awards]
    failures = [line for one in clients for line in one.failures]
    print("".join(failures), end="", file=sys.stderr)
    counted = recount(url, acknowledged)
    found = f"{len(acknowledged):,} acknowledged, {counted.found:,} found once"
    questions = {
        "acknowledged awards that are not there once": (len(acknowledged) - counted.found, found),
        "keys that were paid twice": (counted.repeated, "with every 20th sent twice"),
        "awards there that nobody acknowledged": (counted.unknown, "in the journal"),
        "participants unlike their journal": (counted.drifted, f"of {counted.rows}, replayed"),
        "failures that a client saw": (len(failures), f"in {CLIENTS} processes"),
    }
    return [
        Figure(question, number, 0, "", measured)
        for question, (number, measured) in questions.items()
    ]


def _times(drill: Drill) -> list[Figure]:
    """How long writes stood still."""
    answered = sorted(at for one in drill.clients for at in one.times)
    figures = []
    for what, limit in _LIMITS.items():
        kills = [one for one in drill.kills if one.what == what]
        if not kills:
            continue
        promotions = [one.promoted - one.at for one in kills]
        silences = [_silence(answered, one) for one in kills]
        for question, seconds in (("promotion", promotions), ("next award", silences)):
            figures.append(
                Figure(
                    f"{what} killed: until the {question}, at worst",
                    max(seconds) * 1_000,
                    limit * 1_000,
                    "ms",
                    f"median {statistics.median(seconds) * 1_000:,.0f} ms of {len(kills)} kills",
                )
            )
    return figures


def _silence(answered: Sequence[float], kill: Kill) -> float:
    """The longest time without an answer to anyone, from a kill until both nodes are well."""
    around = [at for at in answered if kill.at - 1 <= at <= kill.well]
    return max(later - earlier for earlier, later in pairwise(around))


if __name__ == "__main__":
    main()
