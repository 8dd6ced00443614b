"""Explanations: trees of facts whose numbers add up, and that tell what operators ask."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.reads import leaves

from gamify_cli.domain import instants, program_file, shapes_tree
from gamify_cli.domain.again import Recorded, again
from gamify_cli.domain.decide import Decision, challenges, events, points, rewards, streaks, tiers
from gamify_cli.domain.explain.asked import asked_by
from gamify_cli.domain.explain.nodes import Node, Step
from gamify_cli.domain.explain.tree import explain
from gamify_cli.domain.facts import REVERSED, Fact
from gamify_cli.domain.instants import DAY
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.domain.program import Program
from gamify_cli.domain.reversing import difference
from gamify_cli.domain.views import as_at
from gamify_cli.errors import GamifyError, NotFound
from gamify_cli.render.output import Output

DATA = Path(__file__).parent / "data"
BEGIN = instants.parse("2026-02-01T10:00:00Z", 0)

PROGRAM = """
name = "explained"
tiers = [
    { code = "bronze", name = "Bronze", level = 1, points_required = 0 },
    { code = "gold", name = "Gold", level = 2, points_required = 1000 },
]
badges = [
    { code = "buyer", name = "Buyer", criterion = { event = "purchase", at_least = 3 } },
    { code = "gift", name = "Gift" },
    { code = "rich", name = "Rich", criterion = { total_earned = 500 } },
]
rewards = [{ id = "mug", name = "Mug", type = "physical", points_cost = 30 }]

[[streaks]]
code = "daily"
name = "Daily"
period = "daily"
grace = 1
freezes = { stock = 2 }

[[challenges]]
code = "start"
name = "Start"
window = { days = 5 }
objectives = [
    { id = "quiz", event = "quiz", target = 2 },
    { id = "talk", event = "talk", after = ["quiz"] },
]
reward = { points = 250, badge = "gift" }

[[rules]]
code = "bought"
event = "purchase"
where = { usd = { gte = 10 }, kind = "shoe" }
points = { property = "usd", times = 2 }
expires = { days = 9 }

[[rules]]
code = "seen"
event = "login"
points = 5
streak = "daily"
limit = { times = 1, per = "day" }
"""
DOCUMENT = program_file.read(PROGRAM.encode(), "the program")


class Life:
    """What happens to one participant, day by day, in operations that can be undone."""

    def __init__(self) -> None:
        self.program = Program(1, DOCUMENT)
        self.participant = Participant("ada")
        self.steps: list[Step] = []
        self.now = BEGIN
        self.undone: dict[str, str] = {}
        self._ids = map(str, count())

    def wait(self, days: int) -> None:
        self.now += days * DAY

    def do(self, rule: Callable[[Decision], Any]) -> str:
        """Decide something in an operation of its own."""
        decision = Decision(self.participant, self.program, self.now, lambda: next(self._ids))
        rule(decision)
        return self._keep(decision.facts, decision.participant)

    def undo(self, operation: str) -> str:
        """Book what the journal leads to without an operation, as undo does."""
        self.undone[operation] = f"op_{len(self.steps)}"
        journal = [Recorded(one.fact, self.now, one.operation or "", 1) for one in self.steps]
        left = again(
            "ada",
            journal,
            own=lambda _: self.program,
            left_out=lambda one: self.is_undone(one.operation),
        ).participant
        data = difference(operation, self.participant, left)
        after = self.participant.copy()
        fact = Fact(after.version + 1, REVERSED, data, self.now, after.version)
        evolve(after, fact)
        return self._keep([fact], after)

    def is_undone(self, operation: str) -> bool:
        return operation in self.undone and not self.is_undone(self.undone[operation])

    def _keep(self, facts: list[Fact], after: Participant) -> str:
        operation = f"op_{len(self.steps)}"
        self.steps += [Step(one, operation, "gamify something", "ops", 1) for one in facts]
        self.participant = after
        return operation

    def explain(self, value: str, limit: int | None = 50) -> Node:
        asked = asked_by(value, limit)
        program, journal = self.program, iter(self.steps)
        return explain(asked, self.participant, journal, program, lambda _: program, self.now)


@pytest.fixture
def life() -> Life:
    return Life()


def award(amount: int, days: int | None = None) -> Callable[[Decision], Any]:
    return lambda decision: points.award(
        decision, amount, expires_at=None if days is None else BEGIN + days * DAY
    )


def event(name: str, **properties: Any) -> Callable[[Decision], Any]:
    return lambda decision: events.record(decision, name, properties=properties)


def every(node: Node) -> Iterator[Node]:
    yield node
    for one in node["nodes"]:
        yield from every(one)


def texts(node: Node) -> list[str]:
    return [one["text"] for one in every(node)]


STEP = st.one_of(
    st.tuples(st.just("award"), st.integers(1, 90), st.sampled_from([None, None, 3, 5, 8, 30])),
    st.tuples(st.just("deduct"), st.integers(1, 120), st.none()),
    st.tuples(st.just("claim"), st.booleans(), st.none()),
    st.tuples(st.just("buy"), st.integers(1, 40), st.none()),
    st.tuples(st.just("wait"), st.integers(0, 3), st.none()),
    st.tuples(st.just("undo"), st.integers(0, 30), st.none()),
)


def take(life: Life, operations: list[str], what: str, one: Any, other: Any) -> None:
    """One step, which leads to nothing where a rule refuses it."""
    mug = life.program.rewards["mug"]
    if what == "wait":
        life.wait(one)
    elif what == "undo":
        mine = [op for op in operations if op not in life.undone or not life.is_undone(op)]
        operations += [life.undo(mine[one % len(mine)])] if mine else []
    else:
        rule = {
            "award": lambda decision: award(one, other)(decision),
            "deduct": lambda decision: points.deduct(decision, one),
            "claim": lambda decision: rewards.claim(decision, mug, pay=one, stock=None),
            "buy": event("purchase", usd=one, kind="shoe"),
        }[what]
        operations.append(life.do(rule))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=25), st.sampled_from([None, 1, 2, 50]))
def test_the_tree_of_points_adds_up_to_the_balance_whatever_was_undone(
    steps: list[tuple[str, Any, Any]], limit: int | None
) -> None:
    life, operations = Life(), list[str]()
    for step in steps:
        try:
            take(life, operations, *step)
        except GamifyError:
            continue
    tree = life.explain("points", limit)

    reads = as_at(life.participant, life.program, life.now)
    assert tree["amount"] == leaves(tree) == reads.balance
    lots = {instants.text(at): left for at, left in reads.lots.items()}
    if len(lots) <= (limit or len(lots)):
        undated = {None: reads.balance - sum(lots.values())}
        shown = [one for one in tree["nodes"] if one["kind"] == "lot" and one["amount"]]
        rests = {one["data"]["expires_at"]: one["amount"] for one in shown}
        assert rests == {at: left for at, left in {**lots, **undated}.items() if left}
    for value in ("overview", "tier", "badge:rich", "badge:buyer"):
        leaves(life.explain(value, limit))


def test_what_took_points_back_stands_beside_what_brought_them(life: Life) -> None:
    operation = life.do(award(600, 40))
    life.do(award(7))
    undo = life.undo(operation)

    tree, badge = life.explain("points"), life.explain("badge:rich")
    moves = {one["text"]: one for one in every(tree) if one["number"]}
    assert tree["amount"] == 7
    assert moves[f"undo of {operation}"]["amount"] == -600
    assert moves["awarded"]["operation"] in (operation, life.steps[-2].operation)
    assert {one["undone_by"] for one in every(tree) if one["operation"] == operation} == {undo}
    assert [one["undone_by"] for one in badge["nodes"] if one["number"]] == [None, undo]
    assert badge["data"]["earned"] is False

    life.undo(undo)

    assert life.explain("points")["amount"] == 607
    marks = {one["undone_by"] for one in every(life.explain("points"))}
    assert operation not in marks
    assert [one["data"]["earned"] for one in (badge, life.explain("badge:rich"))] == [False, True]


def test_what_ran_out_is_told_before_it_is_recorded(life: Life) -> None:
    life.do(award(30, 2))
    life.wait(3)

    tree = life.explain("points")

    (gone,) = tree["nodes"]
    ran_out, awarded = gone["nodes"][0]["nodes"]
    assert (tree["amount"], gone["kind"], ran_out["amount"]) == (0, "used_up", -30)
    assert (ran_out["number"], ran_out["operation"], ran_out["text"]) == (None, None, "ran out")
    assert awarded["actor"] == "ops"


@pytest.mark.parametrize("rest", [1, None])
def test_of_ten_thousand_facts_the_newest_are_told(life: Life, rest: int | None) -> None:
    days = None if rest is None else 40
    for number in range(5_000):
        life.now += instants.SECOND
        life.do(award(2, None if days is None else days + number % 900))
        life.do(lambda decision: points.deduct(decision, 1))

    tree = life.explain("points")

    assert len([*every(tree)]) < 500
    assert tree["amount"] == leaves(tree) == 5_000
    if rest is None:
        assert texts(tree)[-1] == "and 9,950 more"
    assert len([*every(life.explain("points", None))]) > 9_000


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (
            event("purchase", usd=20, kind="shoe"),
            ["rule bought: matches", "rule bought", "counts for badge buyer, which takes 3"],
        ),
        (
            event("purchase", usd=9.5, kind="hat"),
            [
                "rule bought: does not match",
                "usd gte 10: it was 9.5",
                'kind eq "shoe": it was "hat"',
            ],
        ),
        (event("purchase", usd=20), ['kind eq "shoe": it is missing']),
        (event("purchase", usd="9", kind="shoe"), ['usd gte 10: it was "9"']),
        (
            event("purchase", usd=10**9, kind="shoe"),
            ["rule bought: matches", 'refused: property "usd" gives no amount from 1 to 1,000,000'],
        ),
        (event("purchase_"), ["no rule is for events purchase_; did you mean purchase?"]),
        (event("zzz"), ["no rule is for events zzz"]),
        (
            event("login"),
            [
                "rule seen: matches",
                "refused: limit of 1 per day reached until 2026-02-02T00:00:00Z",
            ],
        ),
    ],
)
def test_an_event_tells_what_it_earned_or_why_not(
    what: Callable[[Decision], Any], told: list[str], life: Life
) -> None:
    life.do(event("login"))
    life.do(what)
    found = next(one for one in reversed(life.steps) if one.fact.kind == "event_recorded")

    tree = life.explain(f"event:{found.fact.data['id']}")

    assert set(told) <= set(texts(tree))
    leaves(tree)


def test_an_event_tells_why_it_did_not_count_for_a_challenge(life: Life) -> None:
    def why(name: str) -> list[str]:
        life.do(event(name))
        found = next(one for one in reversed(life.steps) if one.fact.kind == "event_recorded")
        return texts(life.explain(f"event:{found.fact.data['id']}"))[1:]

    missed = "does not count for challenge start:"
    assert why("quiz") == [f"{missed} not enrolled by then"]
    life.do(lambda decision: challenges.enroll(decision, "start"))
    assert why("quiz") == ["counts for challenge start: quiz"]
    assert why("talk") == [f"{missed} talk waits for quiz"]
    assert why("quiz") == ["counts for challenge start: quiz"]
    assert why("quiz") == [f"{missed} quiz was reached before"]
    life.wait(6)
    assert why("talk") == [f"{missed} outside its time"]
    life.now -= 5 * DAY
    assert why("talk")[-1] == "earned badge gift by challenge start"
    assert why("talk") == [f"{missed} completed before"]


def test_a_badge_tells_what_gave_it_or_what_is_missing(life: Life) -> None:
    life.do(event("purchase", usd=20, kind="shoe"))
    life.do(event("purchase"))
    missing = life.explain("badge:buyer")
    assert texts(missing) == ["Buyer: not earned", "event purchase 2 of 3: 1 missing"]
    assert missing["nodes"][0]["data"] == {"has": 2, "needed": 3, "missing": 1, "met": False}
    assert texts(life.explain("badge:gift"))[1:] == ["challenge start: not enrolled"]

    life.do(event("purchase"))

    assert texts(life.explain("badge:buyer")) == [
        "Buyer: earned",
        "earned badge buyer",
        "event purchase",
        "event purchase 3 of 3: met",
    ]
    with pytest.raises(NotFound) as refused:
        life.explain("badge:byer")
    assert refused.value.hint == "did you mean buyer?"


def test_a_tier_tells_how_it_came_and_what_is_missing(life: Life) -> None:
    life.do(award(600))
    life.do(lambda decision: tiers.assign(decision, "gold", reason="friend"))

    assert texts(life.explain("tier")) == [
        "Gold, level 2, since 2026-02-01T10:00:00Z",
        'assigned tier gold "friend"',
        "reached tier bronze",
        "awarded",
        "counts the balance: 600; a tier stays when points are spent",
        "assigned by hand: it stays until points earn a level above it and above 1",
        "no tier above it",
    ]


def test_a_streak_tells_its_runs_and_what_bridged_the_gaps(life: Life) -> None:
    for days in (1, 1, 2, 3, 6, 1):
        life.wait(days)
        life.do(lambda decision: streaks.record(decision, "daily"))
    life.wait(4)
    life.do(lambda decision: streaks.restore(decision, "daily", reason="outage"))
    life.do(lambda decision: streaks.record(decision, "daily"))

    tree = life.explain("streak:daily")

    told = [one["text"] for one in every(tree) if one["number"] is None]
    assert told == [
        "Daily: 3 now, 4 longest",
        "safe until 2026-02-23T00:00:00Z; it lapses 2026-02-24T00:00:00Z unless a tick comes",
        "grace: 1 missed period in each gap",
        "freezes: 2 of 2 left",
        "run of 3 ticks, 2026-02-14 to 2026-02-19",
        "1 day ticked, 2026-02-19",
        "3 days missed, restored by hand, 2026-02-16 to 2026-02-18",
        "2 days ticked, 2026-02-14 to 2026-02-15",
        "5 days missed, 2026-02-09 to 2026-02-13",
        "run of 4 ticks, 2026-02-02 to 2026-02-08",
        "1 day ticked, 2026-02-08",
        "1 day missed, saved by a freeze, 2026-02-07",
        "1 day missed, within grace, 2026-02-06",
        "1 day ticked, 2026-02-05",
        "1 day missed, within grace, 2026-02-04",
        "2 days ticked, 2026-02-02 to 2026-02-03",
    ]
    saved = {one["kind"]: one["nodes"][0]["data"] for one in every(tree) if one["nodes"]}
    assert saved["frozen"]["paid"] == ["2026-02-07"]
    assert saved["restored"]["reason"] == "outage"
    assert texts(life.explain("streak:daily", 2))[-1] == "and 1 more"


def test_a_streak_counts_the_ticks_of_its_newest_run(life: Life) -> None:
    for days in (1, 1, 9, 1, 1, 1):
        life.wait(days)
        life.do(event("login"))

    tree = life.explain("streak:daily")
    runs = [one["data"]["count"] for one in tree["nodes"] if one["kind"] == "run"]

    assert runs == [4, 2]
    assert tree["data"]["current_count"] == runs[0]


def test_a_streak_whose_tick_was_undone_says_so(life: Life) -> None:
    life.do(award(1))
    operation = life.do(event("login"))
    life.undo(operation)

    assert texts(life.explain("streak:daily")) == [
        "Daily: no tick is left",
        f"undo of {operation}",
        "rule seen: for event login",
    ]


def test_a_claim_tells_its_payment_and_the_lots_it_drained(life: Life) -> None:
    life.do(award(20, 5))
    life.do(award(50))
    mug = life.program.rewards["mug"]
    life.do(lambda decision: rewards.claim(decision, mug, pay=True, stock="MUG-1"))
    claim = life.steps[-1].fact.data["id"]

    tree = life.explain(f"reward:{claim}")

    assert texts(tree) == [
        "claimed mug",
        "Mug, physical",
        "code MUG-1",
        "paid, with 40 left",
        "run out 2026-02-06T10:00:00Z",
        "never run out",
    ]
    assert [one["amount"] for one in every(tree)] == [-30, None, None, -30, -20, -10]


@pytest.mark.parametrize("columns", [40, 80, 0])
def test_it_is_drawn_as_it_was_found_good(
    columns: int,
    life: Life,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life.do(lambda decision: points.award(decision, 600, reason="[red]漢字\x1b[31m\u202e"))
    life.do(event("purchase", usd=20, kind="shoe"))
    life.do(lambda decision: points.deduct(decision, 50, reason="fee"))
    life.do(event("login"))
    life.undo(life.do(award(5, 40)))
    # Without columns it goes to a file.
    monkeypatch.setattr(sys.stdout, "isatty", lambda: columns > 0, raising=False)
    monkeypatch.setenv("COLUMNS", str(columns))
    output = Output(shapes_tree.EXPLANATION, "table", (), "never")

    ids = [one.fact.data["id"] for one in life.steps if one.fact.kind == "event_recorded"]
    events_ = [f"event:{one}" for one in ids]
    for value in ("overview", "points", "tier", "badge:rich", "streak:daily", *events_):
        output.one(life.explain(value))

    assert capsys.readouterr().out == (DATA / f"explained_{columns}.txt").read_text("utf-8")
