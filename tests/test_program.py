"""Programs: what applies and what does not, what a new version changes, what stays."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, Place, Run

from gamify_cli.commands.program import EXAMPLE as TEMPLATE
from gamify_cli.domain import program_file
from gamify_cli.domain.program import KINDS, Program

DATA = Path(__file__).with_name("data")
EXAMPLE = (DATA / "program.toml").read_text("utf-8")
GOLDEN = json.loads((DATA / "program.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def file(place: Place) -> Path:
    """The example, where the commands run."""
    path = place.home / "program.toml"
    path.write_text(EXAMPLE, "utf-8")
    return path


def rows(place: Place, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(place.store)) as connection:
        return connection.execute(query).fetchall()


def edit(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, "utf-8")


def cut(file: Path, first: str, last: str) -> None:
    """Drop the lines from the one before `first` up to the next empty line after `last`."""
    text = file.read_text("utf-8")
    start = text.rindex("[[", 0, text.index(first))
    end = text.find("\n\n", text.index(last))
    file.write_text(text[:start] + text[end + 2 :], "utf-8")


def test_the_example_applies_as_it_stands(run: Run) -> None:
    result = run("program", "apply", "program.toml")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "version": 1,
        "applied_at": NOW,
        "name": "demo",
        **dict(zip(KINDS, [4, 2, 2, 1, 1, 1, 2], strict=True)),
    }
    assert result.stderr.splitlines()[:3] == [
        "applied version 1",
        '  name: null → "demo"',
        '  timezone: null → "UTC"',
    ]
    assert "  rewards coupon10: added\n" in result.stderr


def test_the_document_has_every_default_filled_in(call: Run) -> None:
    call("program", "apply", "program.toml")

    shown = json.loads(call("program", "show").stdout)

    assert shown.pop("operation").startswith("op_")
    assert shown == {"version": 1, "applied_at": NOW, **GOLDEN}
    assert list(shown) == ["version", "applied_at", *GOLDEN]


def test_a_program_needs_no_more_than_a_name() -> None:
    document = program_file.read(b'name = "bare"', "bare.toml")

    assert document == {
        "name": "bare",
        "timezone": "UTC",
        "tier_basis": "balance",
        "tier_downgrade": False,
        "expires": None,
        **{kind: [] for kind in KINDS},
    }


def test_a_document_is_what_the_rules_read() -> None:
    program = Program(1, GOLDEN)

    assert [tier.code for tier in program.tiers] == ["bronze", "silver", "gold", "platinum"]
    assert program.badges["power_user"].criterion == {"total_earned": 50000}
    assert program.streaks["weekly_workout"].freezes == {"stock": 2, "earn_every": 7}
    assert program.challenges["onboarding"].objectives[1].after == ["profile"]
    assert program.rewards["coupon10"].stock == "codes"
    assert program.leaderboards["top"].period == "weekly"
    assert [rule.points for rule in program.rules["login"]] == [5]


def test_the_same_again_changes_nothing(run: Run, file: Path, place: Place) -> None:
    first = run("program", "apply", "program.toml")
    edit(file, ("# A program", "# The program"), ("grace = 0 ", "grace = 0"))

    again = run("program", "apply", "program.toml")

    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert again.stderr == "unchanged version 1\n"
    assert rows(place, "SELECT version FROM programs") == [(1,)]
    assert rows(place, "SELECT count(*) FROM operations") == [(1,)]


def test_a_version_is_recorded_with_its_operation(call: Run, place: Place) -> None:
    call("program", "apply", "program.toml")

    joined = (
        "SELECT version, command, program, facts FROM programs JOIN operations USING (operation)"
    )
    assert rows(place, joined) == [(1, "gamify program apply program.toml", 1, 0)]


def test_every_version_is_kept(run: Run, file: Path) -> None:
    run("program", "apply", "program.toml")
    edit(file, ('name = "demo"', 'name = "later"'))
    run("program", "apply", "program.toml")

    every = json.loads(run("program", "show", "--all").stdout)

    assert [(one["version"], one["name"]) for one in every] == [(2, "later"), (1, "demo")]
    assert json.loads(run("program", "show").stdout) == every[0]
    assert json.loads(run("program", "show", "--version", "1").stdout) == every[1]


@pytest.mark.parametrize("version", ["0", "3", "-1", str(10**30)])
def test_a_version_that_never_was_is_not_found(version: str, run: Run) -> None:
    run("program", "apply", "program.toml")

    result = run("program", "show", "--version", version)

    assert (result.exit_code, result.stdout) == (3, "")
    message = f"gamify: program version {version} not found in profile local"
    assert result.stderr == f"{message}\n  hint: newest is 1\n"


def test_before_the_first_program_there_is_none_to_show(run: Run) -> None:
    result = run("program", "show")

    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("gamify: no program is in force in profile local\n")
    assert run("program", "show", "--all").stdout == "[]\n"


def test_show_takes_one_version_or_all(run: Run) -> None:
    result = run("program", "show", "--all", "--version", "1")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "gamify: --version and --all exclude each other\n"


def test_what_show_prints_is_a_program_file(run: Run) -> None:
    run("program", "apply", "program.toml")
    shown = run("program", "show").stdout

    result = run("program", "apply", "-", stdin=shown)

    assert (result.exit_code, result.stderr) == (0, "unchanged version 1\n")


CHANGES = [
    ('name = "demo"', 'name = "demo2"', 'name: "demo" → "demo2"'),
    ('timezone = "UTC"', 'timezone = "Europe/Berlin"', 'timezone: "UTC" → "Europe/Berlin"'),
    ("points_required = 500", "points_required = 600", "tiers silver points_required: 500 → 600"),
    ('rarity = "epic"\n', "", 'badges power_user rarity: "epic" → "common"'),
    (
        "gte = 10",
        "gte = 10.0",
        'rules purchase where: {"amount_usd":{"gte":10}} → {"amount_usd":{"gte":10.0}}',
    ),
]


@pytest.mark.parametrize(("old", "new", "line"), CHANGES)
def test_a_difference_is_told_value_by_value(
    old: str, new: str, line: str, run: Run, file: Path
) -> None:
    run("program", "apply", "program.toml")
    edit(file, (old, new))

    assert run("program", "apply", "program.toml").stderr == f"applied version 2\n  {line}\n"


def test_diff_shows_what_apply_would_change(run: Run, file: Path) -> None:
    run("program", "apply", "program.toml")
    none = run("program", "diff", "program.toml")
    cut(file, '"power_user"', '"epic"')
    edit(file, ('code = "login"', 'code = "hello"'), ("grace = 1", "grace = 2"))

    result = run("program", "diff", "program.toml", "-o", "jsonl")

    assert (none.stdout, none.stderr) == ("[]\n", "no difference: program.toml is version 1\n")
    assert (result.exit_code, result.stderr) == (0, "")
    changes = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["change"], one["kind"], one["code"], one["member"]) for one in changes] == [
        ("dropped", "badges", "power_user", None),
        ("changed", "streaks", "weekly_workout", "grace"),
        ("dropped", "rules", "login", None),
        ("added", "rules", "hello", None),
    ]
    assert (changes[1]["before"], changes[1]["after"]) == (1, 2)
    assert changes[3]["definition"]["event"] == "login"


def test_another_order_is_a_difference(run: Run) -> None:
    run("program", "apply", "program.toml")
    document = json.loads(run("program", "show").stdout)
    document["rules"].reverse()

    result = run("program", "apply", "-", stdin=json.dumps(document))

    line = 'order of rules: ["purchase","login"] → ["login","purchase"]'
    assert result.stderr == f"applied version 2\n  {line}\n"


def test_diff_reads_alone(run: Run, place: Place) -> None:
    result = run("program", "diff", "program.toml")

    assert result.exit_code == 0
    assert place.is_untouched


def test_a_dry_run_writes_nothing(run: Run, file: Path, place: Place) -> None:
    rehearsed = run("program", "apply", "program.toml", "--dry-run")
    assert place.is_untouched
    applied = run("program", "apply", "program.toml")

    assert (rehearsed.exit_code, rehearsed.stdout) == (0, applied.stdout)
    heading, _, difference = rehearsed.stderr.partition("\n")
    assert heading == "dry run: version 1 would be applied; nothing was written"
    assert applied.stderr == f"applied version 1\n{difference}"

    edit(file, ('name = "demo"', 'name = "later"'))
    before = rows(place, "SELECT * FROM programs")
    again = run("program", "apply", "program.toml", "-n").stderr.splitlines()
    assert again[1:] == ['  name: "demo" → "later"']
    assert rows(place, "SELECT * FROM programs") == before


def test_a_key_answers_the_same_program_again(run: Run, file: Path) -> None:
    line = ["program", "apply", "program.toml", "--idempotency-key", "K"]
    first = run(*line)
    run("program", "apply", "-", stdin='name = "other"')

    again = run(*line)

    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert again.stderr == "replayed version 1: this key was answered before\n"
    assert json.loads(run("program", "show").stdout)["name"] == "other"
    edit(file, ('name = "demo"', 'name = "later"'))
    other = run(*line)
    assert (other.exit_code, other.stdout) == (5, "")
    assert 'key "K" was used for another program apply\n' in other.stderr


def test_apply_waits_for_a_locked_store_and_gives_up(run: Run, file: Path, place: Place) -> None:
    run("program", "apply", "program.toml")
    edit(file, ('name = "demo"', 'name = "later"'))
    with closing(sqlite3.connect(place.store)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        result = run("program", "apply", "program.toml", "--timeout", "0.1")

    assert (result.exit_code, result.stdout) == (7, "")
    assert "is locked by another process" in result.stderr
    assert json.loads(run("program", "show").stdout)["name"] == "demo"


def test_what_was_earned_keeps_its_name_when_its_definition_is_dropped(
    run: Run, file: Path
) -> None:
    run("program", "apply", "program.toml")
    run("points", "award", "ada", "1000")
    run("badges", "award", "ada", "power_user")
    cut(file, '"power_user"', '"epic"')
    cut(file, '"gold"', '"#FFD700"')

    result = run("program", "apply", "program.toml")

    assert (
        result.stderr == "applied version 2\n  tiers gold: dropped\n  badges power_user: dropped\n"
    )
    profile = json.loads(run("participants", "get", "ada").stdout)
    assert profile["tier"]["name"] == "Gold"
    assert [badge["name"] for badge in profile["badges"]] == ["Power User"]
    assert run("badges", "award", "bob", "power_user").exit_code == 3


def test_a_dropped_definition_stays_inactive_until_it_comes_back(run: Run) -> None:
    def inactive() -> list[str]:
        shown = json.loads(run("program", "show").stdout)["inactive"]
        assert list(shown) == list(KINDS)
        return [entry.get("code") or entry["id"] for kind in KINDS for entry in shown[kind]]

    run("program", "apply", "program.toml")
    assert inactive() == []
    run("program", "apply", "-", stdin='name = "bare"')
    every = ["bronze", "silver", "gold", "platinum", "first_steps", "power_user", "daily_login"]
    every += ["weekly_workout", "onboarding", "coupon10", "top", "purchase", "login"]
    assert inactive() == every
    run("program", "apply", "-", stdin='name = "bare again"')
    assert inactive() == every
    run("program", "apply", "program.toml")
    assert inactive() == []


def test_init_writes_an_example_that_applies(run: Run, file: Path) -> None:
    file.unlink()

    result = run("program", "init")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "wrote program.toml\n")
    assert file.read_text("utf-8") == EXAMPLE == TEMPLATE.read_text("utf-8")
    assert run("program", "apply", "program.toml").exit_code == 0


def test_init_overwrites_only_when_told_to(run: Run, place: Place) -> None:
    mine = place.home / "mine.toml"
    mine.write_text("mine")

    refused = run("program", "init", "mine.toml")
    rehearsed = run("program", "init", "mine.toml", "--force", "--dry-run")

    assert (refused.exit_code, refused.stdout) == (5, "")
    assert refused.stderr.startswith("gamify: mine.toml exists already\n")
    assert rehearsed.stderr == "dry run: mine.toml would be written; nothing was written\n"
    assert mine.read_text() == "mine"
    assert run("program", "init", "mine.toml", "--force").exit_code == 0
    assert mine.read_text("utf-8") == EXAMPLE


def test_init_prints_the_example_as_text(run: Run, file: Path) -> None:
    file.unlink()

    result = run("program", "init", "-", "--json")

    assert (result.exit_code, result.stdout, result.stderr) == (0, EXAMPLE, "")
    assert not file.exists()


def test_init_says_why_it_cannot_write(run: Run) -> None:
    result = run("program", "init", "no/such/folder.toml")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("gamify: cannot write no/such/folder.toml: ")


def test_validate_counts_what_is_in_a_file(run: Run, place: Place) -> None:
    result = run("program", "validate", "program.toml")

    assert (result.exit_code, result.stderr) == (0, "")
    counted = json.loads(result.stdout)
    assert (counted["file"], counted["name"], counted["rules"]) == ("program.toml", "demo", 2)
    assert place.is_untouched
