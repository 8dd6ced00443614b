"""store verify: what is stored is what the journal says, or each difference is told."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple
from unittest.mock import ANY

import pytest
from conftest import Place, Result, Run

from gamify_cli.backend import Entry, Operation, Source, Write
from gamify_cli.domain.participant import Participant
from gamify_cli.store import ranges, records
from gamify_cli.store.local import LocalStore
from gamify_cli.store.verifying import Verification

DATA = Path(__file__).parent / "data"

PROGRAM = (DATA / "program.toml").read_text("utf-8") + (
    '[[rewards]]\nid = "mug"\nname = "Mug"\ntype = "physical"\nstock = 5\n'
    '[[badges]]\ncode = "gift"\nname = "Gift"\n'
)

STORY = """
program apply program.toml
participants create ada --display-name Ada --attr plan=pro --attr seats:=9
points award ada 600 --reason gift
points award ada 40 --expires-at 2026-12-01
events record ada purchase_completed --property amount_usd:=49.90
events record ada login
badges award ada gift
challenges enroll ada onboarding
events record ada profile_completed
rewards load-codes coupon10 codes.txt
rewards claim ada coupon10 --pay --idempotency-key claim:1
rewards claim ada mug
points award ada 30 --expires-at 2026-12-01
events record ada signup
events import events.jsonl
participants update bob cyd --attr team:=1 --yes
participants deactivate cyd --yes
participants create eve
"""


class Case(NamedTuple):
    """What is done to a store behind gamify's back, and what is told then.

    `drifts` have whose they are, the field, the stored and the replayed value.
    """

    statement: str
    drifts: list[tuple[str | None, str, Any, Any]]
    repairable: bool = True
    sqlite_only: bool = False


JOURNAL = "UPDATE journal SET {} WHERE participant_id = 'bob' AND number = 3"
CODE = "UPDATE reward_stock SET {} WHERE code = '{}'"
AT = 1_771_063_200_000_000
"""2026-02-14T10:00:00Z"""

IDS = sorted(f"user_{number}" for number in range(2 * ranges.SIZE + 1))
BRONZE, SILVER, GOLD = ([tier, AT] for tier in ("bronze", "silver", "gold"))


def column(name: str, spelt: str, stored: Any, replayed: Any) -> Case:
    """A column of a row that is another than it was."""
    statement = f"UPDATE participants SET {name} = {spelt} WHERE participant_id = 'ada'"
    return Case(statement, [("ada", name, stored, replayed)])


def member(old: str, new: str, *drifts: tuple[str, Any, Any]) -> Case:
    """A part of the state that is another than it was."""
    change = f"UPDATE participants SET state = replace(state, '{old}', '{new}')"
    return Case(f"{change} WHERE participant_id = 'ada'", [("ada", *drift) for drift in drifts])


CASES = [
    column("display_name", "'Eve'", "Eve", "Ada"),
    column("avatar_url", "'x'", "x", None),
    column("attributes", "'{}'", "{}", '{"plan":"pro","seats":9}'),
    column("is_active", "0", 0, 1),
    column("is_void", "1", 1, 0),
    column("balance", "1", 1, 274),
    column("total_earned", "2", 2, 774),
    column("total_spent", "3", 3, 500),
    column("tier", "NULL", None, "silver"),
    column("rewards_claimed", "4", 4, 2),
    column("total_events", "5", 5, 4),
    column("first_seen_at", "6", 6, AT),
    column("last_seen_at", "7", 7, AT),
    column("recorded_at", "8", 8, AT),
    column("version", "9", 9, 18),
    column("search", "'eve'", "eve", "ada\nada"),
    column("due_at", "NULL", None, 1_771_200_000_000_000),
    member('"tiers":[["bronze"', '"tiers":[["gold"', ("tiers", [GOLD, SILVER], [BRONZE, SILVER])),
    member(f'"gift":{AT}', '"gift":1', ("badges.gift", 1, AT)),
    member('"gift"', '"gold"', ("badges.gift", None, AT), ("badges.gold", AT, None)),
    member('"login":{"per":"day"', '"login":{"per":"hour"', ("limits.login", ANY, ANY)),
    member('"coupon10":1', '"coupon10":2', ("claims.coupon10", 2, 1)),
    member('"current":1', '"current":9', ("streaks.daily_login", ANY, ANY)),
    member(
        '"progress":{"profile":[1', '"progress":{"profile":[7', ("challenges.onboarding", ANY, ANY)
    ),
    member('"lots":{', '"lots":{"5":6,', ("lots.5", 6, None)),
    member('{"points_at"', '{"extra":1,"points_at"', ("extra", 1, None)),
    Case(
        "UPDATE participants SET state = '{' WHERE participant_id = 'ada'",
        [("ada", "state", "{", ANY)],
    ),
    Case(
        "UPDATE reward_stock SET remaining = 1 WHERE code = 'A-1'",
        [("ada", "reward_stock.coupon10.A-1.remaining", 1, 0)],
    ),
    Case(
        "UPDATE reward_stock SET claim_id = 'x', participant_id = 'bob' WHERE code = 'A-1'",
        [
            ("ada", "reward_stock.coupon10.A-1.claim_id", "x", ANY),
            ("ada", "reward_stock.coupon10.A-1.participant_id", "bob", "ada"),
        ],
    ),
    Case(
        "DELETE FROM reward_stock WHERE code = 'A-1'",
        [("ada", "reward_stock.coupon10.A-1.claim_id", None, ANY)],
    ),
    Case(
        "UPDATE reward_stock SET remaining = 0 WHERE code = 'B.2'",
        [(None, "reward_stock.coupon10.B.2.remaining", 0, 1)],
    ),
    Case(
        "UPDATE reward_stock SET remaining = 0, claim_id = 'x' WHERE code = 'B.2'",
        [
            (None, "reward_stock.coupon10.B.2.remaining", 0, 1),
            (None, "reward_stock.coupon10.B.2.claim_id", "x", None),
        ],
        repairable=False,
    ),
    Case(
        "UPDATE reward_stock SET remaining = 9 WHERE reward_id = 'mug'",
        [(None, "reward_stock.mug.remaining", 9, 4)],
    ),
    Case(
        "DELETE FROM reward_stock WHERE reward_id = 'mug'",
        [(None, "reward_stock.mug.remaining", None, 4)],
    ),
    Case(
        "UPDATE operations SET facts = 99 WHERE input IS NOT NULL",
        [(None, "operations.OP.facts", 99, 15)],
    ),
    Case(
        "UPDATE operations SET participants = 4 WHERE input IS NOT NULL",
        [(None, "operations.OP.participants", 4, 3)],
    ),
    Case(
        "UPDATE requests SET answer = '{' WHERE participant_id = 'ada'",
        [("ada", "requests.claim_reward.claim:1.answer", "{", None)],
        repairable=False,
    ),
    Case(
        "UPDATE requests SET participant_id = 'zoe' WHERE participant_id = 'ada'",
        [("zoe", "requests.claim_reward.claim:1.participant_id", "zoe", None)],
        repairable=False,
    ),
    Case(
        "UPDATE programs SET document = '[' WHERE version = 1",
        [(None, "programs.1.document", "[", None), (None, "reward_stock.mug.remaining", 4, None)],
        repairable=False,
    ),
    Case(
        "UPDATE journal SET number = 30 WHERE participant_id = 'ada' AND number = 18",
        [("ada", "journal.30.number", 30, 18)],
        repairable=False,
    ),
    Case(
        "DELETE FROM journal WHERE participant_id = 'bob' AND number = 3",
        [("bob", "journal.4.number", 4, 3), (None, "operations.OP.facts", 15, 14)],
        repairable=False,
    ),
    Case(
        "UPDATE journal SET recorded_at = 5 WHERE participant_id = 'cyd' AND number = 5",
        [("cyd", "journal.5.recorded_at", 5, AT)],
        repairable=False,
    ),
    Case(
        "UPDATE journal SET cause = 5 WHERE participant_id = 'cyd' AND number = 3",
        [("cyd", "journal.3.cause", 5, None)],
        repairable=False,
    ),
    Case(
        "UPDATE journal SET data = '{}' WHERE participant_id = 'cyd' AND number = 3",
        [("cyd", "journal.3.data", "{}", None)],
        repairable=False,
    ),
    Case(
        "UPDATE journal SET program = 9 WHERE participant_id = 'cyd' AND number = 3",
        [("cyd", "journal.3.program", 9, None)],
        repairable=False,
    ),
    Case(
        "DELETE FROM journal WHERE participant_id = 'dan'",
        [
            ("dan", "version", 5, None),
            (None, "operations.OP.participants", 3, 2),
            (None, "operations.OP.facts", 15, 10),
        ],
        repairable=False,
    ),
    Case(
        "DELETE FROM participants WHERE participant_id = 'eve'",
        [("eve", "version", None, 1)],
        sqlite_only=True,
    ),
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the store of the story is kept, once it is made."""
    return tmp_path_factory.mktemp("template") / "gamify.db"


@pytest.fixture
def stored(call: Run, place: Place, template: Path) -> Place:
    """A store in which something of everything happened."""
    if place.database is None and template.exists():
        place.store.parent.mkdir(parents=True)
        shutil.copy(template, place.store)
        return place
    (place.home / "program.toml").write_text(PROGRAM)
    (place.home / "codes.txt").write_text("A-1\nB.2\nC-3\n")
    lines = [{"participant_id": one, "event_name": "login"} for one in ("bob", "cyd", "dan")]
    (place.home / "events.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    for line in STORY.strip().splitlines():
        result = call(*line.split())
        assert result.exit_code == 0, result
    if place.database is None:
        shutil.copy(place.store, template)
    return place


def told(result: Result) -> list[tuple[Any, ...]]:
    """The drifts, each as (participant, field, stored, replayed, repairable)."""
    plain = re.sub(r"op_[0-9a-f]{24}", "OP", result.stdout)
    return [tuple(json.loads(line).values()) for line in plain.splitlines()]


def test_what_was_undone_is_marked_as_such(call: Run, stored: Place) -> None:
    (award,) = json.loads(call("operations", "list", "--limit", "1", "--json").stdout)
    undo = json.loads(call("operations", "undo", award["id"], "--yes", "--json").stdout)["undo"]
    assert told(call("store", "verify", "-o", "jsonl")) == []
    stored.execute("UPDATE operations SET undone_by = NULL WHERE operation = ?", [(award["id"],)])

    drifts = told(call("store", "verify", "-o", "jsonl"))

    assert drifts == [(None, "operations.OP.undone_by", None, "OP", True)]
    assert call("store", "verify", "--repair", "--yes", "-q").exit_code == 0
    shown = json.loads(call("operations", "show", award["id"], "--json").stdout)
    assert shown["undone_by"] == undo


def content(place: Place) -> list[Any]:
    """All that is derived from the journal."""
    with closing(sqlite3.connect(place.store)) as store:
        tables = ("participants", "reward_stock", "operations WHERE command NOT LIKE '% verify %'")
        return [store.execute(f"SELECT * FROM {one} ORDER BY 1, 2").fetchall() for one in tables]


@pytest.mark.parametrize("environment", ["local", "postgres"], indirect=True)
@pytest.mark.usefixtures("stored")
def test_a_store_that_only_gamify_wrote_holds(call: Run) -> None:
    result = call("store", "verify", "--json")

    assert (result.exit_code, result.stdout) == (0, "[]\n"), result.stdout
    assert result.stderr == "read 5 participants and 37 facts\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.drifts[0][1])
def test_what_differs_from_the_journal_is_told_and_repaired(
    case: Case, stored: Place, call: Run
) -> None:
    before = content(stored)
    stored.execute(case.statement, [()])
    planted = content(stored)

    verified = call("store", "verify", "-o", "jsonl")
    rehearsed = call("store", "verify", "--repair", "--dry-run", "-o", "jsonl")
    repaired = call("store", "verify", "--repair", "--yes", "-o", "jsonl")

    expected = [(*drift, case.repairable) for drift in case.drifts]
    assert told(verified) == told(rehearsed) == told(repaired) == expected
    assert (verified.exit_code, rehearsed.exit_code) == (8, 8)
    assert repaired.exit_code == (0 if case.repairable else 8), repaired.stderr
    again = call("store", "verify", "-o", "jsonl")
    assert told(again) == ([] if case.repairable else expected)
    assert content(stored) == (before if case.repairable else planted)


@pytest.mark.parametrize("environment", ["postgres"], indirect=True)
def test_all_at_once_are_repaired_in_a_database(stored: Place, call: Run) -> None:
    for case in CASES:
        if case.repairable and not case.sqlite_only:
            stored.execute(case.statement, [()])

    assert call("store", "verify").exit_code == 8
    repaired = call("store", "verify", "--repair", "--yes")

    assert repaired.exit_code == 0, repaired.stderr
    (backup,) = stored.home.rglob("*.before-repair.*.dump")
    assert f"what was there is kept in {backup}\n" in repaired.stderr
    assert call("store", "verify", "--json").stdout == "[]\n"


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, place: Place) -> Iterator[LocalStore]:
    """A store of several ranges."""
    where = place.store if request.param == "sqlite" else request.getfixturevalue("database")
    store = LocalStore.open(where, timeout=10)
    importer = store.participants.importer(Write(Operation("op_1", "import", "me")), Source())
    list(importer.record([Entry(line, one, {}) for line, one in enumerate(IDS, 1)], len(IDS)))
    yield store
    store.close()


def test_processes_find_what_one_alone_does(store: LocalStore) -> None:
    session = store._session
    with session.writing():
        for one in (IDS[0], IDS[-1]):
            row = records.participant_row(Participant(one, balance=5, version=2))
            session.run(session.sql.UPDATE_PARTICIPANT, records.update_row(row))

    alone, shared = (Verification(session, processes) for processes in (1, 2))

    found = list(alone.drifts(lambda *_: None))
    assert found == list(shared.drifts(lambda *_: None))
    assert {drift.participant_id for drift in found} == {IDS[0], IDS[-1]}
    assert (alone.participants, alone.facts) == (shared.participants, shared.facts)
    assert alone.facts == len(IDS)


def test_all_of_it_is_of_one_moment_while_others_write(store: LocalStore) -> None:
    """Whoever is awarded counts in the operation, far away from the row, in one transaction."""
    is_over = Event()

    def award() -> None:
        twin = store.twin(10)
        write = Write(Operation("op_2", "award", "me", shared=True))
        for one in cycle(IDS):
            if is_over.is_set():
                break
            twin.points.award(one, {"amount": 1}, write)
        twin.close()

    writer = Thread(target=award)
    writer.start()
    try:
        for processes in (1, 2, 2):
            verification = Verification(store._session, processes)
            assert list(verification.drifts(lambda *_: None)) == []
    finally:
        is_over.set()
        writer.join()
    assert verification.facts > len(IDS)


def test_a_damaged_file_is_named(stored: Place, call: Run) -> None:
    whole = stored.store.read_bytes()
    for page in range(1, len(whole) // 4096):
        damaged = bytearray(whole)
        damaged[4096 * page : 4096 * page + 64] = bytes(64)
        stored.store.write_bytes(damaged)

        result = call("store", "verify")

        assert (result.exit_code, result.stdout) == (8, "")
        assert result.stderr.startswith(f"gamify: the store {stored.store} is damaged: ")


def test_a_server_is_told_to_be_no_store(run: Run, place: Place) -> None:
    call = run("store", "verify", "--profile", "team", env={"GAMIFY_CONFIG": str(config(place))})

    assert (call.exit_code, call.stdout) == (2, "")
    assert "is a server, and this command is for a local store" in call.stderr


def config(place: Place) -> Path:
    path = place.home / "config.toml"
    path.write_text('[profiles.team]\nurl = "http://127.0.0.1:1/api/v1/gamify"\n')
    return path
