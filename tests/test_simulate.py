"""What another program would have made of the past: told, added up, and true."""

from __future__ import annotations

import json
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import EXECUTABLE, NOW, Place, Run
from contract import write
from hypothesis import given, settings
from hypothesis import strategies as st

from gamify_cli.backend.whole import Backend
from gamify_cli.domain import instants, program_file
from gamify_cli.domain.instants import DAY
from gamify_cli.store import ranges, simulating
from gamify_cli.store.local import LocalStore

OLD = """
name = "old"
tiers = [
    { code = "low", name = "Low", level = 1, points_required = 0 },
    { code = "high", name = "High", level = 2, points_required = 200 },
]
badges = [
    { code = "rich", name = "Rich", criterion = { balance = 250 } },
    { code = "gift", name = "Gift" },
]
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
rewards = [{ id = "mug", name = "Mug", type = "physical", points_cost = 100 }]
rules = [{ code = "visit", event = "visit", points = 100 }]
"""
NEW = """
name = "new"
tiers = [
    { code = "low", name = "Low", level = 1, points_required = 0 },
    { code = "high", name = "High", level = 2, points_required = 400 },
]
badges = [
    { code = "rich", name = "Rich", criterion = { balance = 300 } },
    { code = "guest", name = "Guest", criterion = { event = "visit", at_least = 1 } },
]
challenges = [{ code = "trip", name = "Trip", objectives = [{ id = "one", event = "visit" }] }]
rules = [{ code = "visit", event = "visit", points = 30 }]
"""
HISTORY = """
events record ada visit
points award ada 200
badges award ada gift
streaks record ada daily
points deduct ada 120
events record bob visit
rewards claim bob mug --pay
points award cleo 50 --expires-at 2027-01-01
participants create dan
"""
UNMOVED = {"from": 0, "to": 0, "change": 0}
NOTHING: dict[str, list[str]] = {"gained": [], "lost": []}
BOB = {
    "participant_id": "bob",
    "balance": UNMOVED,
    "total_earned": {"from": 100, "to": 30, "change": -70},
    "total_spent": {"from": 100, "to": 30, "change": -70},
    "expiring": UNMOVED,
    "tier": {"from": "low", "to": "low"},
    "badges": {"gained": ["guest"], "lost": []},
    "challenges": NOTHING,
    "streaks": [],
    "clamped": [{"number": 5, "kind": "reward_claimed", "asked": 100, "taken": 30}],
    "refused": [],
}


@pytest.fixture
def history(place: Place, call: Run) -> Place:
    """A store with a past, and two program files."""
    (place.home / "old.toml").write_text(OLD)
    (place.home / "new.toml").write_text(NEW)
    for line in ("program apply old.toml", *HISTORY.strip().splitlines()):
        assert call(*line.split()).exit_code == 0, line
    return place


@pytest.mark.usefixtures("history")
def test_each_who_changes_is_told_and_all_of_it_is_added_up(call: Run) -> None:
    result = call("program", "simulate", "new.toml")

    told = json.loads(result.stdout)
    ada, bob = told["participants"]
    assert (result.exit_code, result.stderr) == (0, "")
    assert bob == BOB
    assert ada["balance"] == {"from": 180, "to": 110, "change": -70}
    assert ada["tier"] == {"from": "high", "to": "low"}
    assert ada["badges"] == {"gained": ["guest"], "lost": ["rich"]}
    once = {"from": 1, "to": 0, "change": -1}
    assert ada["streaks"] == [{"code": "daily", "current": once, "longest": once}]
    (refused,) = ada["refused"]
    assert (refused["kind"], refused["reason"]) == ("streak_recorded", 'streak "daily" not found')
    summary = told["summary"]
    assert summary.pop("unknown")
    assert summary == {
        "name": "new",
        "since": None,
        "participants": 4,
        "facts": 19,
        "changed": 2,
        "erased": 0,
        "points": {"gaining": 0, "gained": 0, "losing": 1, "lost": 70},
        "balance": {"from": 230, "to": 160, "change": -70},
        "total_earned": {"from": 450, "to": 310, "change": -140},
        "total_spent": {"from": 220, "to": 150, "change": -70},
        "expiring": {"from": 50, "to": 50, "change": 0},
        "tiers": [{"from": "high", "to": "low", "participants": 1}],
        "badges": [
            {"code": "guest", "gained": 2, "lost": 0},
            {"code": "rich", "gained": 0, "lost": 1},
        ],
        "challenges": [],
        "streaks": [{"code": "daily", "longer": 0, "shorter": 1}],
        "clamped": {"participants": 1, "debits": 1, "points": 70},
        "refused": [{"kind": "streak_recorded", "facts": 1}],
    }


@pytest.mark.usefixtures("history")
def test_other_formats_have_a_row_each_and_the_sums_on_stderr(call: Run) -> None:
    lines = call("program", "simulate", "new.toml", "-o", "jsonl")
    ids = call("program", "simulate", "new.toml", "-o", "ids", "-q")
    chosen = call(
        "program", "simulate", "new.toml", "-o", "csv", "--fields", "participant_id,tier.to"
    )
    table = call("program", "simulate", "new.toml", "-o", "table")

    assert [json.loads(line) for line in lines.stdout.splitlines()][1] == BOB
    told = lines.stderr.splitlines()
    assert told[:2] == [
        "decided again: 19 facts of 4 participants, of whom 2 change",
        "points: 0 gain 0, 1 lose 70",
    ]
    assert "tier high → low: 1" in told
    assert "clamped: 1 debits, 70 points short" in told
    assert "refused now: 1 streak_recorded" in told
    assert told[-1].startswith("not known: ")
    assert (ids.stdout, ids.stderr) == ("ada\nbob\n", "")
    assert chosen.stdout == "participant_id,tier.to\nada,low\nbob,low\n"
    assert chosen.stderr == table.stderr == lines.stderr
    assert [row.split()[0] for row in table.stdout.splitlines()[2:]] == ["ada", "bob"]


def visits(counts: dict[str, int]) -> str:
    """Lines to import: so many visits of each."""
    line = '{{"participant_id": "{}", "event_name": "visit"}}\n'
    return "".join(line.format(one) * count for one, count in counts.items())


@pytest.mark.usefixtures("history")
def test_a_table_has_the_twenty_largest_changes(call: Run) -> None:
    counts = {f"user_{n % 25}": n % 25 + 2 for n in range(7, 32)}
    assert call("events", "import", "-", stdin=visits(counts)).exit_code == 0

    result = call("program", "simulate", "new.toml", "-o", "table")

    largest = sorted(counts, key=lambda one: counts[one], reverse=True)[:20]
    assert [row.split()[0] for row in result.stdout.splitlines()[2:]] == largest
    assert result.stderr.splitlines()[-1] == "the 20 largest changes:"


@pytest.mark.usefixtures("history")
def test_it_writes_nothing_and_the_program_in_force_changes_nothing(call: Run) -> None:
    before = call("participants", "export").stdout

    for line in (["old.toml"], ["new.toml", "--since", "2030-01-01"]):
        summary = json.loads(call("program", "simulate", *line).stdout)["summary"]
        assert (summary["participants"], summary["changed"]) == (4, 0), line

    call("program", "simulate", "new.toml")
    assert call("participants", "export").stdout == before
    assert json.loads(call("program", "show").stdout)["name"] == "old"


@pytest.mark.usefixtures("history")
def test_who_was_erased_is_counted_and_not_decided(call: Run) -> None:
    assert call("participants", "erase", "ada", "--yes").exit_code == 0

    told = json.loads(call("program", "simulate", "new.toml").stdout)
    lines = call("program", "simulate", "new.toml", "-o", "jsonl").stderr.splitlines()

    assert [one["participant_id"] for one in told["participants"]] == ["bob"]
    summary = told["summary"]
    assert (summary["participants"], summary["erased"], summary["changed"]) == (3, 1, 1)
    assert lines[1] == "not decided: 1 participants who were erased"


@pytest.mark.usefixtures("history")
def test_what_was_undone_makes_no_difference(call: Run) -> None:
    told = json.loads(call("program", "simulate", "new.toml").stdout)
    before = [one["balance"] for one in told["participants"]]
    for one, amount in (("ada", "900"), ("eve", "500")):
        call("points", "award", one, amount)
        (newest, *_) = json.loads(call("operations", "list").stdout)
        assert call("operations", "undo", newest["id"], "--yes").exit_code == 0

    told = json.loads(call("program", "simulate", "new.toml").stdout)

    assert [one["balance"] for one in told["participants"]] == before
    assert told["summary"]["participants"] == 4


@pytest.mark.usefixtures("history")
def test_since_decides_what_came_later_alone(call: Run) -> None:
    later = {"GAMIFY_TEST_NOW": "2026-03-01T10:00:00Z"}
    call("events", "record", "bob", "visit", env=later)

    line = ("program", "simulate", "new.toml", "--since", "2026-02-20")
    told = json.loads(call(*line, env=later).stdout)

    assert told["summary"]["since"] == "2026-02-20T00:00:00Z"
    (bob,) = told["participants"]
    assert bob["balance"] == {"from": 100, "to": 30, "change": -70}
    assert (bob["clamped"], bob["badges"]["gained"]) == ([], ["guest"])


def test_a_file_that_cannot_apply_cannot_be_simulated(call: Run, history: Place) -> None:
    (history.home / "bad.toml").write_text("name = 1\n")

    for name in ("bad.toml", "none.toml"):
        refused = call("program", "simulate", name)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr == call("program", "diff", name).stderr


@pytest.mark.usefixtures("history")
def test_a_reader_that_leaves_ends_it_quietly(call: Run, place: Place) -> None:
    # More than fits into a pipe.
    lines = visits({f"user_{n}": 1 for n in range(300)})
    assert call("events", "import", "-", stdin=lines).exit_code == 0
    command = [EXECUTABLE, "program", "simulate", "new.toml", "-o", "jsonl"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=place.home, env=place.env, **pipes) as writer:
        writer.stdout.read(1)
        writer.stdout.close()
        assert (writer.stderr.read(), writer.wait(timeout=30)) == (b"", 141)


def document(text: str) -> dict[str, Any]:
    return program_file.read(text.encode(), "program.toml")


def test_its_parts_come_to_the_same_whatever_their_size(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.programs.apply(document(OLD), write())
    for number in range(7):
        body = {"event_name": "visit"}
        backend.events.record(f"user_{number}", body, write())
    whole = list(backend.programs.simulate(document(NEW), None))

    monkeypatch.setattr(simulating, "MOST", 4)
    monkeypatch.setattr(ranges, "SIZE", 5)
    parts = list(backend.programs.simulate(document(NEW), None))
    monkeypatch.setattr(ranges, "WORTH_IT", 0)
    spread = list(backend.programs.simulate(document(NEW), None))

    assert (len(whole), len(parts) > 1) == (1, True)
    for some in (parts, spread):
        assert [one for part in some for one in part.changed] == whole[0].changed
        assert sum(part.participants for part in some) == 7
        assert sum(part.facts for part in some) == whole[0].facts
        assert sum(part.stored["balance"] for part in some) == whole[0].stored["balance"]


MODEL = (Path(__file__).parent / "model" / "program.toml").read_text()
WORLDS = st.builds(
    lambda basis, downgrade, life, low, times, grace: (
        f'tier_basis = "{basis}"\ntier_downgrade = {str(downgrade).lower()}\n{life}'
        + MODEL.replace("required = 500", f"required = {low}")
        .replace("times = 2, per", f"times = {times}, per")
        .replace("grace = 1", f"grace = {grace}")
    ),
    st.sampled_from(["balance", "total_earned"]),
    st.booleans(),
    st.sampled_from(["", "expires = { days = 9 }\n"]),
    st.sampled_from([100, 500, 700]),
    st.sampled_from([1, 2]),
    st.sampled_from([0, 1]),
)
IDS = ("ada", "bob")
DEEDS = st.tuples(
    st.sampled_from(IDS),
    st.one_of(
        st.tuples(st.just("award"), st.integers(1, 700), st.none() | st.integers(1, 5)),
        st.tuples(st.just("event"), st.sampled_from(["visit", "visit", "buy"])),
        st.tuples(st.just("tick"), st.sampled_from(["strict", "saved", "weekly"])),
        st.tuples(st.just("enroll"), st.sampled_from(["steps", "rolling"])),
    ),
    st.sampled_from([1, 24, 24, 48, 5 * 24]),
)


class World:
    """A store in which the same was done at the same times under other programs."""

    def __init__(self, folder: str, name: str) -> None:
        self._path = Path(folder) / name
        self.now = instants.parse(NOW, 0)

    def opened(self) -> LocalStore:
        return LocalStore.open(self._path, timeout=5, test_now=self.now)

    def apply(self, text: str) -> None:
        store = self.opened()
        store.programs.apply(document(text), write())
        store.close()

    def do(self, one: str, deed: tuple[Any, ...], hours: int) -> None:
        self.now += hours * DAY // 24
        store, (kind, what, *more) = self.opened(), deed
        if kind == "award":
            end = {"expires_at": self.now + more[0] * DAY} if more[0] else {}
            store.points.award(one, {"amount": what, **end}, write())
        elif kind == "event":
            properties = tomllib.loads('amount = 49.9\nsource = "app"')
            body = {"event_name": what, "properties": properties}
            store.events.record(one, body, write())
        elif kind == "tick":
            store.streaks.record(one, what, None, write())
        else:
            store.challenges.enroll(one, what, write())
        store.close()

    def simulated(self, text: str, since: int | None = None) -> dict[str, Any]:
        """What changes, by participant."""
        store = self.opened()
        (part,) = store.programs.simulate(document(text), since)
        store.close()
        return {one["participant_id"]: one for one in part.changed}

    def standing(self) -> dict[str, Any]:
        """What of each participant a simulation predicts."""
        store = self.opened()
        found = {
            one["participant_id"]: (
                one["points"],
                one["tier"] and one["tier"]["code"],
                {badge["code"] for badge in one["badges"] if badge["earned"]},
            )
            for one in store.participants.states(IDS, ("points", "tier", "badges"))
            if isinstance(one, dict)
        }
        store.close()
        return found


def predicted(standing: dict[str, Any], changes: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for one, (points, tier, badges) in standing.items():
        change = changes.get(one)
        if change is None:
            yield one, (points, tier, badges)
            continue
        assert (change["refused"], change["clamped"]) == ([], [])
        new = {name: change[name]["to"] for name in points}
        kept = (badges | {*change["badges"]["gained"]}) - {*change["badges"]["lost"]}
        yield one, (new, change["tier"]["to"], kept)


@settings(max_examples=15, deadline=None)
@given(st.lists(DEEDS, min_size=1, max_size=12), WORLDS, WORLDS, WORLDS)
def test_it_foretells_what_the_same_deeds_come_to_under_the_other_program(
    deeds: list[Any], first: str, second: str, other: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here, there = World(folder, "here.db"), World(folder, "there.db")
        here.apply(first)
        there.apply(other)
        for number, deed in enumerate(deeds):
            if number == len(deeds) // 2:
                here.apply(second)
            here.do(*deed)
            there.do(*deed)

        assert dict(predicted(here.standing(), here.simulated(other))) == there.standing()
        assert there.simulated(other) == {}
        assert here.simulated(other, since=here.now + 1) == {}
