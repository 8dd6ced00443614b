"""What does the server carry, beside the same SQL by hand and beside the usual way?"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import installed
import startup
from figures import Figure, ratio, show, skipped
from servers import CLIENTS, PARTICIPANTS, Load, Place, Server
from sizes import size

ROUNDS = size(5, 2)
SECONDS = 1
MIXED_SECONDS, SETTLED_SECONDS = size((60, 10), (4, 2))
STREAMS = size(3, 1)
COMMANDS = size(30, 5)

_AGAINST = (
    ("GET profile / bare app with the same SQL", "get", "bare", 0.6),
    ("GET profile / FastAPI and SQLAlchemy", "get", "plain", 4),
    ("POST award, durable / bare app with the same SQL", "award", "bare", 0.5),
    ("POST award, durable / FastAPI and SQLAlchemy", "award", "plain", 4),
)
_MIXED = f"{CLIENTS} clients for {MIXED_SECONDS} s"
_STREAM = f"participants get -, remote, {PARTICIPANTS:,} ids / GET by wrk"


def figures() -> list[Figure]:
    """All servers stand side by side, and are called in turns."""
    installed.install()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        if not shutil.which("wrk"):
            why = "wrk is not installed"
            return [*_rates({}, why), *_mixed(None, 0, 0, why), _command(place), _stream([], why)]
        rates = _measure_rates(place)
        mixed = _measure_mixed(place)
        return [*_rates(rates), *_mixed(*mixed), _command(place), _stream(_measure_streams(place))]


Rates = dict[tuple[str, str], list[float]]


def _measure_rates(place: Place) -> Rates:
    """Requests a second, by their kind and the server."""
    rates: Rates = defaultdict(list)
    with ExitStack() as stack:
        servers = {
            "gamify": stack.enter_context(place.gamify()),
            "bare": stack.enter_context(place.reference("bare.py")),
            "plain": stack.enter_context(place.reference("plain.py")),
        }
        for repeat in range(ROUNDS + 1):
            for kind in ("get", "award"):
                for name, server in servers.items():
                    rate = _rate(place, server, kind)
                    if repeat:
                        rates[kind, name].append(rate)
    return rates


def _rate(place: Place, server: Server, kind: str) -> float:
    with place.wrk(server, kind, SECONDS) as wrk:
        load = Load.told(wrk)
    if load.errors or not load.requests:
        raise SystemExit(f"{load.errors} of {load.requests} requests to {server.url} went wrong")
    return load.rate


def _rates(rates: Rates, why: str = "") -> Iterator[Figure]:
    """Beside each of the others."""
    for question, kind, other, limit in _AGAINST:
        if rates:
            pair = rates[kind, "gamify"], rates[kind, other]
            yield ratio(question, *pair, limit, "{:,.0f}/s", at_least=True)
        else:
            yield skipped(question, limit, why, at_least=True)


def _measure_mixed(place: Place) -> tuple[Load, int, int]:
    """The load, on a server that had done nothing, and its memory in KiB early and at the end."""
    with place.gamify() as server:
        with place.wrk(server, "mixed", MIXED_SECONDS) as wrk:
            time.sleep(SETTLED_SECONDS)
            early = server.memory()
            load = Load.told(wrk)
        return load, early, server.memory()


def _mixed(load: Load | None, early: int, late: int, why: str = "") -> list[Figure]:
    if load is None:
        bad = slow = grown = None
        measured = [why] * 3
    else:
        bad, slow, grown = load.errors, load.p99 / load.p50, late / early
        measured = [
            f"{load.requests:,} in all, {load.rate:,.0f}/s",
            f"{load.p99 * 1_000:.1f} ms / {load.p50 * 1_000:.1f} ms",
            f"{late / 1024:.1f} MiB / {early / 1024:.1f} MiB",
        ]
    return [
        Figure(f"{_MIXED}: refused or broken", bad, 0, "requests", measured[0]),
        Figure(f"{_MIXED}: slowest hundredth / median", slow, 20, "x", measured[1]),
        Figure(
            f"{_MIXED}: memory of its own / after {SETTLED_SECONDS} s", grown, 1.1, "x", measured[2]
        ),
    ]


def _command(place: Place) -> Figure:
    """A command that asks the server, in turns with the bare interpreter."""
    with place.gamify() as server:
        environment = place.remote(server)
        one = place.ids.read_text(encoding="utf-8").split()[0]
        bare = [str(installed.PYTHON), "-I", "-c", "pass"]
        get = [str(installed.GAMIFY), "participants", "get", one, "-o", "json"]
        times = startup.interleaved(
            {
                "bare": lambda: startup.wall(bare, environment),
                "get": lambda: startup.wall(get, environment),
            },
            COMMANDS,
        )
    question = "participants get -o json, remote / bare python"
    return startup.beside(question, times, "get", "bare", 12)


def _measure_streams(place: Place) -> list[tuple[float, float]]:
    """Profiles a second of the command, and of wrk right after it."""
    command = [str(installed.GAMIFY), "participants", "get", "-", "-o", "jsonl"]
    with place.gamify() as server:
        environment, pairs = place.remote(server), []
        for _ in range(STREAMS + 1):
            start = time.perf_counter()
            with place.ids.open("rb") as ids:
                done = subprocess.run(
                    command, stdin=ids, stdout=subprocess.PIPE, env=environment, check=True
                )
            seconds = time.perf_counter() - start
            if done.stdout.count(b"\n") != PARTICIPANTS:
                raise SystemExit(f"not a line for each id from {command}")
            pairs.append((PARTICIPANTS / seconds, _rate(place, server, "get")))
    return pairs[1:]


def _stream(pairs: list[tuple[float, float]], why: str = "") -> Figure:
    if not pairs:
        return skipped(_STREAM, 0.35, why, at_least=True)
    return ratio(_STREAM, *zip(*pairs, strict=True), 0.35, "{:,.0f}/s", at_least=True)


if __name__ == "__main__":
    show(figures)
