"""How fast do all profiles come out, beside SQL that makes the same, and with how much memory?"""

from __future__ import annotations

import statistics
from pathlib import Path
from tempfile import TemporaryFile

import histories
import installed
from figures import Figure, ratio, show
from installed import Cost
from sizes import size

PARTICIPANTS = size(1_000_000, 20_000)
FEW = 10_000
ROUNDS = 2
_BY_HAND = Path(__file__).with_name("profiles.sql")


def figures() -> list[Figure]:
    """The installed command in turns with sqlite3, which prints the same lines."""
    installed.install()
    few, many = histories.sqlite(FEW), histories.sqlite(PARTICIPANTS)
    _require_same(few)
    small = [_gamify(few) for _ in range(ROUNDS)]
    costs = [(_gamify(many), _sqlite3(many)) for _ in range(ROUNDS)]
    ours, bare = zip(*costs, strict=True)
    peaks = [statistics.median(cost.peak for cost in one) for one in (ours, small)]
    return [
        ratio(
            f"participants export of {PARTICIPANTS:,} profiles / sqlite3 with json_object()",
            [cost.seconds for cost in ours],
            [cost.seconds for cost in bare],
            2.5,
            "{:.1f} s",
            of_size=True,
        ),
        Figure(
            f"peak memory of that / of {FEW:,}",
            peaks[0] / peaks[1],
            1.2,
            "x",
            " / ".join(f"{one / 1024:.1f} MiB" for one in peaks),
        ),
    ]


def _gamify(store: Path, stdout: int | None = None) -> Cost:
    command = ("--store", store, "participants", "export", "-o", "jsonl")
    return installed.cost(installed.GAMIFY, *command, stdout=stdout)


def _sqlite3(store: Path, stdout: int | None = None) -> Cost:
    with _BY_HAND.open("rb") as sql:
        return installed.cost("sqlite3", store, stdin=sql, stdout=stdout)


def _require_same(store: Path) -> None:
    with TemporaryFile() as ours, TemporaryFile() as bare:
        _gamify(store, ours.fileno())
        _sqlite3(store, bare.fileno())
        for file in (ours, bare):
            file.seek(0)
        for line, other in zip(ours, bare, strict=True):
            if line != other:
                raise SystemExit(f"not the same profile:\n{line.decode()}{other.decode()}")


if __name__ == "__main__":
    show(figures)
