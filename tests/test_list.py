"""Lists: filters, order, pages."""

from __future__ import annotations

import base64
import json

import pytest
from conftest import Place, Run

PEOPLE = [
    ("ada", "Ada Lovelace", '{"plan":"premium","seats":5}'),
    ("bob", "BOB ÄRGER", '{"plan":"basic","seats":5.0}'),
    ("cy", None, '{"seats":"5"}'),
    ("ünal", "Straße", '{"plan":null}'),
    ("50%_off", "x", "{}"),
]
NUMBERS = {
    "ada": (100, "gold", 9),
    "bob": (100, None, 3),
    "cy": (-0, None, 0),
    "ünal": (7, None, 1),
}


@pytest.fixture(autouse=True)
def people(call: Run, place: Place) -> None:
    for one, name, attributes in PEOPLE:
        named = ["--display-name", name] if name else []
        call("participants", "create", one, *named, "--attributes", attributes)
    place.execute(
        "UPDATE participants SET balance = ?, tier = ?, total_events = ?,"
        " last_seen_at = last_seen_at - ? * 86400000000 WHERE participant_id = ?",
        [(*numbers, numbers[-1], one) for one, numbers in NUMBERS.items()],
    )
    call("participants", "deactivate", "cy", "--yes")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], "50%_off ada bob cy ünal"),
        (["--q", "LOVE"], "ada"),
        (["--q", "ärger"], "bob"),
        (["--q", "STRASSE"], "ünal"),
        (["--q", "%_"], "50%_off"),
        (["--q", "a\nb"], ""),
        (["--attr", "plan=premium"], "ada"),
        (["--attr", "seats:=5"], "ada"),
        (["--attr", "seats:=5.0"], "bob"),
        (["--attr", "seats=5"], "cy"),
        (["--attr", "plan:=null"], "ünal"),
        (["--attr", "seats:=5", "--attr", "plan=basic"], ""),
        (["--tier", "gold"], "ada"),
        (["--tier", "nowhere"], ""),
        (["--where", "balance>=100"], "ada bob"),
        (["--where", "balance >= 1", "--where", "total_events<9"], "bob ünal"),
        (["--where", "balance!=100", "--where", "balance<7"], "50%_off cy"),
        (["--where", "total_events=9"], "ada"),
        (["--where", "version>1"], "cy"),
        (["--seen-before", "2d"], "ada bob"),
        (["--seen-before", "2026-02-12"], "ada bob"),
        (["--active"], "50%_off ada bob ünal"),
        (["--inactive"], "cy"),
        (["--sort", "-participant_id"], "ünal cy bob ada 50%_off"),
        (["--sort", "balance"], "50%_off cy ünal ada bob"),
        (["--sort=-balance"], "bob ada ünal cy 50%_off"),
        (["--sort", "display_name"], "cy ada bob ünal 50%_off"),
        (["--sort", "tier"], "50%_off bob cy ünal ada"),
        (["--sort", "last_seen_at", "--active"], "ada bob ünal 50%_off"),
        (["--q", "a", "--sort=-total_events", "--limit", "2"], "ada ünal"),
    ],
)
def test_filters_and_order(options: list[str], expected: str, call: Run) -> None:
    listed = call("participants", "list", "-o", "ids", *options)
    counted = call("participants", "list", "--count", *options)

    assert listed.exit_code == 0
    assert listed.stdout.split() == expected.split()
    if "--limit" not in options:
        assert counted.stdout == f"{len(expected.split())}\n"


@pytest.mark.parametrize("sort", ["participant_id", "-participant_id", "balance", "-tier"])
@pytest.mark.parametrize("filters", [[], ["--active"]])
def test_pages_follow_each_other_without_gap_or_overlap(
    sort: str, filters: list[str], call: Run
) -> None:
    whole = call("participants", "list", "-o", "ids", f"--sort={sort}", *filters).stdout.split()

    seen, more = [], []
    while len(seen) < len(whole):
        page = call(
            "participants", "list", "-o", "ids", f"--sort={sort}", "--limit=2", *filters, *more
        )
        seen += page.stdout.split()
        more = page.stderr.partition("add ")[2].partition(",")[0].split()
        assert bool(more) == (len(seen) < len(whole))

    assert seen == whole


def test_a_cursor_of_another_order_is_refused(run: Run) -> None:
    page = run("participants", "list", "--limit", "1", "--sort", "balance")
    cursor = page.stderr.split()[4].rstrip(",")

    result = run("participants", "list", "--sort", "display_name", "--after", cursor)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not a cursor of this list" in result.stderr


def test_a_row_has_what_operators_sort_and_filter_by(run: Run) -> None:
    rows = json.loads(run("participants", "list", "--q", "ada").stdout)

    assert rows == [
        {
            "participant_id": "ada",
            "display_name": "Ada Lovelace",
            "balance": 100,
            "total_earned": 0,
            "total_spent": 0,
            "tier": "gold",
            "rewards_claimed": 0,
            "total_events": 9,
            "first_seen_at": "2026-02-14T10:00:00Z",
            "last_seen_at": "2026-02-05T10:00:00Z",
            "is_active": True,
            "version": 1,
            "attributes": {"plan": "premium", "seats": 5},
        }
    ]


def test_a_hundred_rows_unless_asked_for_more(call: Run, place: Place) -> None:
    place.execute(
        "INSERT INTO participants (participant_id, first_seen_at, last_seen_at, recorded_at,"
        " version, search) VALUES (?, 0, 0, 0, 1, '')",
        [(f"p{number:04}",) for number in range(200)],
    )

    first = call("participants", "list", "-o", "ids")
    everyone = call("participants", "list", "-o", "ids", "--all")

    assert len(first.stdout.splitlines()) == 100
    assert first.stderr.startswith("more follow: add --after ")
    assert len(everyone.stdout.splitlines()) == 205
    assert everyone.stderr == ""
    assert call("participants", "list", "--count").stdout == "205\n"
    assert call("participants", "list", "--count", "--active", "--limit", "5").stdout == "204\n"


@pytest.mark.parametrize(
    "position",
    [
        '["participant_id",1,"a"]',
        '["participant_id","a",2]',
        "[" * 5000,
        '["balance",1,"a"]',
        "\xff",
    ],
)
def test_a_forged_cursor_is_refused(position: str, call: Run) -> None:
    cursor = base64.urlsafe_b64encode(position.encode("latin-1")).decode()

    for sort in ("participant_id", "-participant_id"):
        result = call("participants", "list", f"--sort={sort}", "--after", cursor)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "is not a cursor of this list" in result.stderr


@pytest.mark.parametrize(
    "options", [["--q", "x" * 511], ["--tier", "\udcff"], ["--where", "version>0"] * 51]
)
def test_a_filter_beyond_what_a_store_takes_is_refused(options: list[str], call: Run) -> None:
    result = call("participants", "list", *options)

    assert (result.exit_code, result.stdout) == (2, "")


def test_a_limit_may_be_as_large_as_one_likes(call: Run) -> None:
    listed = call("participants", "list", "-o", "ids", "--limit", "1" + "0" * 30)

    assert len(listed.stdout.split()) == 5
    for before in ("1" + "0" * 30, "-5"):
        assert call("participants", "history", "ada", "--before", before).exit_code == 0
