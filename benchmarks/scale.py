"""Do a read and an award stay as fast when the store grows a hundredfold?

Of both stores all is in memory when it begins: of files in that of the system, which has read
them whole, and of PostgreSQL the participants in its own. What a disk adds to the first read of a
page is no part of the answer.
"""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import bare_award
import cluster
import data
import histories
import psycopg
from figures import Figure, show, skipped
from sizes import size

from gamify_cli.backend import Operation, Write
from gamify_cli.store.local import LocalStore
from gamify_cli.store.postgres import sql as postgres_sql
from gamify_cli.store.sqlite import file
from gamify_cli.store.sqlite import sql as sqlite_sql

SMALL = size(10_000, 1_000)
LARGE = size(1_000_000, 20_000)
READS = size(10_000, 1_000)
AWARDS = size(1_500, 200)
_TURN = 50
_WARM_UPS = 2 * _TURN
_WRITE = Write(Operation("op_bench", "gamify points award", "bench"))
_OF = f"of {LARGE:,} / of {SMALL:,} participants with {histories.FACTS} facts each"

Work = Callable[[str], None]


class Works(NamedTuple):
    """What is done for one participant of a store: a read, an award, an award by hand."""

    read: Work
    award: Work
    by_hand: Work


def figures() -> list[Figure]:
    """On stores in files, then on stores in PostgreSQL."""
    with _in_files() as stores:
        found = _measured("SQLite", *stores)
    if not cluster.BINARIES:
        return [*found, *(skipped(one, 0, cluster.MISSING) for one in _questions("PostgreSQL"))]
    with _in_postgres() as stores:
        return [*found, *_measured("PostgreSQL", *stores)]


@contextmanager
def _in_files() -> Iterator[tuple[Works, Works]]:
    """Copies, which the awards may change; the system has read them whole."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{count}.db") for count in (SMALL, LARGE)]
        for path, count in zip(paths, (SMALL, LARGE), strict=True):
            shutil.copyfile(histories.sqlite(count), path)
        # Both at once, before the first read: see SqliteSession on opening late.
        stores = [LocalStore.open(path, timeout=10) for path in paths]
        hands = [file.connect(path) for path in paths]
        small, large = (
            _works(store, bare_award.award(hand, sqlite_sql, "BEGIN IMMEDIATE"))
            for store, hand in zip(stores, hands, strict=True)
        )
        yield small, large
        for one in (*stores, *hands):
            one.close()


@contextmanager
def _in_postgres() -> Iterator[tuple[Works, Works]]:
    with cluster.running() as place:
        urls = [cluster.namespace(place, name) for name in ("small", "large")]
        for url, count in zip(urls, (SMALL, LARGE), strict=True):
            histories.postgres(url, count)
        for url in urls:
            _settle(url)
        stores = [LocalStore.open(url, timeout=10) for url in urls]
        hands = [psycopg.connect(url, autocommit=True) for url in urls]
        small, large = (
            _works(store, bare_award.award(hand, postgres_sql, "BEGIN", "%s"))
            for store, hand in zip(stores, hands, strict=True)
        )
        yield small, large
        for one in (*stores, *hands):
            one.close()


def _settle(url: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        # Or it would do so by itself, while something is measured.
        connection.execute("VACUUM ANALYZE participants, journal")
        connection.execute("CHECKPOINT")
        # What is read in any other order than a key's does not stay in its memory.
        connection.execute("SET enable_seqscan = off")
        connection.execute("SET enable_bitmapscan = off")
        connection.execute("SELECT sum(length(state)) FROM participants WHERE participant_id > ''")


def _works(store: LocalStore, by_hand: Work) -> Works:
    def read(one: str) -> None:
        (profile,) = store.participants.profiles([one])
        if not isinstance(profile, dict):
            raise profile

    def award(one: str) -> None:
        store.points.award(one, {"amount": bare_award.AMOUNT}, _WRITE)

    return Works(read, award, by_hand)


def _measured(kind: str, small: Works, large: Works) -> list[Figure]:
    rng = random.Random(11)
    ids = data.ids(SMALL), data.ids(LARGE)
    reads = _in_turns(rng, READS, [(small.read, ids[0]), (large.read, ids[1])])
    awards = _in_turns(
        rng,
        AWARDS,
        [
            (small.award, ids[0]),
            (large.award, ids[1]),
            (small.by_hand, ids[0]),
            (large.by_hand, ids[1]),
        ],
    )
    grown, by_hand = awards[1] / awards[0], awards[3] / awards[2]
    questions = _questions(kind)
    return [
        Figure(questions[0], reads[1] / reads[0], 1.5, "x", _told(reads[1], reads[0])),
        Figure(
            questions[1],
            grown / by_hand,
            1.2,
            "x",
            f"{_told(awards[1], awards[0])} to {_told(awards[3], awards[2])}",
        ),
    ]


def _questions(kind: str) -> tuple[str, str]:
    return (
        f"{kind}: profile read, {_OF}",
        f"{kind}: growth of an award so / of one by hand",
    )


def _told(large: float, small: float) -> str:
    return f"{large:,.1f} µs / {small:,.1f} µs"


def _in_turns(rng: random.Random, count: int, works: list[tuple[Work, list[str]]]) -> list[float]:
    """The median microseconds of each, for random participants."""
    times: list[list[int]] = [[] for _ in works]
    for _ in range(0, _WARM_UPS + count, _TURN):
        for (work, ids), kept in zip(works, times, strict=True):
            for one in rng.choices(ids, k=_TURN):
                start = time.perf_counter_ns()
                work(one)
                kept.append(time.perf_counter_ns() - start)
    return [statistics.median(kept[_WARM_UPS:]) / 1_000 for kept in times]


if __name__ == "__main__":
    show(figures)
