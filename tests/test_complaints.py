"""A command line that is wrong is told so in words of help, with a way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Place, Run

DATA = Path(__file__).parent / "data"


def refused(run: Run, line: str, code: int = 2) -> tuple[str, str]:
    """The message and the hint of a line that is refused."""
    result = run(*line.split())

    assert (result.exit_code, result.stdout) == (code, ""), result.stderr
    message, hint = result.stderr.splitlines()
    return message.removeprefix("gamify: "), hint.removeprefix("  hint: ")


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("participant get ada", "participants"),
        ("Points award ada 5", "points"),
        ("points awards ada 5", "award"),
        ("points exp ada", "expiring"),
        ("rewards load_codes x y", "load-codes"),
        ("award ada 5", "points award or badges award"),
        ("enroll ada x", "challenges enroll"),
        ("comands", "commands"),
    ],
)
def test_a_misspelt_command_has_a_nearest(line: str, nearest: str, run: Run) -> None:
    message, hint = refused(run, line)

    assert message.startswith('no such command "gamify ')
    assert hint == f"did you mean {nearest}?"


def test_a_verb_of_many_nouns_is_shown_behind_one(call: Run) -> None:
    assert refused(call, "list")[1] == "the noun comes first: gamify participants list"
    assert refused(call, "xyzzy")[1] == "see: gamify --help"
    assert refused(call, "points xyzzy")[1] == "see: gamify points --help"


@pytest.mark.parametrize(
    ("line", "given", "nearest"),
    [
        ("points award ada 5 --raeson x", "--raeson", "--reason"),
        ("points award ada 5 -reason x", "-reason", "--reason"),
        ("points award ada 5 ---reason x", "---reason", "--reason"),
        ("participants create ada --display_name x", "--display_name", "--display-name"),
        ("participants create ada --displayname=x", "--displayname", "--display-name"),
        ("participants list --Limit 3", "--Limit", "--limit"),
        ("participants list --field x", "--field", "--fields"),
        ("participants list -profile local", "-profile", "--profile"),
        ("-output json participants list", "-output", "--output"),
        ("participants list -output=json", "-output", "--output"),
        ("points award ada 5 -yes", "-yes", "--yes"),
        ("participants -help", "-help", "--help"),
        ("--idempotency_key k points award ada 5", "--idempotency_key", "--idempotency-key"),
        ("participants --output_ json list", "--output_", "--output"),
    ],
)
def test_a_misspelt_option_has_a_nearest(line: str, given: str, nearest: str, run: Run) -> None:
    assert refused(run, line) == (f"no such option: {given}", f"did you mean {nearest}?")


def test_a_short_option_keeps_taking_the_rest_of_its_word(call: Run) -> None:
    assert call("version", "-ocsv").stdout.startswith("gamify,")
    assert refused(call, "store info -pprofile", 3)[0] == 'connection profile "profile" not found'
    assert call("points", "award", "ada", "5", "--reason", "-profile").exit_code == 0


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("points award", "ID and AMOUNT are missing", 'points award user_123 50 --reason "survey"'),
        ("points award ada", "AMOUNT is missing", 'points award user_123 50 --reason "survey"'),
        (
            "points award - --yes",
            "AMOUNT is missing",
            'points award - 10 --reason "apology" --yes < ids.txt',
        ),
        (
            "streaks restore ada daily_login",
            "--reason is missing",
            'streaks restore user_123 daily_login --reason "outage"',
        ),
    ],
)
def test_what_is_missing_is_named_as_in_help(line: str, message: str, hint: str, run: Run) -> None:
    assert refused(run, line) == (message, f"for example: gamify {hint}")


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("points award ada x", 'AMOUNT "x" is not a whole number', "Points, 1 to 1,000,000."),
        ("participants list --limit x", '--limit "x" is not a whole number', None),
        ("serve --port 99999", '--port "99999" is not a number from 0 to 65,535', None),
        ("version -o", "-o needs a value: FORMAT", None),
        ("participants list --sort", "--sort needs a value: KEY", None),
        ("version --json=1", "--json takes no value", None),
        (
            "points award ada -5",
            "no such option: -5",
            "an argument that begins with - goes after --",
        ),
        ("version --xyzzy", "no such option: --xyzzy", "see: gamify version --help"),
        (
            "points award ada 5 6",
            'unexpected argument "6"',
            "usage: gamify points award [OPTIONS] ID AMOUNT",
        ),
        (
            "points award ada 5 reason x",
            'unexpected arguments "reason", "x"',
            "did you mean --reason?",
        ),
        ("points award ada 5 —reason", 'unexpected argument "—reason"', "did you mean --reason?"),
    ],
)
def test_a_faulty_value_is_named_with_its_option(
    line: str, message: str, hint: str | None, run: Run
) -> None:
    found = refused(run, line)

    assert found[0] == message
    assert hint in (None, found[1])


@pytest.mark.parametrize(
    "line",
    [
        "points award ada 5 --reason a --reason b",
        "points award ada 5 --reason a --reason a",
        "-p local -p local version",
        "participants list --store a.db --store b.db",
        "participants -o json --output csv list",
    ],
)
def test_an_option_given_twice_at_one_place_is_refused(line: str, run: Run, place: Place) -> None:
    message, hint = refused(run, line)

    assert message.endswith(" is given twice")
    assert hint == "it takes one value; leave one of them"
    assert not place.store.exists()


def test_options_that_may_come_again_may(run: Run) -> None:
    result = run("participants", "create", "a", "--attr", "b=1", "--attr", "c=2", "-q", "-q")

    assert json.loads(result.stdout)["attributes"] == {"b": "1", "c": "2"}


def test_a_faulty_line_is_told_as_json_where_it_asks_for_json(run: Run) -> None:
    for line in ["points award --json", "version --json -o json --fields a --fields b"]:
        result = run(*line.split())
        assert json.loads(result.stderr)["error"]["code"] == "usage"


@pytest.mark.parametrize(
    ("line", "code", "nearest"),
    [
        ("badges award ada First-Steps", 3, "first_steps"),
        ("tiers assign ada glod --reason x", 3, "gold"),
        ("streaks record ada daily-login", 3, "daily_login"),
        ("streaks restore ada dailylogin --reason x", 3, "daily_login"),
        ("challenges enroll ada onbording", 3, "onboarding"),
        ("rewards claim ada coupon_10", 3, "coupon10"),
        ("rewards load-codes cupon10 codes.txt", 3, "coupon10"),
        ("leaderboards show tops", 3, "top"),
        ("leaderboards rank ada Top", 3, "top"),
        ("leaderboards show top --period week", 2, "weekly"),
        ("participants list --sort balence", 2, "balance"),
        ("participants get ada --fields points.balanec", 2, "points.balance"),
        ("participants get ada -o JSONL", 2, "jsonl"),
        ("participants get ada --color allways", 2, "always"),
        ("participants get ada --profile lcoal", 3, "local"),
        ("participants history ada --type points-awarded", 2, "points_awarded"),
        ("points history ada --type awrad", 2, "award"),
        ("schema profle", 2, "profile"),
        ("keys create --scope Admin", 2, "admin"),
        ("leaderboards show top --ranking dens", 2, "dense"),
        ("participants update ada --clear avatar_url", 2, "avatar-url"),
    ],
)
def test_names_and_codes_have_a_nearest(
    line: str, code: int, nearest: str, call: Run, place: Place
) -> None:
    (place.home / "codes.txt").write_text("A1\n")
    call("program", "apply", str(DATA / "program.toml"))
    call("participants", "create", "ada")

    assert refused(call, line, code)[1] == f"did you mean {nearest}?"


def test_verbose_tells_the_code_and_the_profile_of_an_error(run: Run) -> None:
    missing = run("participants", "get", "ada", "-v").stderr.splitlines()
    faulty = run("participants", "get", "-v", "--xyzzy").stderr.splitlines()

    assert missing[-2:] == ["  code: not_found, exit 3", "  profile: local"]
    assert faulty[-1] == "  code: usage, exit 2"
