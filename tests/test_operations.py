"""Operations: what each command left, and its undo, over every backend."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import EXECUTABLE, NOW, Place, Run
from contract import create, profile, rows, told, write

import gamify_cli.commands.program
from gamify_cli.backend import Answer, Entry, HistoryQuery, ListQuery, OperationQuery, Source, When
from gamify_cli.backend.whole import Backend
from gamify_cli.domain import instants, jsontext, program_file
from gamify_cli.errors import Conflict, NotFound, Rejected, UsageError
from gamify_cli.store.local import LocalStore

AT = instants.parse(NOW, 0)
DAY = 24 * 3600 * instants.SECOND
EXAMPLE = Path(gamify_cli.commands.program.EXAMPLE).read_bytes()
DOCUMENT = program_file.read(EXAMPLE, "the example")


def listed(backend: Backend, one: str | None = None, **query: Any) -> list[Any]:
    return rows(backend.operations.list(OperationQuery(one, **query)))[0]


def test_every_operation_is_listed_by_what_it_left(backend: Backend) -> None:
    create(backend, "ada")
    for one in ("ada", "bob"):
        backend.points.award(one, {"amount": 5}, write())
    many = write()
    many = many._replace(operation=many.operation._replace(shared=True))
    importer = backend.participants.importer(many, Source())
    entries = [Entry(n, one, {"display_name": one}) for n, one in enumerate(("ada", "eve"), 1)]
    list(importer.record(entries, 2))
    importer.finish()

    every = listed(backend)

    counts = [(one["participants"], one["facts"]) for one in every]
    assert sorted(counts) == [(1, 1), (1, 1), (1, 2), (2, 2)]
    assert every == sorted(every, key=lambda one: str(one["id"]), reverse=True)
    assert [backend.operations.show(one["id"]) for one in every] == every
    of_ada = listed(backend, "ada")
    assert of_ada == [one for one in every if one["facts"] == 1 or one["participants"] == 2]
    page, following = rows(backend.operations.list(OperationQuery(limit=3)))
    assert page == every[:3]
    assert listed(backend, after=following) == every[3:]
    assert listed(backend, "ada", after=of_ada[0]["id"], limit=1) == [of_ada[1]]


def test_an_operation_that_is_none_is_not_found(backend: Backend) -> None:
    create(backend, "ada")

    with pytest.raises(NotFound, match='operation "op_1/" not found'):
        backend.operations.show("op_1/")
    with pytest.raises(NotFound, match='participant "bob" not found'):
        listed(backend, "bob")
    with pytest.raises(UsageError):
        listed(backend, "")


def undone(backend: Backend, operation: str, on_short: str = "refuse") -> Any:
    """What undo answers, and before it its rehearsal, which tells the same."""
    plan = backend.operations.undo(operation, on_short, write(dry_run=True))
    answer = backend.operations.undo(operation, on_short, write())
    told = {**plan.body, "undo": answer.body["undo"]}
    assert (answer.outcome, answer.body) == ("undone", told)
    return answer.body


def newest(backend: Backend, one: str | None = None) -> str:
    return str(listed(backend, one, limit=1)[0]["id"])


def newest_of(backend: Backend, one: str, kind: str) -> str:
    """The operation of the newest fact of a kind."""
    (fact,) = rows(backend.participants.history(one, HistoryQuery((kind,), limit=1)))[0]
    return str(fact["operation"])


def test_an_undo_leaves_no_trace_and_comes_back(backend: Backend) -> None:
    create(backend, "ada", display_name="Ada")
    created = profile(backend, "ada")
    backend.points.award("ada", {"amount": 70}, write())
    award, awarded = newest(backend), profile(backend, "ada")

    body = undone(backend, award)

    assert (body["participants"], body["facts"], body["points"]) == (1, 1, -70)
    assert profile(backend, "ada") == created
    assert backend.operations.show(award)["undone_by"] == body["undo"] == newest(backend)
    moves = rows(backend.points.transactions("ada", HistoryQuery()))[0]
    shown = [(move["type"], move["amount"], move["balance_after"]) for move in moves]
    assert shown == [("reversal", -70, 0), ("award", 70, 70)]
    with pytest.raises(Conflict, match=f"was undone already, by {body['undo']}"):
        backend.operations.undo(award, "refuse", write())
    assert undone(backend, body["undo"])["points"] == 70
    assert profile(backend, "ada") == awarded


def test_one_of_whom_all_is_undone_is_unknown_until_it_is_back(backend: Backend) -> None:
    event = {"event_name": "login"}
    backend.events.record("ada", event, write())
    first = newest(backend)

    assert undone(backend, first)["void"] == 1

    assert isinstance(profile(backend, "ada"), NotFound)
    with pytest.raises(NotFound):
        rows(backend.events.list("ada", HistoryQuery(), None))
    assert backend.participants.count(ListQuery(), write()) == 0
    backend.events.record("ada", event, write())
    assert len(rows(backend.events.list("ada", HistoryQuery(), None))[0]) == 1
    assert profile(backend, "ada")["total_events"] == 1
    undone(backend, backend.operations.show(first)["undone_by"])
    assert profile(backend, "ada")["total_events"] == 2
    assert len(rows(backend.events.list("ada", HistoryQuery(), None))[0]) == 2


def test_the_past_of_what_was_undone_and_came_back_is_what_it_was(backend: Backend) -> None:
    """Points of a late event are dated behind those that were there; so they stay."""
    rules = [{"code": "visit", "event": "visit", "points": 7}]
    document = program_file.read(jsontext.compact({"name": "x", "rules": rules}).encode(), "x")
    backend.programs.apply(document, write())
    many = write()._replace(operation=write().operation._replace(shared=True))
    importer = backend.events.importer(many, Source())
    late = [{"event_name": "visit", "timestamp": AT - days * DAY} for days in (10, 20)]
    list(importer.record([Entry(n, "ada", body) for n, body in enumerate(late, 1)], 2))
    importer.finish()
    past = [When(at=AT - days * DAY) for days in (20, 15, 10, 0)]
    before = [next(backend.participants.profiles(["ada"], when)) for when in past]

    body = undone(backend, newest(backend))
    undone(backend, body["undo"])

    assert [next(backend.participants.profiles(["ada"], when)) for when in past] == before


def test_a_claim_that_somebody_else_has_by_now_does_not_come_back(backend: Backend) -> None:
    rewards = [{"id": "cup", "name": "cup", "type": "physical", "stock": 1}]
    document = program_file.read(jsontext.compact({"name": "x", "rewards": rewards}).encode(), "x")
    backend.programs.apply(document, write())
    backend.rewards.claim("ada", "cup", False, write())
    undo = undone(backend, newest(backend))["undo"]
    backend.rewards.claim("bob", "cup", False, write())

    for dry_run in (True, False):
        with pytest.raises(Conflict, match=r'"cup" is sold out: 0 left of the 1'):
            backend.operations.undo(undo, "refuse", write(dry_run=dry_run))
    assert backend.rewards.list(None)["rewards"][0]["available_codes"] == 0


def test_a_repeat_of_an_undo_under_its_key_is_answered_as_before(backend: Backend) -> None:
    create(backend, "ada")
    operation = newest(backend)

    first, again = (backend.operations.undo(operation, "refuse", write("once")) for _ in range(2))

    assert again == Answer(first.body, "replayed")


def test_points_that_are_spent_are_not_taken_back_unless_asked(backend: Backend) -> None:
    create(backend, "ada")
    backend.points.award("ada", {"amount": 70}, write())
    award = newest(backend)
    backend.points.deduct("ada", {"amount": 50}, write())

    for dry_run in (True, False):
        with pytest.raises(Rejected, match=r"1 participant has spent points .* 50 are missing"):
            backend.operations.undo(award, "refuse", write(dry_run=dry_run))
    body = undone(backend, award, "clamp")

    short = {"participant_id": "ada", "fact": 3, "points": 50, "missing": 50}
    assert (body["points"], body["shortfalls"]) == (-20, [short])
    assert profile(backend, "ada")["points"]["balance"] == 0
    # What nobody reversed makes a participant, though it takes nothing any more.
    undone(backend, newest_of(backend, "ada", "registered"), "clamp")
    assert profile(backend, "ada")["points"]["balance"] == 0


def test_a_code_stays_handed_out_and_a_numbered_stock_comes_back(backend: Backend) -> None:
    stocks = {"cup": 1, "coupon": "codes"}
    rewards = [
        {"id": one, "name": one, "type": "coupon", "stock": stock} for one, stock in stocks.items()
    ]
    document = program_file.read(jsontext.compact({"name": "x", "rewards": rewards}).encode(), "x")
    backend.programs.apply(document, write())
    applied = newest(backend)
    backend.rewards.load_codes("coupon", [["A1"]], "one", write())
    loaded = newest(backend)
    claims = {}
    for one in stocks:
        backend.rewards.claim("ada", one, False, write())
        claims[one] = newest(backend)

    codes = [undone(backend, operation)["codes"] for operation in claims.values()]

    assert codes == [[], [{"participant_id": "ada", "reward_id": "coupon", "code": "A1"}]]
    offers = backend.rewards.list(None)["rewards"]
    assert [one["available_codes"] for one in offers] == [1, 0]
    for operation in (applied, loaded):
        with pytest.raises(Conflict, match=r"not undone|nothing to undo"):
            backend.operations.undo(operation, "refuse", write())


def test_many_are_undone_together_and_boards_count_them_no_more(backend: Backend) -> None:
    board = {"code": "busy", "name": "Busy", "metric": "events", "period": "weekly"}
    document = program_file.read(
        jsontext.compact({"name": "x", "leaderboards": [board]}).encode(), "x"
    )
    backend.programs.apply(document, write())
    backend.events.record("ada", {"event_name": "login"}, write())
    many = write()
    many = many._replace(operation=many.operation._replace(shared=True))
    importer = backend.events.importer(many, Source())
    entries = [Entry(n, one, {"event_name": "x"}) for n, one in enumerate(("ada", "bob", "bob"), 1)]
    list(importer.record(entries, 3))
    importer.finish()
    every = listed(backend)
    operation = next(one["id"] for one in every if one["participants"] == 2)

    body = undone(backend, operation)

    assert (body["participants"], body["facts"], body["void"]) == (2, 4, 1)
    shown = backend.leaderboards.show("busy", None, dense=False, limit=10)
    assert [(one["participant_id"], one["score"]) for one in shown["entries"]] == [("ada", 1)]


def test_the_past_is_read_without_what_was_undone(backend: Backend) -> None:
    backend.programs.apply(DOCUMENT, write())
    acts: dict[str, Callable[[str], Any]] = {
        "first": lambda one: award(backend, one, 40, 9),
        "undone": lambda one: award(backend, one, 700, 8, expires_at=AT + DAY),
        "later": lambda one: award(backend, one, 600, 3, expires_at=AT + 2 * DAY),
        "spent": lambda one: deduct(backend, one, 300, 2),
    }
    for name, act in acts.items():
        act("ada")
        if name == "undone":
            operation = newest(backend, "ada")
        act("with")
        if name != "undone":
            act("without")

    def past(one: str) -> list[Any]:
        times = [When(AT + days * DAY - 1) for days in (-9, -8, -5, -2, -1, 0, 2, 3)]
        shown = [told(backend.participants.profiles([one], when)) for when in times]
        return [
            one[0] if isinstance(one[0], tuple) else one[0] | {"participant_id": ""}
            for one in shown
        ]

    back = undone(backend, operation)["undo"]
    assert past("ada")[1:] == past("without")[1:]
    undone(backend, back)
    assert past("ada")[1:] == past("with")[1:]


def award(backend: Backend, one: str, amount: int, days: int, **more: int) -> None:
    body = {"amount": amount, "occurred_at": AT - days * DAY, **more}
    backend.points.award(one, body, write())


def deduct(backend: Backend, one: str, amount: int, days: int) -> None:
    backend.points.deduct(one, {"amount": amount, "occurred_at": AT - days * DAY}, write())


def test_an_undo_of_many_goes_on_where_it_was_cut_short(call: Run, place: Place) -> None:
    lines = [json.dumps({"participant_id": f"user_{number:05}"}) for number in range(20_300)]
    (place.home / "people.jsonl").write_text("\n".join(lines))
    call("participants", "import", "people.jsonl")
    with closing(LocalStore.open(place.store, timeout=5)) as store:
        operation = newest(store)
        first = store.operations.undo(operation, "refuse", write()).body
        assert (first["participants"], first["complete"]) == (20_000, False)
        assert store.operations.show(operation)["undone_by"] == first["undo"]

    rest = json.loads(call("operations", "undo", operation, "--yes", "--json").stdout)

    shown = (rest["undo"], rest["participants"], rest["complete"])
    assert shown == (first["undo"], 300, True)
    assert call("participants", "list", "--count").stdout == "0\n"
    assert call("store", "verify").exit_code == 0
    assert call("operations", "undo", operation, "--yes").exit_code == 5


def test_a_person_at_a_terminal_is_told_how_to_take_a_write_back(place: Place) -> None:
    line = [str(EXECUTABLE), "points", "award", "ada", "5"]
    screen = pexpect.run(shlex.join(line), env=place.env).decode()
    undo = re.search(r"undo: (gamify operations undo op_[0-9a-f]{24})\r\n$", screen)

    assert undo, screen
    back = [str(EXECUTABLE), *undo[1].split()[1:], "--yes", "-o", "json"]
    done = subprocess.run(back, env=place.env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["void"] == 1
    assert "undo: " not in done.stderr
