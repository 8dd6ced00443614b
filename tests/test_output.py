"""What reaches stdout and stderr, in every format."""

from __future__ import annotations

import csv
import io
import json

import pytest
from conftest import NOW, Run

NASTY = "a\x1b[31m[red]\n\tb\u202e\x9b"
SHOWN = "a\\x1b[31m[red]\\n\\tb\\u202e\\x9b"
PROFILE_COLUMNS = (
    "participant_id,display_name,avatar_url,attributes,points.balance,points.total_earned,"
    "points.total_spent,tier.code,tier.name,tier.level,tier.color,tier.achieved_at,"
    "tier.next_tier.code,tier.next_tier.name,tier.next_tier.points_required,"
    "tier.next_tier.points_remaining,badges,streaks.current,streaks.longest,"
    "streaks.last_activity_at,rewards_claimed,total_events,first_seen_at,last_seen_at,is_active"
)


@pytest.fixture
def ada(call: Run) -> None:
    call("participants", "create", "ada", "--display-name", "Ada", "--attr", "plan=premium")


@pytest.mark.usefixtures("ada")
def test_json_is_the_default_of_a_pipe_and_indented(run: Run) -> None:
    plain = run("participants", "get", "ada")

    assert plain.stdout.startswith('{\n  "participant_id": "ada",\n')
    assert plain.stderr == ""
    for asked in (["--json"], ["-o", "json"], ["-ojson"], ["--output=json"]):
        assert run("participants", "get", "ada", *asked).stdout == plain.stdout


@pytest.mark.usefixtures("ada")
def test_jsonl_is_one_compact_line(run: Run) -> None:
    line = run("participants", "get", "ada", "-o", "jsonl").stdout

    assert line.endswith("}\n")
    assert line.count("\n") == 1
    assert json.loads(line)["display_name"] == "Ada"
    assert ", " not in line
    assert '": ' not in line


@pytest.mark.usefixtures("ada")
def test_csv_has_the_same_columns_whatever_the_data(run: Run) -> None:
    rows = list(csv.reader(io.StringIO(run("participants", "get", "ada", "-o", "csv").stdout)))

    assert ",".join(rows[0]) == PROFILE_COLUMNS
    values = dict(zip(rows[0], rows[1], strict=True))
    assert values["attributes"] == '{"plan":"premium"}'
    assert (values["points.balance"], values["tier.code"], values["is_active"]) == ("0", "", "true")
    assert values["first_seen_at"] == NOW


@pytest.mark.usefixtures("ada")
def test_csv_of_chosen_sections_has_their_columns(run: Run) -> None:
    chosen = run("participants", "state", "ada", "--include", "rewards,points", "-o", "csv")

    header = "participant_id,points.balance,points.total_earned,points.total_spent"
    assert chosen.stdout == f"{header},rewards.total_claimed\nada,0,0,0,0\n"


def test_no_rows_are_still_a_parseable_answer(run: Run) -> None:
    for format_, empty in [
        ("json", "[]\n"),
        ("jsonl", ""),
        ("csv", "participant_id,"),
        ("ids", ""),
        ("table", ""),
    ]:
        result = run("participants", "list", "-o", format_)
        assert result.exit_code == 0
        assert result.stdout.startswith(empty)
        assert (result.stdout == "") == (empty == "")


@pytest.mark.parametrize("format_", ["table", "csv", "tsv", "json", "jsonl"])
@pytest.mark.parametrize("verb", ["get", "list"])
def test_data_is_shown_escaped_and_never_acts(verb: str, format_: str, call: Run) -> None:
    call("participants", "create", "ada", "--display-name", NASTY, "--attr", f"x={NASTY}")

    arguments = ["get", "ada"] if verb == "get" else ["list"]
    out = call("participants", *arguments, "-o", format_).stdout

    assert not {"\x1b", "\t" if format_ != "tsv" else "\x1b", "\u202e", "\x9b"} & set(out)
    if format_.startswith("json"):
        body = json.loads(out)
        assert (body[0] if isinstance(body, list) else body)["display_name"] == NASTY
    else:
        assert SHOWN in out


def test_messages_escape_data_as_well(run: Run) -> None:
    run("participants", "create", "ada")
    result = run("participants", "get", "a\u202eb")
    as_json = run("participants", "get", "a\u202eb", "--json")

    assert result.stderr == 'gamify: participant "a\\u202eb" not found in profile local\n'
    assert "\u202e" not in as_json.stderr
    assert json.loads(as_json.stderr)["error"]["message"].startswith('participant "a\u202eb"')


@pytest.mark.usefixtures("ada")
def test_fields_are_chosen_and_ordered(run: Run) -> None:
    fields = "is_active,points.balance,attributes.plan,attributes.none"

    as_json = run("participants", "get", "ada", "--fields", fields, "-o", "jsonl").stdout
    as_csv = run("participants", "get", "ada", "--fields", fields, "-o", "csv").stdout
    rows = run("participants", "get", "ada", "ada", "--fields", "participant_id").stdout

    assert as_json == (
        '{"is_active":true,"points":{"balance":0},"attributes":{"plan":"premium","none":null}}\n'
    )
    assert as_csv == f"{fields}\ntrue,0,premium,\n"
    assert json.loads(rows) == [{"participant_id": "ada"}] * 2


@pytest.mark.usefixtures("ada")
def test_a_whole_group_and_a_part_of_it_give_the_whole(run: Run) -> None:
    for fields in ("points,points.balance", "points.balance,points"):
        out = run("participants", "get", "ada", "--fields", fields, "-o", "jsonl").stdout
        assert json.loads(out) == {"points": {"balance": 0, "total_earned": 0, "total_spent": 0}}


def test_piped_tables_have_no_escape_codes_and_no_cut(run: Run) -> None:
    name = "x" * 250
    run("participants", "create", "ada", "--display-name", name)

    card = run("participants", "get", "ada", "-o", "table", env={"COLUMNS": "40"}).stdout
    table = run("participants", "list", "-o", "table", env={"COLUMNS": "40"}).stdout

    for out in (card, table):
        assert name in out
        assert "\x1b" not in out
        assert "…" not in out


@pytest.mark.parametrize(
    ("arguments", "env", "colored"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "always"], {"TERM": "dumb"}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.usefixtures("ada")
def test_colour_is_forced_or_absent_in_a_pipe(
    arguments: list[str], env: dict[str, str], colored: bool, run: Run
) -> None:
    result = run("participants", "get", "ada", "-o", "table", *arguments, env=env)

    assert result.exit_code == 0
    assert ("\x1b[" in result.stdout) == colored


@pytest.mark.usefixtures("ada")
def test_an_error_is_json_only_where_json_was_asked_for(run: Run) -> None:
    expected = {
        "code": "not_found",
        "message": 'participant "bob" not found in profile local',
        "hint": None,
        "exit": 3,
        "retryable": False,
        "request_id": None,
        "profile": "local",
    }
    for arguments, env in [
        (["--json"], {}),
        (["-o", "jsonl"], {}),
        ([], {"GAMIFY_OUTPUT": "json"}),
    ]:
        result = run("participants", "get", "bob", *arguments, env=env)
        assert (result.exit_code, result.stdout) == (3, "")
        told = json.loads(result.stderr)["error"]
        assert told | {"request_id": None} == expected
        assert result.stderr.count("\n") == 1
    assert run("participants", "get", "bob", "-o", "csv").stderr.startswith("gamify: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "--bogus"],
        ["--bogus", "--json"],
        ["--bogus", "participants", "get", "ada", "-o", "json"],
        ["participants", "--json", "gte", "ada"],
        ["participants", "gte", "ada", "--json"],
        ["nouns", "-o", "jsonl"],
        ["participants", "get", "--json"],
        ["participants", "get", "ada", "--bogus", "-o", "json"],
        ["participants", "get", "ada", "-o", "json", "--store"],
        ["participants", "get", "ada", "--json", "-o", "csv"],
        ["participants", "list", "--limit", "many", "--json"],
    ],
)
def test_a_faulty_line_that_asks_for_json_gets_its_error_in_json(
    arguments: list[str], call: Run
) -> None:
    result = call(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    error = json.loads(result.stderr)["error"]
    assert (error["code"], error["exit"]) == ("usage", 2)


@pytest.mark.usefixtures("ada")
def test_quiet_leaves_data_and_errors_alone(run: Run) -> None:
    quiet = run("-q", "participants", "create", "ada", "--display-name", "Ada L.")
    failing = run("participants", "get", "nobody", "--quiet")

    assert quiet.stderr == ""
    assert json.loads(quiet.stdout)["display_name"] == "Ada L."
    assert failing.stderr == 'gamify: participant "nobody" not found in profile local\n'


def test_verbose_tells_the_store_and_the_operation(run: Run) -> None:
    result = run("participants", "create", "ada", "-v")

    store, operation, outcome = result.stderr.splitlines()
    assert store.startswith("store: /")
    assert operation.startswith("operation: op_")
    assert outcome == "created ada"
    facts = json.loads(run("participants", "history", "ada").stdout)
    assert operation == f"operation: {facts[0]['operation']}"


def test_debug_adds_the_traceback_of_an_error(run: Run) -> None:
    plain = run("participants", "get", "nobody")
    debug = run("participants", "get", "nobody", "--debug")

    assert "Traceback" not in plain.stderr
    assert "Traceback" in debug.stderr
    assert debug.stderr.endswith(plain.stderr)


def test_a_path_into_a_list_of_single_values_is_empty(call: Run) -> None:
    call("participants", "create", "ada", "--attr", 'tags:=["vip",{"x":1}]')

    result = call("participants", "get", "ada", "-o", "csv", "--fields", "attributes.tags.x")

    assert (result.exit_code, result.stdout) == (0, 'attributes.tags.x\n"[null,1]"\n')


@pytest.mark.parametrize("format_", ["table", "csv", "tsv"])
def test_headings_are_escaped_as_data_is(format_: str, call: Run) -> None:
    call("participants", "create", "ada")

    result = call("participants", "list", "-o", format_, "--fields", "attributes.\x1b[31mred\tx")

    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "attributes.\\x1b[31mred\\tx" in result.stdout


def test_messages_are_utf_8_whatever_the_locale(execute: Run) -> None:
    result = execute("participants", "get", "nopé", "--json", env={"PYTHONIOENCODING": "ascii"})

    assert json.loads(result.stderr)["error"]["message"].startswith('participant "nopé" not found')
