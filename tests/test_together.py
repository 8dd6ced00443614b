"""Changes that are made together: as if one by one, and told once they cannot be lost."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from conftest import EXECUTABLE, Place, Run
from contract import write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_concurrency import check

from gamify_cli.backend import Answer, Change
from gamify_cli.backend.whole import Backend
from gamify_cli.errors import GamifyError, Unavailable
from gamify_cli.store.local import LocalStore

MANY = 6_000
KILLS = 4
NUMBERS = count()

MOVES = st.tuples(
    st.sampled_from(["award", "deduct"]),
    st.sampled_from(["ada", "bob", "eve", "", "a\0b"]),
    st.integers(-1, 5),
    st.sampled_from([None, None, "k1", "k2"]),
)


def made(backend: Backend, suffix: str, move: tuple[str, str, int, str | None]) -> Answer:
    """Award or deduct points of a participant of one example."""
    name, one, amount, key = move
    act = getattr(backend.points, name)
    answer: Answer = act(one + suffix if one else one, {"amount": amount}, write(key))
    return answer


def told(result: Answer | GamifyError, suffix: str) -> Any:
    """What can be known before of an answer or an error."""
    if isinstance(result, GamifyError):
        return type(result), result.message.replace(suffix, "")
    return (
        result.outcome,
        result.body["participant_id"].removesuffix(suffix),
        result.body["new_balance"],
    )


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MOVES, max_size=12))
def test_changes_made_together_are_as_those_made_one_by_one(
    backend: Backend, moves: list[tuple[str, str, int, str | None]]
) -> None:
    suffixes = [f"_{next(NUMBERS)}" for _ in range(2)]
    alone = []
    for move in moves:
        try:
            alone.append(told(made(backend, suffixes[0], move), suffixes[0]))
        except GamifyError as error:
            alone.append(told(error, suffixes[0]))
    changes = [
        Change(partial(made, backend, suffixes[1], move), move[1] + suffixes[1]) for move in moves
    ]

    together = [*backend.together(changes, lambda: None)]

    assert [told(one, suffixes[1]) for one in together] == alone


def test_what_is_refused_leaves_no_store(place: Place, call: Run) -> None:
    result = call("points", "deduct", "-", "5", "--yes", stdin="ada\nbob\n")

    assert (result.exit_code, result.stdout) == (9, "[]\n")
    assert not place.store.exists()
    call("points", "award", "-", "5", "--yes", stdin="\nada\nbob\n")
    assert list(check(place.store)) == ["ada", "bob"]


def test_a_group_that_is_lost_is_made_again_one_by_one(place: Place, call: Run) -> None:
    call("participants", "create", "ada")
    backend = LocalStore.open(place.store, timeout=1)
    failing = iter([Unavailable("the disk took no more")])

    def award(one: str) -> Answer:
        answer = backend.points.award(one, {"amount": 1}, write())
        if one == "eve":
            for error in failing:
                raise error
        return answer

    people = ["ada", "bob", "eve", "ada"]
    results = [
        *backend.together([Change(partial(award, one), one) for one in people], lambda: None)
    ]
    backend.close()

    assert [told(one, "")[1:] for one in results] == [
        ("ada", 1), ("bob", 1), ("eve", 1), ("ada", 2),
    ]  # fmt: skip
    assert [one.version for one in check(place.store).values()] == [3, 2, 2]


@pytest.fixture
def ids(place: Place) -> Path:
    """Ids on stdin, one of them twice and far apart."""
    path = place.home / "ids"
    path.write_text("".join(f"user_{number}\n" for number in [*range(MANY), 1]), "utf-8")
    return path


def stopped(place: Place, ids: Path, lines: int, how: signal.Signals) -> tuple[list[str], str]:
    """What awards to all of them told on stdout and stderr until they were stopped."""
    line = ["points", "award", "-", "1", "--yes", "-q", "-o", "ids", "--idempotency-key", "K"]
    with ids.open() as stdin:
        child = subprocess.Popen(
            [EXECUTABLE, *line],
            env=place.env,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert child.stdout
    assert child.stderr
    begun = [child.stdout.readline() for _ in range(lines)]
    child.send_signal(how)
    whole = "".join(begun) + child.stdout.read()
    errors = child.stderr.read()
    child.communicate(timeout=60)
    return whole[: whole.rindex("\n") + 1].split(), errors


def awarded(place: Place) -> list[str]:
    """Who was awarded points, each time, by the journal."""
    with closing(sqlite3.connect(place.store)) as store:
        found = store.execute(
            "SELECT participant_id FROM journal WHERE kind = 'points_awarded' ORDER BY rowid"
        )
        return [one for (one,) in found]


def test_what_was_told_survives_a_kill_and_a_repeat_pays_nobody_twice(
    place: Place, call: Run, ids: Path
) -> None:
    everyone = ids.read_text("utf-8").split()
    for number in range(1, KILLS + 1):
        answered, _ = stopped(place, ids, number * 900, signal.SIGKILL)

        assert answered == everyone[: len(answered)]
        assert awarded(place)[: len(answered)] == answered
        check(place.store)
    repeat = call(
        *("points", "award", "-", "1", "--yes", "-q", "-o", "ids", "--idempotency-key", "K"),
        stdin=ids.read_text("utf-8"),
    )

    assert (repeat.exit_code, repeat.stdout.split()) == (0, everyone)
    assert awarded(place) == everyone


@pytest.mark.parametrize("lines", [1, 1_700, 3_400])
def test_ctrl_c_tells_exactly_what_is_done(lines: int, place: Place, ids: Path) -> None:
    answered, errors = stopped(place, ids, lines, signal.SIGINT)

    assert len(answered) < MANY
    assert errors == f"gamify: interrupted: {len(answered):,} done, 0 failed\n"
    assert awarded(place) == answered
