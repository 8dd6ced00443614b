"""Ids on stdin in an id's place: the same command for each, whatever the command."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import EXECUTABLE, Place, Run

from gamify_cli.commands import tree

PROGRAM = """
name = "segments"
tiers = [{ code = "one", name = "One", level = 1, points_required = 0 },
         { code = "gold", name = "Gold", level = 2, points_required = 9000 }]
badges = [{ code = "vip", name = "VIP" }]
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
challenges = [
    { code = "first", name = "First", objectives = [{ id = "go", event = "login", target = 2 }] },
]
rewards = [{ id = "mug", name = "Mug", type = "physical" }]
leaderboards = [{ code = "top", name = "Top", metric = "balance", period = "all_time" }]
"""

WRITES = {
    "participants update": (["--attr", "a=1"], "update"),
    "participants deactivate": ([], "deactivate"),
    "participants activate": ([], "activate"),
    "points award": (["50", "--reason", "thanks"], "award 50 points to"),
    "points deduct": (["5"], "deduct 5 points from"),
    "badges award": (["vip"], "award badge vip to"),
    "tiers assign": (["gold"], "assign tier gold to"),
    "streaks record": (["daily"], "tick streak daily of"),
    "streaks restore": (["daily", "--reason", "outage"], "restore streak daily of"),
    "events record": (["login"], "record event login of"),
    "challenges enroll": (["first"], "start challenge first for"),
    "rewards claim": (["mug"], "claim reward mug for"),
}
"""What follows the id, and what is asked before several are changed."""

READS: dict[str, list[str]] = {
    "participants get": [],
    "participants state": [],
    "points balance": [],
    "points expiring": [],
    "badges list": [],
    "tiers show": [],
    "streaks list": [],
    "challenges list": [],
    "leaderboards rank": ["top"],
}
ALL = {command: more for command, (more, _) in WRITES.items()} | READS
LATER = {"GAMIFY_TEST_NOW": "2026-02-20T10:00:00Z"}


@pytest.fixture(autouse=True)
def people(call: Run, place: Place) -> None:
    """Three with points and a streak that lapsed."""
    (place.home / "program.toml").write_text(PROGRAM, "utf-8")
    assert call("program", "apply", "program.toml").exit_code == 0
    for one in ("ada", "bob", "eve"):
        assert call("points", "award", one, "10").exit_code == 0
        assert call("streaks", "record", one, "daily").exit_code == 0


def line(command: str, *options: str) -> list[str]:
    return [*command.split(), "-", *ALL[command], *options]


def facts(call: Run) -> list[Any]:
    shown = [call("participants", "history", one, "--all").stdout for one in ("ada", "bob", "eve")]
    return [json.loads(text) for text in shown]


def test_the_tables_above_have_every_command_that_reads_ids() -> None:
    found = {
        " ".join(command.path)
        for command in tree.read().walk()
        for argument in command.arguments
        if argument.metavar == "ID" and "stdin" in argument.help
    }

    assert found == set(ALL)


@pytest.mark.parametrize("command", ALL)
def test_each_id_is_answered_in_order_and_a_failure_stops_none(command: str, call: Run) -> None:
    ids = "eve\nada\tb\n\nbob"

    result = call(*line(command, "--yes"), stdin=ids, env=LATER)

    assert result.exit_code == 9
    bodies = json.loads(result.stdout)
    assert len(bodies) == 2
    if "participant_id" in bodies[0]:
        assert [body["participant_id"] for body in bodies] == ["eve", "bob"]
    failures = [one for one in result.stderr.splitlines() if one.startswith("gamify: ")]
    assert failures == [
        'gamify: stdin line 2: participant id "ada\\tb" holds the control character U+0009',
        "gamify: stdin line 3: a participant id must not be empty",
        "gamify: 2 of 4 failed",
    ]
    told = [one for one in result.stderr.splitlines() if one.endswith((" eve", " bob"))]
    assert [one.split()[-1] for one in told] == ["eve", "bob"] * (command in WRITES)


@pytest.mark.parametrize("command", ALL)
def test_no_ids_are_no_failure(command: str, call: Run) -> None:
    for format_, shown in (("json", "[]\n"), ("jsonl", ""), ("table", "")):
        result = call(*line(command, "-o", format_), stdin="")
        assert (result.exit_code, result.stdout) == (0, shown)
        assert result.stderr == "stdin held no ids\n"


@pytest.mark.parametrize("command", WRITES)
def test_one_id_needs_no_confirmation_and_several_do(
    command: str, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        "gamify_cli.confirmation.ask",
        lambda question, stdin_taken: asked.append((question, stdin_taken)),
    )
    before = facts(call)

    several = call(*line(command), stdin="ada\nbob\neve\n", env=LATER)

    what = WRITES[command][1]
    ((question, stdin_taken),) = asked
    assert question.startswith(f"{what[0].upper()}{what[1:]} 3 participants in profile local (")
    assert stdin_taken
    assert (several.exit_code, several.stdout) == (10, "")
    assert several.stderr.startswith(f"gamify: {what} 3 participants needs a confirmation")
    assert facts(call) == before
    one = call(*line(command), stdin="ada\n", env=LATER)
    assert one.exit_code == (10 if command == "participants deactivate" else 0)


@pytest.mark.parametrize("command", WRITES)
def test_a_rehearsal_of_several_changes_none(command: str, call: Run) -> None:
    before = facts(call)

    result = call(*line(command, "--dry-run"), stdin="ada\nbob\n", env=LATER)

    assert (result.exit_code, len(json.loads(result.stdout))) == (0, 2)
    assert result.stderr.count("dry run: ") == 2
    assert facts(call) == before


def shell(place: Place, text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "-c", text], env=place.env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("filter_", ["--where 'balance>=10'", "--tier one"])
def test_a_segment_flows_from_a_list_into_an_award(filter_: str, place: Place, call: Run) -> None:
    call("points", "award", "zoe", "1")
    call("tiers", "assign", "zoe", "gold")

    done = shell(
        place,
        f"gamify participants list {filter_} -o ids --all"
        " | gamify points award - 50 --reason thanks --yes --jq '.[].new_balance'",
    )

    assert (done.returncode, done.stdout) == (0, "60\n60\n60\n")
    assert done.stderr.splitlines()[1:] == ["awarded ada", "awarded bob", "awarded eve"]


def test_a_segment_flows_through_jq_into_a_badge(place: Place) -> None:
    done = shell(
        place,
        "gamify participants list -o jsonl --jq 'select(.balance == 10).participant_id'"
        " | gamify badges award - vip --yes -o ids | gamify badges list - --earned --jq length",
    )

    assert (done.returncode, done.stdout) == (0, "3\n")


def test_the_lines_of_the_readme_run(place: Place) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    lines = [one[2:] for one in readme.splitlines() if one.startswith("$ gamify participants ")]
    chosen = [one for one in lines if " --jq " in one or " | gamify " in one]
    shell(place, "gamify participants create user_123")

    assert len(chosen) >= 5
    for one in chosen:
        done = shell(place, f"set -o pipefail; {one}")
        assert done.returncode == 0, (one, done)


def test_a_list_that_fails_leaves_nothing_to_do(place: Place, call: Run) -> None:
    done = shell(
        place,
        "gamify participants list --tier nosuch --where nonsense -o ids"
        " | gamify points award - 50 --yes; echo ${PIPESTATUS[*]}",
    )

    assert done.stdout == "[]\n2 0\n"
    assert "stdin held no ids" in done.stderr
    assert json.loads(call("points", "balance", "ada").stdout)["balance"] == 10


def test_a_reader_that_leaves_ends_the_writer_quietly(place: Place) -> None:
    done = shell(
        place, "yes ada | gamify points balance - -o jsonl | head -1; echo ${PIPESTATUS[*]}"
    )

    assert done.stdout.splitlines()[1] == "141 141 0"
    assert done.stderr == ""


def test_a_hundred_thousand_ids_take_little_memory(place: Place) -> None:
    ids = place.home / "ids"
    ids.write_text("".join(f"nobody_{number}\n" for number in range(100_000)))

    for line in (["points", "balance", "-"], ["points", "award", "-", "5", "--no-input"]):
        more = _peak(place, ids, line) - _peak(place, Path("/dev/null"), line)
        assert more < 30_000, line


def _peak(place: Place, stdin: Path, line: list[str]) -> int:
    """Kilobytes that a command took at its peak."""
    script = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    with stdin.open("rb") as file:
        done = subprocess.run(
            [EXECUTABLE.with_name("python"), "-c", script, EXECUTABLE, *line],
            stdin=file,
            env=place.env,
            capture_output=True,
            check=True,
        )
    return int(done.stdout)
