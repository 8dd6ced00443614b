"""store verify: what is stored is what the journal says, or each difference is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Place, Result, Run

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
    return [tuple(json.loads(line).values()) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("environment", ["local", "postgres"], indirect=True)
@pytest.mark.usefixtures("stored")
def test_a_store_that_only_gamify_wrote_holds(call: Run) -> None:
    result = call("store", "verify", "--json")

    assert (result.exit_code, result.stdout) == (0, "[]\n"), result.stdout
    assert result.stderr == "read 4 participants and 36 facts\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.drifts[0][1])
def test_what_differs_from_the_journal_is_told(case: Case, stored: Place, call: Run) -> None:
    stored.execute(case.statement, [()])

    result = call("store", "verify", "-o", "jsonl")

    assert told(result) == [(*drift, case.repairable) for drift in case.drifts]
    assert result.exit_code == 8
    values = f"{len(case.drifts)} values" if len(case.drifts) > 1 else "1 value"
    assert f"{values} of profile local" in result.stderr
