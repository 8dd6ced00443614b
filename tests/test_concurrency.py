"""Several processes at one store, some of them killed: nothing is lost, nothing happens twice."""

from __future__ import annotations

import contextlib
import io
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import IO, Any

import pytest
from conftest import EXECUTABLE, Place, Run
from hypothesis import given, settings
from hypothesis import strategies as st

from gamify_cli import app
from gamify_cli.domain import facts, jsontext
from gamify_cli.domain.again import Recorded, again, is_reversed, reversals
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.domain.program import NONE, Program
from gamify_cli.domain.reversing import difference
from gamify_cli.store import records
from gamify_cli.store.sqlite import sql
from gamify_cli.store.sqlite.session import SqliteSession
from gamify_cli.store.verifying import Verification

WRITERS = 8
TURNS = 6
KILLS = 15
MAKINGS = 10
KILLING_SECONDS = 8

RACER = """
import sys
from gamify_cli import app
from gamify_cli.commands import participants
from gamify_cli.store import local
print("ready", flush=True)
sys.stdin.readline()
for turn in range(int(sys.argv[1])):
    code = app.run([part.replace("{turn}", str(turn)) for part in sys.argv[2:]])
    if code:
        sys.exit(code)
"""
"""Does what gamify does, over and over, but is loaded before a line on stdin lets it start."""

LOOP = """
import sys
from gamify_cli import app
first = int(sys.argv[1])
for number in range(first, first + 10_000):
    code = app.run(["participants", "create", f"user_{number:06}", "--attr", "note=" + "x" * 3000,
                    "--idempotency-key", str(number)])
    assert code == 0
"""
"""Creates one participant after the other; each is acknowledged on stdout."""


def race(place: Place, *commands: tuple[str, ...], turns: int = 1) -> list[tuple[int, str, str]]:
    """Run the commands in a process each, all at the same moment, each so many times."""
    racers = [_ready(place, *command, turns=turns) for command in commands]
    for racer in racers:
        _go(racer)
    finished = [racer.communicate(timeout=60) for racer in racers]
    return [(racer.returncode, *end) for racer, end in zip(racers, finished, strict=True)]


def _ready(place: Place, *command: str, turns: int = 1) -> subprocess.Popen[str]:
    racer = subprocess.Popen(
        [sys.executable, "-c", RACER, str(turns), *command],
        env=place.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert _output(racer).readline() == "ready\n"
    return racer


def _go(racer: subprocess.Popen[str]) -> None:
    assert racer.stdin
    racer.stdin.write("go\n")
    racer.stdin.flush()


def _output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout
    return process.stdout


def _require_reversible(now: Participant, then: Participant) -> None:
    """What undo would book to make one participant of another leads there, through its text."""
    whose = {name: getattr(now, name) for name in ("participant_id", "version", "recorded_at")}
    text = jsontext.compact(difference("op_1", now, then))
    twin = now.copy()
    evolve(twin, Fact(now.version, facts.REVERSED, jsontext.stored(text), 0))
    assert twin == replace(then, **whose)


def require_verified(store: Path) -> None:
    """What `store verify` looks at is as it has to be, in rows, stock, requests and sums."""
    # A twin, which leaves the locks of others in this process alone.
    with closing(SqliteSession(store, timeout=10, is_twin=True)) as session:
        assert list(Verification(session).drifts(lambda *_: None)) == []


def assert_alike(decided: Participant, stored: Participant) -> None:
    """Both are the same but for how many facts led there, and when."""
    count = {name: getattr(stored, name) for name in ("version", "recorded_at", "is_void")}
    assert replace(decided, **count) == stored
    assert stored.is_void is (decided.version == 0)


def check(store: Path) -> dict[str, Participant]:
    """Every participant, each proven to be exactly what its gapless journal says.

    And each is what its journal leads to when every fact in it that is not reversed is decided
    once more.
    """
    require_verified(store)
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        ids = [row[0] for row in connection.execute("SELECT participant_id FROM participants")]
        found = connection.execute(sql.FIND_PARTICIPANTS, {"ids": json.dumps(sorted(ids))})
        stored = {row[0]: records.participant(row) for row in found}
        journals: dict[str, list[Recorded]] = {}
        for participant_id, number, kind, data, occurred_at, cause, *how in connection.execute(
            "SELECT participant_id, number, kind, data, occurred_at, cause,"
            " recorded_at, operation, program FROM journal ORDER BY participant_id, number"
        ):
            fact = Fact(number, kind, jsontext.stored(data), occurred_at, cause)
            journals.setdefault(participant_id, []).append(Recorded(fact, *how))
        programs: dict[int | None, Program] = {None: NONE}
        for version, document in connection.execute("SELECT version, document FROM programs"):
            programs[version] = Program(version, jsontext.stored(document))
    for program in programs.values():
        program._newest = programs[max((one for one in programs if one), default=None)]
    for one, journal in journals.items():
        if stored[one].erased_at is not None:
            continue
        left_out = partial(is_reversed, found=reversals(journal))
        result = again(one, journal, own=programs.__getitem__, left_out=left_out)
        if not any(line.fact.kind == facts.REVERSED for line in journal):
            assert (result.refused, result.clamped) == ([], [])
            assert result.participant == stored[one]
        assert_alike(result.participant, stored[one])
    for now, then in pairwise(stored.values()):
        _require_reversible(now, then)
    return stored


def test_processes_that_make_one_store_at_once_all_find_room_in_it(place: Place) -> None:
    ids = [f"user_{number}" for number in range(WRITERS)]

    results = race(place, *(("participants", "create", one) for one in ids))

    assert [(code, stderr) for code, _, stderr in results] == [(0, f"created {i}\n") for i in ids]
    assert list(check(place.store)) == ids


def test_no_update_of_one_participant_is_lost(place: Place, call: Run) -> None:
    call("participants", "create", "user_1")
    commands = [
        ("participants", "update", "user_1", "--attr", f"key_{number}_{{turn}}=")
        for number in range(WRITERS)
    ]

    results = race(place, *commands, turns=TURNS)

    updates = WRITERS * TURNS
    assert [code for code, _, _ in results] == [0] * WRITERS
    participant = check(place.store)["user_1"]
    assert len(json.loads(participant.attributes)) == updates
    assert participant.version == updates + 1
    history = json.loads(call("participants", "history", "user_1", "--all", "--json").stdout)
    assert [fact["number"] for fact in history] == list(range(updates + 1, 0, -1))
    assert len({fact["operation"] for fact in history}) == updates + 1


def test_a_raced_idempotency_key_leads_to_one_fact_and_one_answer(place: Place, call: Run) -> None:
    call("participants", "create", "user_1")
    conditional = ("participants", "update", "user_1", "--attr", "a=b", "--if-match", "1")

    results = race(place, *[(*conditional, "--idempotency-key", "once")] * WRITERS)

    assert [code for code, _, _ in results] == [0] * WRITERS
    assert len({stdout for _, stdout, _ in results}) == 1
    assert [stderr for _, _, stderr in results].count("updated user_1\n") == 1
    assert check(place.store)["user_1"].version == 2


def test_readers_see_whole_participants_while_one_is_written(place: Place, call: Run) -> None:
    call("participants", "create", "user_1", "--display-name", "0", "--attr", "name=0")
    both = [
        ("participants", "update", "user_1", "--display-name", str(n), "--attr", f"name={n}")
        for n in range(WRITERS // 2)
    ]

    results = race(place, *both, *[("participants", "get", "user_1")] * (WRITERS // 2))

    assert [code for code, _, _ in results] == [0] * WRITERS
    for _, stdout, _ in results:
        profile = json.loads(stdout)
        assert profile["attributes"]["name"] == profile["display_name"]


def test_a_kill_while_the_store_is_made_leaves_one_that_works(place: Place, call: Run) -> None:
    chance = random.Random(1)
    found = []
    for _ in range(MAKINGS):
        making = _ready(place, "participants", "create", "user_1")
        _go(making)
        _kill(making, chance.uniform(0, 0.05))

        found.append(call("participants", "list", "--count").stdout.strip())
        assert call("participants", "create", "user_1").exit_code == 0
        assert list(check(place.store)) == ["user_1"]
        shutil.rmtree(place.store.parent)
    assert set(found) <= {"0", "1"}


def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(place: Place, call: Run) -> None:
    chance = random.Random(20260214)
    deadline = time.monotonic() + KILLING_SECONDS
    acknowledged: list[str] = []
    kills = 0
    while kills < KILLS and time.monotonic() < deadline:
        killed = subprocess.Popen(
            [sys.executable, "-c", LOOP, str(len(acknowledged))],
            env=place.env | {"GAMIFY_OUTPUT": "ids"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        lines = [_output(killed).readline() for _ in range(chance.randrange(1, 12))]
        lines.append(_kill(killed, chance.uniform(0, 0.02)))
        assert killed.returncode == -signal.SIGKILL
        acknowledged += "".join(lines).split()
        kills += 1

        shown = call("participants", "list", "--all", "-o", "ids")
        assert (shown.exit_code, shown.stderr) == (0, "")
        # The one that was under way may be there, acknowledged by none.
        assert shown.stdout.split()[: len(acknowledged)] == acknowledged
        assert len(shown.stdout.split()) <= len(acknowledged) + 1
        check(place.store)
    assert len(acknowledged) > kills > 3
    assert call("participants", "create", "user_1").exit_code == 0


def _kill(process: subprocess.Popen[str], moment: float) -> str:
    """Kill a process, a moment from now, and return what it wrote until then."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=moment)
    process.kill()
    return process.communicate()[0]


@pytest.mark.parametrize("made", [True, False], ids=["to write", "to make"])
def test_ctrl_c_while_waiting_for_a_lock_ends_it_at_once(
    place: Place, call: Run, made: bool
) -> None:
    place.store.parent.mkdir(parents=True)
    place.store.touch()
    if made:
        call("participants", "create", "user_1")
    with _locked(place.store):
        waiting = subprocess.Popen(
            [EXECUTABLE, "participants", "create", "user_2"],
            env=place.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.communicate(timeout=1.5)
        waiting.send_signal(signal.SIGINT)
        stdout, stderr = waiting.communicate(timeout=5)

    assert (waiting.returncode, stdout, stderr) == (130, "", "gamify: interrupted\n")
    listed = call("participants", "list", "-o", "ids").stdout.split()
    assert listed == (["user_1"] if made else [])


@contextmanager
def _locked(store: Path) -> Iterator[None]:
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


IDS = st.sampled_from(["user_1", "user_2"])
TEXTS = st.sampled_from(["", "Jane", "Jané 🎉", "{}"])
OBJECTS = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
        max_leaves=4,
    ),
    max_size=3,
)
BODIES = st.fixed_dictionaries(
    {}, optional={"--display-name": TEXTS, "--attributes": OBJECTS.map(json.dumps)}
).map(lambda body: [part for pair in body.items() for part in pair])
KEYS = st.just([]) | st.sampled_from(["a", "b"]).map(lambda key: ["--idempotency-key", key])
CONDITIONS = st.just([]) | st.integers(1, 4).map(lambda version: ["--if-match", str(version)])
COMMANDS = st.one_of(
    st.tuples(st.just(["create"]), IDS.map(lambda one: [one]), BODIES, KEYS),
    st.tuples(st.just(["update"]), IDS.map(lambda one: [one]), BODIES, KEYS, CONDITIONS),
    st.tuples(st.sampled_from([["deactivate"], ["activate"]]), IDS.map(lambda one: [one]), KEYS),
    st.tuples(st.just(["update", "user_1", "user_2", "user_3"]), BODIES),
).map(lambda parts: ["participants", *chain.from_iterable(parts), "--yes"])


@settings(max_examples=60, deadline=None)
@given(st.lists(COMMANDS, max_size=10))
def test_whatever_was_commanded_a_row_is_what_its_journal_says(commands: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "gamify.db"
        _run(store, "participants", "create", "user_1")
        for command in commands:
            before = store.read_bytes(), sorted(Path(folder).iterdir())
            rehearsed = _run(store, *command, "--dry-run")
            assert (store.read_bytes(), sorted(Path(folder).iterdir())) == before
            assert _run(store, *command)[0] == rehearsed[0]
        participants = check(store)
        with closing(sqlite3.connect(store)) as connection:
            facts = connection.execute("SELECT count(*) FROM journal").fetchone()
    assert facts == (sum(one.version for one in participants.values()),)


def _run(store: Path, *args: str) -> tuple[Any, ...]:
    """The exit code, stdout and stderr of gamify in this process."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = app.run([*args, "--store", str(store)])
    assert code in (0, 2, 3, 5, 9), stderr.getvalue()
    return code, stdout.getvalue(), stderr.getvalue()
