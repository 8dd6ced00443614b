"""Which store a command works on: option, environment, config.toml, built in."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from conftest import Place, Run


def config(place: Place, text: str) -> None:
    path = place.home / "config" / "gamify" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def where(run: Run, *arguments: str, **env: str) -> str:
    path: str = json.loads(run("store", "info", *arguments, env=env).stdout)["path"]
    return path


def test_the_store_is_made_on_first_use_for_its_owner_alone(run: Run, place: Place) -> None:
    assert json.loads(run("store", "info").stdout)["exists"] is False

    run("participants", "create", "ada")

    info = json.loads(run("store", "info").stdout)
    assert (info["path"], info["exists"]) == (str(place.store), True)
    assert (info["participants"], info["facts"], info["schema"]) == (1, 1, "0001")
    assert stat.S_IMODE(place.store.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.store.parent.stat().st_mode) == 0o700


def test_an_option_wins_over_the_environment_and_that_over_the_file(run: Run, place: Place) -> None:
    config(
        place,
        'default_profile = "team"\n[profiles.team]\nstore = "/srv/team.db"\n'
        '[profiles.other]\nstore = "~/other.db"\n',
    )

    assert where(run) == "/srv/team.db"
    assert where(run, "-p", "other") == str(place.home / "other.db")
    assert where(run, "-p", "local") == str(place.store)
    assert where(run, GAMIFY_PROFILE="other") == str(place.home / "other.db")
    assert where(run, GAMIFY_STORE="/srv/env.db") == "/srv/env.db"
    assert where(run, "--store", "here.db", GAMIFY_PROFILE="other") == str(place.home / "here.db")
    assert where(run, "-p", "other", GAMIFY_STORE="/srv/env.db") == str(place.home / "other.db")


def test_global_options_stand_before_and_after_the_command(run: Run) -> None:
    before = run("--store", "a.db", "--json", "store", "info")
    between = run("store", "--store", "a.db", "--json", "info")
    after = run("store", "info", "--store", "a.db", "--json")

    assert before.stdout == between.stdout == after.stdout
    assert '"path"' in before.stdout
    assert run("-o", "csv", "store", "info", "-o", "json").stdout.startswith("{")


@pytest.mark.parametrize(
    ("arguments", "env", "code", "message"),
    [
        (["-p", "local", "--store", "x.db"], {}, 2, "--profile and --store exclude each other"),
        (
            [],
            {"GAMIFY_PROFILE": "local", "GAMIFY_STORE": "x"},
            2,
            "GAMIFY_PROFILE and GAMIFY_STORE",
        ),
        (["-p", "tema"], {}, 3, 'connection profile "tema" not found\n  hint: did you mean team?'),
        (["-p", ""], {}, 2, "the name of the profile is empty"),
        (["--store", ""], {}, 2, "the path of the store is empty"),
        (["--store", "mysql://h/db"], {}, 2, "or postgresql://HOST/DATABASE"),
        ([], {"GAMIFY_OUTPUT": "xml"}, 2, 'GAMIFY_OUTPUT "xml" is none of'),
        ([], {"GAMIFY_TIMEOUT": "-1"}, 2, 'GAMIFY_TIMEOUT "-1" is not a number of seconds'),
        ([], {"GAMIFY_CONFIG": "/"}, 2, "cannot read /: Is a directory"),
    ],
)
def test_a_choice_that_cannot_be_met_is_refused(
    arguments: list[str], env: dict[str, str], code: int, message: str, run: Run, place: Place
) -> None:
    config(place, '[profiles.team]\nstore = "t.db"\n[profiles.prod]\nurl = "https://x"\n')

    result = run("store", "info", *arguments, env=env)

    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    "text",
    ["default_profile = ", "default_profile = 7", "profiles = 1", "[profiles]\nteam = 1", "\xff"],
)
def test_a_broken_configuration_is_named_and_harmless_to_a_store_by_path(
    text: str, run: Run, place: Place
) -> None:
    config(place, "")
    path = place.home / "config" / "gamify" / "config.toml"
    path.write_bytes(text.encode("latin-1"))

    result = run("store", "info")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"gamify: {path}")
    assert run("store", "info", "--store", "x.db").exit_code == 0


def test_the_clock_can_be_set_for_a_store_that_was_made_under_it_alone(
    run: Run, tmp_path: Path
) -> None:
    run("participants", "create", "ada", "--store", "real.db", env={"GAMIFY_TEST_NOW": ""})

    real = json.loads(run("participants", "create", "bob", "--store", "real.db").stdout)
    test = json.loads(run("participants", "create", "bob", "--store", "test.db").stdout)

    assert test["created_at"] == "2026-02-14T10:00:00Z"
    assert real["created_at"] > "2026-02-14T10:00:00Z"
    assert json.loads(run("store", "info", "--store", "test.db").stdout)["test_clock"] is True
    assert (tmp_path / "real.db").exists()


def test_a_protected_profile_is_written_to_only_when_it_is_named(run: Run, place: Place) -> None:
    config(place, "[profiles.local]\nprotected = true\n")

    refused = run("participants", "create", "ada", "--yes")
    rehearsed = run("participants", "create", "ada", "--dry-run")
    misnamed = run("participants", "create", "ada", "--confirm", "prod")
    named = run("participants", "create", "ada", "--confirm", "local")

    assert (refused.exit_code, refused.stdout) == (10, "")
    assert "profile local is protected" in refused.stderr
    assert "add --confirm local if you mean it" in refused.stderr
    assert (rehearsed.exit_code, misnamed.exit_code, named.exit_code) == (0, 10, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[profiles.team]\nstoer = "t.db"', 'unknown key "stoer" in profiles.team'),
        ("[profiles.team]\nstore = 7", "profiles.team.store is of the wrong type"),
        ("[profiles.team]", "profiles.team has neither store nor url"),
        ('[profiles.team]\nstore = ""', "profiles.team has neither store nor url"),
        ("x = " + "[" * 5000, "is not TOML"),
    ],
)
def test_a_slip_in_a_profile_never_leads_to_the_local_store(
    text: str, message: str, call: Run, place: Place
) -> None:
    config(place, text)

    result = call("participants", "list", "-p", "team")

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_configuration_that_was_named_must_be_there(run: Run, place: Place) -> None:
    result = run("participants", "list", env={"GAMIFY_CONFIG": "nowhere.toml"})

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"cannot read {place.home / 'nowhere.toml'}: No such file" in result.stderr


def test_a_store_that_is_not_there_is_told_where_nothing_is_found(run: Run, place: Place) -> None:
    result = run("participants", "list", "--store", "typo.db")

    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert result.stderr == f"there is no store at {place.home / 'typo.db'} yet\n"
