"""What an import leaves in a store: what single commands would, however it was cut short."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import EXECUTABLE, NOW, Place, Run
from hypothesis import given, settings
from hypothesis import strategies as st

from gamify_cli.backend import Entry, Imported, Operation, Source, Write
from gamify_cli.backend.nouns import Importer
from gamify_cli.domain import instants, program_file
from gamify_cli.domain.instants import DAY
from gamify_cli.errors import Conflict, GamifyError, NotFound
from gamify_cli.store.local import LocalStore

MOMENT = instants.parse(NOW, 0)
PROGRAM = b"""
name = "import"
tiers = [{ code = "bronze", name = "Bronze", level = 1, points_required = 10 }]
badges = [{ code = "fan", name = "Fan", criterion = { event = "buy", at_least = 2 } }]
streaks = [{ code = "daily", name = "Daily", period = "daily", timezone = "participant" }]
rules = [
    { code = "login", event = "login", points = 5, streak = "daily", limit = { per = "day" } },
    { code = "buy", event = "buy", points = { property = "amount" }, expires = { days = 3 } },
]
"""
SETUP = Write(Operation("op_setup", "set up", "test"))
IDS = st.sampled_from(["ada", "bob", "zo\u00eb", "idle"])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["plan", "timezone", "\u00e4"]),
    st.sampled_from(["Asia/Tokyo", "x\\y", 5, 1.5e300, 0.1, -0.0, None, True, [1, {"a": []}]]),
)
PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "display_name": st.sampled_from(["Ada", "Zo\u00eb \u2028", None, "x" * 256]),
        "avatar_url": st.sampled_from(["https://example.com/a.png", None, "nowhere"]),
        "attributes": st.none() | ATTRIBUTES,
    },
)
EVENTS = st.fixed_dictionaries(
    {"event_name": st.sampled_from(["login", "buy", "other"])},
    optional={
        "properties": st.fixed_dictionaries({"amount": st.sampled_from([1, 7, "x"])}),
        "timestamp": st.integers(-5, 1).map(lambda days: MOMENT + days * DAY),
    },
)
KEYS = st.none() | st.sampled_from(["a", "b", "c"])


def inputs(bodies: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[Entry]]:
    rows = st.lists(st.tuples(IDS, bodies, KEYS), max_size=25)
    return rows.map(lambda some: [Entry(line, *row) for line, row in enumerate(some, 1)])


@contextmanager
def opened() -> Iterator[tuple[LocalStore, Path]]:
    """A store under the program, with one in it who is inactive."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gamify.db")
        store = LocalStore.open(path, timeout=10, test_now=MOMENT)
        store.programs.apply(program_file.read(PROGRAM, "program.toml"), SETUP)
        store.participants.create("idle", {}, SETUP, if_not_exists=False)
        store.participants.set_active("idle", False, SETUP)
        yield store, path
        store.close()


def importer(store: LocalStore, kind: str, *, resume: bool = False) -> Importer:
    noun = store.events if kind == "events" else store.participants
    write = Write(Operation("op_import", "import", "test", shared=True))
    return noun.importer(write, Source("hash", resume))


def told(result: Imported | GamifyError) -> str:
    return f"failed: {result}" if isinstance(result, GamifyError) else result.outcome


def left(path: Path, *, own: bool = False) -> list[Any]:
    """The rows of a store; without what tells one write from another unless they are its `own`."""
    with closing(sqlite3.connect(path)) as connection:
        people = connection.execute("SELECT * FROM participants ORDER BY 1").fetchall()
        facts = connection.execute("SELECT * FROM journal ORDER BY 1, 2").fetchall()
        kept = connection.execute("SELECT * FROM requests ORDER BY 1, 2, 3").fetchall()
    if not own:
        facts = [(*row[:3], without_ids(row[3]), *row[4:7], row[-1]) for row in facts]
        kept = [(*row[:5], without_ids(row[5]), row[6]) for row in kept]
    return [people, facts, kept]


def without_ids(text: str) -> dict[str, Any]:
    return {**json.loads(text), "id": 0, "event_id": 0}


@settings(max_examples=40)
@given(st.data(), st.sampled_from(["participants", "events"]))
def test_an_import_leaves_what_single_commands_do(data: st.DataObject, kind: str) -> None:
    entries = data.draw(inputs(EVENTS if kind == "events" else PEOPLE))
    size = data.draw(st.integers(1, 25))

    with opened() as (store, path):
        bulk = importer(store, kind)
        came: list[str] = []
        for start in range(0, len(entries), size):
            some = entries[start : start + size]
            came += map(told, bulk.record(some, some[-1].line))
        bulk.finish()
        imported = left(path)
    with opened() as (store, path):
        single = [told(one_by_one(store, kind, entry)) for entry in entries]
        assert imported == left(path)
    assert came == single


def one_by_one(store: LocalStore, kind: str, entry: Entry) -> Imported | GamifyError:
    write = Write(Operation.new("one", "test"))
    try:
        if kind == "participants":
            answer = store.participants.create(
                entry.participant_id, entry.body, write, if_not_exists=False
            )
            return Imported(answer.outcome)
        write = write._replace(idempotency_key=entry.idempotency_key)
        answer = store.events.record(entry.participant_id, entry.body, write)
    except GamifyError as error:
        return error
    return Imported("unchanged" if answer.outcome == "replayed" else "created")


@settings(max_examples=30)
@given(st.data(), st.sampled_from(["participants", "events"]))
def test_a_resumed_import_leaves_what_a_whole_one_does(data: st.DataObject, kind: str) -> None:
    entries = data.draw(inputs(EVENTS if kind == "events" else PEOPLE))
    cuts = data.draw(st.lists(st.integers(0, len(entries)), max_size=3).map(sorted))

    with opened() as (store, path):
        list(importer(store, kind).record(entries, len(entries)))
        whole = left(path, own=True)
    with opened() as (store, path):
        bulk = importer(store, kind)
        for cut in cuts:
            list(bulk.record(entries[bulk.done : cut], cut))
            # Nothing is kept of an import that has changed nothing yet.
            with closing(sqlite3.connect(path)) as connection:
                rows = connection.execute("SELECT lines FROM operations WHERE finished = 0")
                done = rows.fetchall()
            bulk = importer(store, kind, resume=bool(done))
            assert (bulk.operation, bulk.now) == ("op_import", MOMENT)
            assert done in ([], [(bulk.done,)])
        list(bulk.record(entries[bulk.done :], len(entries)))
        assert left(path, own=True) == whole


def test_only_the_file_that_was_cut_short_is_resumed() -> None:
    def begun(kind: str, hash_: str | None, *, resume: bool = False) -> Importer:
        noun = store.events if kind == "events" else store.participants
        write = Write(Operation.new("import", "test")._replace(shared=True))
        return noun.importer(write, Source(hash_, resume))

    rows = {"participants": {}, "events": {"event_name": "login"}}
    with opened() as (store, path):
        for number, (kind, hash_) in enumerate(
            [("participants", "one"), ("participants", "two"), ("events", "one")]
        ):
            list(begun(kind, hash_).record([Entry(number, f"user_{number}", rows[kind])], 5))
        list(begun("participants", None).record([Entry(1, "streamed", {})], 9))

        resumed = begun("participants", "one", resume=True)
        assert resumed.done == 5
        with pytest.raises(Conflict, match="read another file, or this one was changed"):
            begun("participants", "three", resume=True)
        resumed.finish()
        with pytest.raises(Conflict):
            begun("participants", "one", resume=True)
        begun("participants", "two", resume=True).finish()
        with pytest.raises(NotFound, match="no import of participants was cut short here"):
            begun("participants", "two", resume=True)
        with closing(sqlite3.connect(path)) as connection:
            asked = "SELECT lines, finished FROM operations WHERE command = 'import' ORDER BY 1, 2"
            assert connection.execute(asked).fetchall() == [(None, None), (5, 0), (5, 1), (5, 1)]


def test_an_operation_counts_each_of_its_participants_once() -> None:
    def batch(ids: Sequence[str]) -> list[Entry]:
        return [Entry(line, one, {"event_name": "login"}) for line, one in enumerate(ids, 1)]

    with opened() as (store, path):
        store.participants.create("ada", {}, SETUP, if_not_exists=False)
        bulk = importer(store, "events")
        for ids in (["ada", "bob", "ada"], ["bob", "eve"], ["ada", "eve", "bob"]):
            list(bulk.record(batch(ids), 3))
        with closing(sqlite3.connect(path)) as connection:
            counted = "SELECT participants, facts FROM operations WHERE operation = 'op_import'"
            facts = "SELECT count(*) FROM journal WHERE operation = 'op_import'"
            ((people, sum_),) = connection.execute(counted).fetchall()
            assert (people, [(sum_,)]) == (3, connection.execute(facts).fetchall())


COUNT = 30_000


def many(place: Place) -> None:
    rng = random.Random(5)
    ids = [f"u{rng.randrange(COUNT * 9 // 10)}" for _ in range(COUNT)]
    rows = (f'{{"participant_id":"{one}","attributes":{{"n":{n}}}}}\n' for n, one in enumerate(ids))
    (place.home / "many.jsonl").write_text("".join(rows))


def start(place: Place, *more: str) -> subprocess.Popen[bytes]:
    line = [EXECUTABLE, "participants", "import", "many.jsonl", *more]
    quiet: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(line, env=place.env, cwd=place.home, **quiet)


def test_an_import_that_is_killed_again_and_again_ends_as_a_whole_one(
    place: Place, call: Run
) -> None:
    many(place)
    assert call("participants", "import", "many.jsonl").exit_code == 0
    whole = left(place.store)
    place.store.unlink()
    pipe = place.home / "pipe"
    os.mkfifo(pipe)

    for bytes_ in (1, 600_000, 1_000_000):
        resume = ("--resume",) * place.store.exists()
        with start(place, "--results", "pipe", *resume) as killed:
            # What is told of a row stands in the pipe only once the row is durable.
            reader = os.open(pipe, os.O_RDONLY)
            while bytes_ > 0 and (piece := os.read(reader, 4_096)):
                bytes_ -= len(piece)
            killed.send_signal(signal.SIGKILL)
            os.close(reader)
    result = call("participants", "import", "many.jsonl", "--resume")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["resumed_at"] > 0
    assert left(place.store) == whole


def test_two_imports_of_one_file_at_once_beside_other_writers(place: Place, call: Run) -> None:
    many(place)
    call("points", "award", "u1", "1")
    with start(place) as one, start(place) as other:
        awards = 0
        while one.poll() is None or other.poll() is None:
            awards += call("points", "award", "u1", "1").exit_code == 0
        summaries = [json.loads(process.communicate()[0]) for process in (one, other)]

    with closing(sqlite3.connect(place.store)) as connection:

        def ask(text: str) -> int:
            (found,) = connection.execute(text).fetchone()
            return int(found)

        assert ask("SELECT balance FROM participants WHERE participant_id = 'u1'") == awards + 1
        assert ask("SELECT count(*) FROM journal") == ask("SELECT sum(version) FROM participants")
        registered = ask("SELECT count(*) FROM journal WHERE kind = 'registered'")
        assert registered == ask("SELECT count(*) FROM participants")
    assert sum(summary["created"] for summary in summaries) == registered - 1
    assert [summary["failed"] for summary in summaries] == [0, 0]
