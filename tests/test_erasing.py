"""Erasure and bundles: what is personal goes for good, sums and audit stay."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import Place, Run
from test_concurrency import check
from test_outputs import validator

PROGRAM = """
name = "erasing"
badges = [{ code = "vip", name = "VIP" }]
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
rewards = [{ id = "mug", name = "Mug", type = "physical", stock = "codes" }]
rules = [{ code = "visit", event = "visit", points = 7 }]
challenges = [
    { code = "first", name = "First", objectives = [{ id = "go", event = "visit", target = 2 }] },
]
tiers = [{ code = "one", name = "One", level = 1, points_required = 0 },
         { code = "two", name = "Two", level = 2, points_required = 9000 }]
"""

PERSONAL = ("Ann Lee", "ann@example.org", "Lisbon", "10.0.0.7", "her mother", "pictures")

LIFE = """
participants create ann --display-name 'Ann Lee' --attr email=ann@example.org
participants update ann --attr town=Lisbon --avatar-url https://pictures.example.org/1
points award ann 50 --reason 'her mother called'
events record ann visit --property ip=10.0.0.7
badges award ann vip --metadata '{"by": "Ann Lee"}'
tiers assign ann two --reason 'her mother asked'
streaks record ann daily
rewards claim ann mug
points deduct ann 5 --reason 'for Ann Lee'
points award ann 1 --reason 'her mother' --yes
""".strip().splitlines()

ERASE = ("participants", "erase", "ann", "--yes", "--idempotency-key", "erase-1")

READS = (
    ("participants history", ["--all"]),
    ("points history", ["--all"]),
    ("events list", ["--all"]),
    ("participants export", ["--bundle"]),
    ("participants state", []),
    ("rewards history", []),
)

CHANGES = (
    "participants update ann --display-name New",
    "participants create ann",
    "participants deactivate ann --yes",
    "points award ann 5",
    "points deduct ann 5",
    "badges award ann vip",
    "tiers assign ann one --reason error",
    "streaks record ann daily",
    "events record ann visit",
    "challenges enroll ann first",
    "rewards claim ann mug",
)


@pytest.fixture(autouse=True)
def ann(call: Run, place: Place) -> dict[str, Any]:
    """Somebody with a life, as her profile."""
    (place.home / "program.toml").write_text(PROGRAM)
    call("program", "apply", "program.toml")
    call("rewards", "load-codes", "mug", "-", stdin="MUG-1\n")
    for key, line in enumerate(LIFE):
        result = call(*shlex.split(line), "--idempotency-key", f"key-{key}")
        assert result.exit_code == 0, result.stderr
    profile: dict[str, Any] = json.loads(call("participants", "get", "ann", "-o", "json").stdout)
    return profile


def everything(call: Run, one: str) -> str:
    """All that any command tells of a participant."""
    every = [call(*read.split(), one, *more, "-o", "json") for read, more in READS]
    assert not [result for result in every if result.exit_code]
    return "".join(result.stdout for result in every)


def test_an_erasure_takes_what_is_personal_and_leaves_the_sums(
    call: Run, ann: dict[str, Any]
) -> None:
    told = everything(call, "ann")
    assert all(text in told for text in PERSONAL)

    result = call(*ERASE, "-o", "json")

    receipt = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (receipt["participant_id"], receipt["backups"]) == ("ann", [])
    left = everything(call, "ann")
    assert not [text for text in PERSONAL if text in left]
    facts = json.loads(call("participants", "history", "ann", "--all", "-o", "json").stdout)
    assert sum("redacted" in fact["data"] for fact in facts) == receipt["facts"] == 8
    assert (facts[0]["kind"], facts[-1]["kind"]) == ("erased", "registered")
    after = json.loads(call("participants", "get", "ann", "-o", "json").stdout)
    gone = {"display_name": None, "avatar_url": None, "attributes": {}}
    assert after == {**ann, **gone, "last_seen_at": after["last_seen_at"]}
    found = call("participants", "list", "--q", "lee", "-o", "json")
    assert json.loads(found.stdout) == []


@pytest.mark.parametrize("new_id", [(), ("--new-id",)])
def test_what_a_key_was_answered_is_gone(call: Run, new_id: tuple[str, ...]) -> None:
    call(*ERASE, *new_id)

    for key, line in enumerate(LIFE):
        again = call(*shlex.split(line), "--idempotency-key", f"key-{key}", "-o", "json")
        assert (again.exit_code, again.stdout) == (5, ""), line
        assert json.loads(again.stderr)["error"]["code"] == "erased"
    other = call("points", "award", "ann", "51", "--idempotency-key", "key-2")
    assert other.exit_code == 5
    assert 'key "key-2" was used for another award of ' in other.stderr


def test_who_was_erased_takes_no_more_changes(call: Run, place: Place) -> None:
    call(*ERASE)
    before = everything(call, "ann")
    (place.home / "events.jsonl").write_text('{"participant_id": "ann", "event_name": "visit"}\n')
    (place.home / "people.jsonl").write_text('{"participant_id": "ann", "display_name": "A"}\n')

    for line in CHANGES:
        refused = call(*line.split())
        assert (refused.exit_code, refused.stdout) == (5, ""), line
        assert 'participant "ann" was erased' in refused.stderr
    for line in ("events import events.jsonl", "participants import people.jsonl"):
        assert call(*line.split(), "-q").exit_code == 9
    assert everything(call, "ann") == before
    again = call("participants", "erase", "ann", "--yes")
    assert (again.exit_code, again.stderr.splitlines()[-1]) == (0, "unchanged ann")


def test_with_a_new_id_the_old_one_is_unknown(call: Run, ann: dict[str, Any]) -> None:
    line = (*ERASE, "--new-id")
    receipt = json.loads(call(*line, "-o", "json").stdout)

    new = receipt["participant_id"]
    assert new.startswith("erased-")
    assert json.loads(call(*line, "-o", "json").stdout) == receipt
    assert call("participants", "get", "ann").exit_code == 3
    assert call("participants", "history", "ann").exit_code == 3
    assert call("store", "verify").exit_code == 0
    everyone = call("participants", "list", "-o", "ids").stdout.split()
    assert everyone == [new]
    left = everything(call, new)
    assert not [text for text in (*PERSONAL, '"ann"', " ann ") if text in left]
    points = json.loads(call("participants", "get", new, "-o", "json").stdout)["points"]
    assert points == ann["points"]
    back = call("points", "award", "ann", "3", "-o", "json")
    assert json.loads(back.stdout)["new_balance"] == 3


def test_an_import_of_the_same_events_makes_nobody_anew(call: Run, place: Place) -> None:
    (place.home / "events.jsonl").write_text('{"participant_id": "eve", "event_name": "visit"}\n')
    assert call("events", "import", "events.jsonl", "-q").exit_code == 0
    call("participants", "erase", "eve", "--new-id", "--yes")

    again = call("events", "import", "events.jsonl", "-q")

    assert again.exit_code == 9
    assert call("participants", "get", "eve").exit_code == 3


def test_a_simulation_leaves_out_whom_it_knows_too_little_of(call: Run, place: Place) -> None:
    call("events", "record", "bob", "visit")
    (place.home / "other.toml").write_text(PROGRAM.replace("points = 7", "points = 8"))
    changed = call("program", "simulate", "other.toml", "-o", "json")
    assert json.loads(changed.stdout)["summary"]["changed"] == 2
    call(*ERASE)

    left = call("program", "simulate", "other.toml", "-o", "json")

    (bob,) = json.loads(left.stdout)["participants"]
    assert bob["participant_id"] == "bob"
    assert "who was erased is left out" in left.stdout


def test_a_rehearsal_of_an_erasure_takes_nothing(call: Run) -> None:
    before = everything(call, "ann")

    result = call("participants", "erase", "ann", "--new-id", "-n", "-o", "json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["facts"] == 8
    assert "dry run: ann would be erased; nothing was written" in result.stderr
    assert everything(call, "ann") == before


def test_a_bundle_is_of_one_participant_alone(call: Run) -> None:
    bundle = json.loads(call("participants", "export", "ann", "--bundle").stdout)

    validator("bundle").validate(bundle)
    assert [fact["number"] for fact in bundle["facts"]] == [*range(1, len(bundle["facts"]) + 1)]
    keys = [one["idempotency_key"] for one in bundle["requests"]]
    assert sorted(keys) == [f"key-{key}" for key in range(len(LIFE))]
    for line in ("export ann", "export --bundle", "export ann --bundle --journal",
                 "export ann --bundle --tier one", "export ann --bundle --shape row"):  # fmt: skip
        refused = call("participants", *line.split())
        assert (refused.exit_code, refused.stdout) == (2, ""), line
    assert call("participants", "export", "nobody", "--bundle").exit_code == 3
    assert call("participants", "erase", "nobody", "--yes").exit_code == 3


def test_nothing_is_left_in_the_file(run: Run, place: Place) -> None:
    files = [place.store, Path(f"{place.store}-wal")]
    assert b"her mother" in b"".join(one.read_bytes() for one in files if one.exists())
    for operation in json.loads(run("operations", "list", "--json").stdout):
        if "Lisbon" in operation["command"] or "10.0.0.7" in operation["command"]:
            assert run("operations", "undo", operation["id"], "--yes").exit_code == 0

    receipt = run("participants", "erase", "ann", "--new-id", "--yes", "--json")

    assert json.loads(receipt.stdout)["commands"] == len(LIFE) + 2
    listed = run("operations", "list", "--json").stdout
    assert not [text for text in (*PERSONAL, " ann ") if text in listed]
    kept = b"".join(one.read_bytes() for one in files if one.exists())
    assert not [text for text in PERSONAL if text.encode() in kept]
    assert b"ann\n" not in kept
    assert b"undo:ann" not in kept
    check(place.store)


def test_what_an_undo_answered_and_commands_on_several_go_too(call: Run) -> None:
    call("points", "award", "ann", "bob", "-q", stdin="")
    call("points", "award", "-", "5", "--reason", "O'Hara's law", "--yes", stdin="ann\nbob\n")
    call("participants", "update", "-", "--attr", "phone:=555123", "--yes", stdin="ann\nbob\n")
    for operation in json.loads(call("operations", "list", "--json").stdout):
        if "rewards claim" in operation["command"]:
            undo = ("operations", "undo", operation["id"], "--yes", "--idempotency-key", "u")
            assert json.loads(call(*undo, "--json").stdout)["codes"]

    call(*ERASE, "--new-id")

    listed = call("operations", "list", "--all", "--json").stdout
    assert not [text for text in ("Hara", "555123", " ann ") if text in listed]
    again = call(*undo)
    assert (again.exit_code, again.stdout) == (5, "")


def test_on_a_terminal_the_id_is_typed(place: Place) -> None:
    for answer, code in (("bob", 10), ("", 10), ("ann", 0)):
        child = pexpect.spawn(
            "gamify participants erase ann",
            env={**place.env, "TERM": "dumb"},
            cwd=str(place.home),
            encoding="utf-8",
            timeout=20,
            dimensions=(50, 200),
        )
        child.expect_exact("It cannot be taken back: type ann to go on: ")
        child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == code
