"""gamify config: what is set, by what, where; and a config.toml that is changed and edited."""

from __future__ import annotations

import json
import stat
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Run

COMMENTED = """\
# Ours.
output = "csv"   # for the spreadsheet
default_profile = "team"

[profiles.team]   # all of us
store = "team.db"
protected = false

[profiles.prod]
url = "https://gamify.example.com"
key = { source = "command", command = ["echo", "bq_live_0123456789abcdef"] }
"""


@pytest.fixture
def config(place: Place) -> Path:
    """A config.toml with comments."""
    path = place.home / "config" / "gamify" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(COMMENTED)
    return path


def rows(run: Run, *arguments: str, **env: str) -> dict[str, Any]:
    """What config list shows, by key."""
    listed = json.loads(run("config", "list", "--json", *arguments, env=env).stdout)
    return {row["key"]: row for row in listed}


def got(run: Run, key: str, *arguments: str, **env: str) -> tuple[Any, str, str | None]:
    result = run("config", "get", key, "-o", "jsonl", *arguments, env=env)
    row = json.loads(result.stdout)
    assert row["key"] == key
    return row["value"], row["origin"], row["place"]


def test_without_a_file_all_is_built_in_and_none_is_made(run: Run, place: Place) -> None:
    listed = rows(run)

    assert {key: row["value"] for key, row in listed.items() if key != "output"} == {
        "default_profile": "local",
        "store": None,
        "color": "auto",
        "timeout": 30,
        "jobs": 8,
        "no_input": False,
        "profiles.local.store": str(place.store),
        "profiles.local.protected": False,
    }
    assert {row["origin"] for key, row in listed.items() if key != "output"} == {"built-in"}
    assert listed["output"] == {
        "key": "output",
        "value": "json",
        "origin": "option",
        "place": "--json",
    }
    assert not (place.home / "config").exists()


def test_every_value_has_its_origin_and_its_place(run: Run, config: Path) -> None:
    listed = rows(run, "--timeout", "3", GAMIFY_NO_INPUT="1", NO_COLOR="1", GAMIFY_PROFILE="prod")

    where = {key: (row["value"], row["origin"], row["place"]) for key, row in listed.items()}
    assert where["timeout"] == (3, "option", "--timeout")
    assert where["no_input"] == (True, "environment", "GAMIFY_NO_INPUT")
    assert where["color"] == ("never", "environment", "NO_COLOR")
    assert where["default_profile"] == ("prod", "environment", "GAMIFY_PROFILE")
    assert where["profiles.team.store"] == ("team.db", "config", f"{config}:6")
    assert where["profiles.prod.key.source"] == ("command", "config", f"{config}:11")
    assert where["jobs"] == (8, "built-in", None)


def test_no_secret_is_listed(run: Run, config: Path) -> None:
    config.write_text(COMMENTED.replace("https://", "https://user:hunter2@"))

    result = run("config", "list", "-o", "csv")

    assert result.exit_code == 0
    assert "https://***@gamify.example.com" in result.stdout
    assert "hunter2" not in result.stdout + result.stderr
    assert "bq_live_" not in result.stdout + result.stderr


def test_what_wins_over_the_file_is_named(run: Run, config: Path) -> None:
    told = run("config", "list", env={"GAMIFY_OUTPUT": "json", "GAMIFY_PROFILE": "local"}).stderr

    assert told.splitlines() == [
        f"warning: GAMIFY_PROFILE=local in the environment overrides default_profile = team"
        f" in {config}:3",
        f"warning: GAMIFY_OUTPUT=json in the environment overrides output = csv in {config}:2",
    ]
    assert run("config", "list", "--quiet", env={"GAMIFY_OUTPUT": "json"}).stderr == ""
    aside = run("config", "list", "--store", "x.db").stderr
    assert f"warning: --store leaves output = csv in {config}:2 aside" in aside


def test_an_option_wins_over_the_environment_that_over_the_file(run: Run, config: Path) -> None:
    line = ("participants", "list")

    assert run(*line, "-p", "local").stdout.startswith("participant_id,")
    assert run(*line, "-p", "local", env={"GAMIFY_OUTPUT": "json"}).stdout == "[]\n"
    assert run(*line, "-p", "local", "-o", "jsonl", env={"GAMIFY_OUTPUT": "json"}).stdout == ""
    assert run(*line, "--store", "x.db").stdout == "[]\n"
    assert run("version").stdout.startswith("gamify,python")
    config.write_text('timeout = 2.5\njobs = 3\nno_input = true\ncolor = "always"\n')
    assert got(run, "timeout") == (2.5, "config", f"{config}:1")
    assert got(run, "jobs", "--jobs", "9") == (9, "option", "--jobs")
    assert got(run, "no_input") == (True, "config", f"{config}:3")
    assert "\x1b[" in run("version", "-o", "table").stdout
    assert "\x1b[" not in run("version", "-o", "table", env={"NO_COLOR": "1"}).stdout


def test_the_file_chooses_the_data_and_leaves_errors_as_text(run: Run, config: Path) -> None:
    config.write_text('output = "json"\n')

    assert run("participants", "get", "nobody").stderr.startswith("gamify: participant")


def test_a_value_is_set_and_all_else_stays(run: Run, config: Path) -> None:
    changed = run("config", "set", "output", "jsonl")
    again = run("config", "set", "output", "jsonl")

    assert (changed.exit_code, changed.stderr) == (0, "updated output: csv → jsonl\n")
    assert config.read_text() == COMMENTED.replace('"csv"', '"jsonl"')
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert (again.exit_code, again.stderr) == (0, "unchanged output: jsonl\n")
    assert json.loads(again.stdout)["place"] == f"{config}:2"


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("timeout", "5", {"timeout": 5}),
        ("timeout", "2.5", {"timeout": 2.5}),
        ("jobs", "4", {"jobs": 4}),
        ("no_input", "true", {"no_input": True}),
        ("color", "never", {"color": "never"}),
        ("default_profile", "local", {"default_profile": "local"}),
        ("profiles.local.protected", "true", {"profiles": {"local": {"protected": True}}}),
    ],
)
def test_a_first_value_makes_the_file(
    key: str, value: str, kept: dict[str, Any], call: Run, place: Place
) -> None:
    result = call("config", "set", key, value)

    path = place.home / "config" / "gamify" / "config.toml"
    assert result.exit_code == 0, result.stderr
    assert tomllib.loads(path.read_text()) == kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert call("config", "unset", key, "--confirm", "local").exit_code == 0
    assert tomllib.loads(path.read_text()) == {}
    assert call("config", "unset", key).stderr.startswith(f"unchanged {key}: ")


def test_members_of_a_profile_are_set_and_taken_out(call: Run, place: Place, config: Path) -> None:
    call("config", "set", "profiles.team.store", "new.db")
    call("config", "unset", "profiles.team.protected")
    call("config", "set", "profiles.prod.url", "https://new.example")
    call("config", "set", "profiles.prod.key.command", "pass show 'the key'")
    call("config", "set", "profiles.prod.key.origin", "https://new.example")

    profiles = tomllib.loads(config.read_text())["profiles"]
    assert profiles["team"] == {"store": str(place.home / "new.db")}
    assert profiles["prod"]["url"] == "https://new.example"
    assert profiles["prod"]["key"] == {
        "source": "command",
        "command": ["pass", "show", "the key"],
        "origin": "https://new.example",
    }
    assert "# all of us" in config.read_text()


def test_a_value_that_something_overrides_is_told_when_it_is_set(run: Run, config: Path) -> None:
    result = run("config", "set", "output", "table", env={"GAMIFY_OUTPUT": "json"})

    assert result.stderr == (
        "updated output: csv → table\n"
        f"warning: GAMIFY_OUTPUT=json in the environment overrides output = table in {config}:2\n"
    )


def test_a_rehearsal_tells_and_writes_nothing(run: Run, config: Path) -> None:
    changed = run("config", "set", "timeout", "5", "-n", "-o", "json")
    gone = run("config", "unset", "output", "--dry-run", "-o", "json")

    assert changed.stderr == (
        "dry run: timeout would be updated; nothing was written\n  30 (built in) → 5\n"
    )
    assert json.loads(changed.stdout)["value"] == 5
    assert gone.stderr.splitlines()[1] == "  csv → auto (built in)"
    assert config.read_text() == COMMENTED


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["set", "otput", "json"], 2, 'config.toml has no "otput"\n  hint: did you mean output?'),
        (["set", "output", "jsno"], 2, 'output "jsno" is none of'),
        (["set", "output", "jsno"], 2, "did you mean json?"),
        (["set", "timeout", "soon"], 2, 'timeout "soon" is not a number of seconds'),
        (["set", "jobs", "0"], 2, 'jobs "0" is not a number from 1 to 64'),
        (["set", "no_input", "yes"], 2, 'no_input "yes" is none of true, false'),
        (["set", "default_profile", "tema"], 3, "did you mean team?"),
        (["set", "profiles.tema.store", "x"], 3, "did you mean team?"),
        (["set", "profiles.team.stroe", "x"], 2, "did you mean store?"),
        (["set", "profiles.team", "x"], 2, "names no member of a profile"),
        (["set", "profiles.team.url", "https://x"], 2, "has both store and url"),
        (["set", "profiles.prod.url", "http://x"], 2, "would send the key unencrypted"),
        (["set", "profiles.prod.key.source", "file"], 2, "profiles add prod --replace"),
        (["set", "api_key", "bq_live_1"], 2, 'config.toml has no "api_key"'),
        (["unset", "profiles.team.store"], 2, "has neither store nor url"),
        (["get", "profiles.tema.store"], 3, "did you mean team?"),
        (["get", "colour"], 2, "did you mean color?"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_the_file(
    arguments: list[str], code: int, message: str, call: Run, config: Path
) -> None:
    result = call("config", *arguments)

    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert config.read_text() == COMMENTED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("output = 7", "output is of the wrong type"),
        ('output = "xml"', 'output "xml" is none of'),
        ("timeout = true", "timeout is of the wrong type"),
        ('jobs = "many"', "jobs is of the wrong type"),
    ],
)
def test_a_default_with_a_fault_is_named_and_harmless_to_a_store_by_path(
    text: str, message: str, call: Run, config: Path
) -> None:
    config.write_text(text)

    result = call("participants", "list")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"gamify: {config}: {message}")
    assert call("participants", "list", "--store", "x.db").exit_code == 0
    assert call("config", "path").exit_code == 0


def test_a_protected_profile_is_changed_only_when_it_is_named(
    call: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(config.parent))
    call("config", "set", "profiles.team.protected", "true")

    for line in (["set", "profiles.team.protected", "false"], ["unset", "profiles.team.protected"]):
        refused = call("config", *line, "--yes")
        assert (refused.exit_code, refused.stdout) == (10, "")
        assert "profile team is protected; nothing was done" in refused.stderr
    edited = call("config", "edit", env={"EDITOR": "sed -i s/protected.=.true//"})
    assert edited.exit_code == 10
    assert "protected = true" in config.read_text()
    call("config", "set", "profiles.team.protected", "false", "--confirm", "team")
    assert "protected = false" in config.read_text()


def test_the_path_is_shown(run: Run, place: Place, config: Path) -> None:
    other = {"GAMIFY_CONFIG": str(place.home / "other.toml")}

    here = json.loads(run("config", "path", "--json").stdout)
    assert here == {"path": str(config), "exists": True}
    elsewhere = json.loads(run("config", "path", "--json", env=other).stdout)
    assert elsewhere == {"path": other["GAMIFY_CONFIG"], "exists": False}


def test_an_edit_is_put_in_place(run: Run, config: Path) -> None:
    result = run("config", "edit", "--json", env={"VISUAL": "sed -i s/csv/tsv/", "EDITOR": "false"})

    assert (result.exit_code, result.stderr) == (0, f"updated {config}\n")
    assert config.read_text() == COMMENTED.replace("csv", "tsv")
    untouched = run("config", "edit", env={"EDITOR": "true"})
    assert (untouched.exit_code, untouched.stderr) == (0, f"unchanged {config}\n")
    rehearsed = run("config", "edit", "--dry-run", env={"EDITOR": "sed -i s/tsv/csv/"})
    assert rehearsed.stderr == f"dry run: {config} would be updated; nothing was written\n"
    assert "tsv" in config.read_text()


@pytest.mark.parametrize(
    ("editor", "message"),
    [
        ("sed -i s/csv/xml/", 'output "xml" is none of'),
        ("sed -i s/=/==/", "is not TOML"),
        ("sed -i s/team.db//", "profiles.team has neither store nor url"),
        ("sed -i 's/= .team.$/= \"x\"/'", 'connection profile "x" not found'),
        ("false", 'the editor "false" failed with exit code 1'),
        ("no-such-editor", 'cannot run the editor "no-such-editor"'),
    ],
)
def test_an_edit_with_a_fault_leaves_the_file_and_keeps_the_draft(
    editor: str, message: str, call: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(config.parent))

    result = call("config", "edit", env={"EDITOR": editor})

    assert result.exit_code in (2, 3)
    assert message in result.stderr
    assert config.read_text() == COMMENTED
    draft = result.stderr.rstrip().rpartition("your draft is ")[2]
    assert f"{config} is as it was" in result.stderr
    assert Path(draft).exists()
    assert stat.S_IMODE(Path(draft).stat().st_mode) == 0o600


def test_an_edit_does_not_undo_what_was_changed_meanwhile(
    call: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(config.parent))
    editor = f"sh -c 'sed -i s/csv/tsv/ \"$1\"; echo >> {config}' -"

    result = call("config", "edit", env={"EDITOR": editor})

    assert result.exit_code == 5
    assert "was changed by another process meanwhile" in result.stderr
    assert config.read_text() == COMMENTED + "\n"


def test_nobody_is_given_an_editor_under_no_input(call: Run) -> None:
    assert call("config", "edit", "--no-input").exit_code == 10


def test_a_broken_file_can_be_mended_by_an_edit(call: Run, config: Path) -> None:
    config.write_text("output = \n")

    assert call("config", "list").exit_code == 2
    assert call("config", "edit", env={"EDITOR": "sed -i s/.*/jobs=2/"}).exit_code == 0
    assert config.read_text() == "jobs=2\n"
