"""--jq: filtering inside the program, checked before anything runs."""

from __future__ import annotations

import json

import pytest
from conftest import Place, Run

AWARD = ("points", "award", "ada", "5")
MANUAL = "the language is told at https://jqlang.org/manual"
DONE = "the command itself is done; only its answer was not shown"


@pytest.fixture(autouse=True)
def people(call: Run) -> None:
    for one in ("ada", "bob"):
        call("participants", "create", one, "--display-name", f"{one} & co", "--attr", "n:=1")


def test_texts_come_raw_and_the_rest_compact_a_line_each(run: Run) -> None:
    result = run("participants", "get", "ada", "--jq", ".display_name, .points, .tier, 1.50, [1]")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        'ada & co\n{"balance":0,"total_earned":0,"total_spent":0}\nnull\n1.50\n[1]\n'
    )


def test_the_input_is_what_json_shows(call: Run) -> None:
    call("program", "init")
    call("program", "apply", "program.toml")
    for line in (
        ["participants", "get", "ada"],
        ["participants", "get", "ada", "bob"],
        ["participants", "list"],
        ["participants", "list", "--tier", "none"],
        ["participants", "history", "ada"],
        ["program", "show"],
        ["leaderboards", "show", "top"],
    ):
        shown = call(*line, "--json")
        filtered = call(*line, "--jq", ".")
        assert json.loads(filtered.stdout) == json.loads(shown.stdout), line
        assert (filtered.exit_code, filtered.stderr) == (shown.exit_code, shown.stderr)
        assert filtered.stdout.count("\n") == 1


def test_several_are_one_array_and_jsonl_a_line_each(run: Run) -> None:
    listed = run("participants", "list", "--jq", ".[].participant_id")
    counted = run("participants", "list", "--jq", "length")
    lines = run("participants", "list", "-o", "jsonl", "--jq", ".participant_id")
    one = run("participants", "get", "-", "--jq", "length", stdin="ada\n")

    assert listed.stdout == lines.stdout == "ada\nbob\n"
    assert (counted.stdout, one.stdout) == ("2\n", "1\n")


def test_a_single_number_is_filtered_too(call: Run) -> None:
    assert call("participants", "list", "--count", "--jq", ". * 10").stdout == "20\n"


def test_fields_are_chosen_first(call: Run) -> None:
    line = ("participants", "get", "ada", "--fields", "points.balance,participant_id")

    assert call(*line, "--jq", "keys_unsorted").stdout == '["points","participant_id"]\n'
    assert call(*line, "--jq", ".display_name").stdout == "null\n"


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        (".[", "syntax error, unexpected end of file at line 1, column 2"),
        (".a |\n nofunc", "nofunc/0 is not defined at line 2, column 2"),
        ("$x", "$x is not defined at line 1, column 1"),
        ("", 'Top-level program not given (try ".")'),
        ("def f: 1;", 'Top-level program not given (try ".")'),
        ('import "nothing" as n; .', "module not found: nothing"),
    ],
)
def test_a_bad_expression_stops_before_anything_is_done(
    expression: str, says: str, call: Run
) -> None:
    before = call("participants", "history", "ada").stdout

    result = call(*AWARD, "--jq", expression)

    assert (result.exit_code, result.stdout) == (2, "")
    error = json.loads(result.stderr)["error"]
    assert error["message"].startswith(f"--jq: {says}")
    assert (error["code"], error["hint"]) == ("usage", MANUAL)
    assert call("participants", "history", "ada").stdout == before


def test_an_expression_that_is_no_text_is_refused(execute: Run) -> None:
    result = execute("participants", "get", "ada", "--jq", ".\udcff")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "codec can't encode" in json.loads(result.stderr)["error"]["message"]


@pytest.mark.parametrize("format_", ["auto", "table", "csv", "tsv", "ids"])
def test_a_format_that_is_not_json_contradicts_it(format_: str, call: Run) -> None:
    before = call("participants", "history", "ada").stdout

    result = call(*AWARD, "--jq", ".", "-o", format_)

    assert (result.exit_code, result.stdout) == (2, "")
    error = json.loads(result.stderr)["error"]
    assert error["message"] == f"--jq contradicts --output {format_}"
    assert call("participants", "history", "ada").stdout == before


def test_it_wins_over_the_format_of_the_environment(call: Run) -> None:
    for format_ in ("csv", "jsonl"):
        env = {"GAMIFY_OUTPUT": format_}
        assert call("participants", "list", "--jq", "length", env=env).stdout == "2\n"
    assert call("participants", "get", "ada", "--json", "--jq", ".tier").stdout == "null\n"


def test_it_does_not_go_with_what_shows_no_data(call: Run) -> None:
    for option in (["--jq", "."], ["--fields", "participant_id"]):
        result = call("participants", "exists", "ada", *option)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{option[0]} does not go with this command" in result.stderr


def test_an_answer_that_it_fails_on_is_told_after_what_came_before(run: Run) -> None:
    result = run(*AWARD, "--jq", ".participant_id, .amount.x, 1")

    assert (result.exit_code, result.stdout) == (2, "ada\n")
    told, error = result.stderr.splitlines()
    assert told == "awarded ada"
    assert json.loads(error)["error"]["message"] == '--jq: Cannot index number with string ("x")'
    assert json.loads(error)["error"]["hint"] == DONE
    assert run("points", "balance", "ada", "--jq", ".balance").stdout == "5\n"


def test_a_line_that_it_fails_on_does_not_stop_the_others(run: Run) -> None:
    line = ["points", "award", "-", "5", "--yes", "-o", "jsonl"]
    expression = 'if .participant_id == "ada" then error("not ada") else .new_balance end'

    result = run(*line, "--jq", expression, stdin="ada\nbob\neve\n")

    assert (result.exit_code, result.stdout) == (2, "5\n5\n")
    assert json.loads(result.stderr.splitlines()[-1])["error"]["message"] == (
        "--jq failed on 1 of 3 lines: not ada"
    )


def test_errors_are_json_and_failures_are_left_out_of_the_array(run: Run) -> None:
    result = run("participants", "get", "ada", "nobody", "bob", "--jq", "map(.participant_id)")

    assert (result.exit_code, result.stdout) == (9, '["ada","bob"]\n')
    codes = [json.loads(line)["error"]["code"] for line in result.stderr.splitlines()]
    assert codes == ["not_found", "partial"]


def test_no_digit_is_lost_that_is_not_calculated_with(run: Run) -> None:
    digits = "9" * 1_000
    numbers = f"[{digits},-{digits},12345678901234567890,0.1,1e-7,-0.0]"
    run("participants", "update", "ada", "--attr", f"numbers:={numbers}")

    moved = run("participants", "get", "ada", "--jq", ".attributes | [.numbers[]] | {n: .}")
    inside = run("participants", "get", "ada", "--jq", r'"\(.attributes.numbers[0])"')
    counted = run("participants", "get", "ada", "--jq", ".attributes.numbers[2] + 1")

    assert json.loads(moved.stdout) == {"n": json.loads(numbers)}
    assert inside.stdout == f"{digits}\n"
    assert counted.stdout == "12345678901234567000\n"


def test_a_comment_at_the_end_hides_nothing(call: Run) -> None:
    for comment in ("# why", "# why \\"):
        assert call("participants", "get", "ada", "--jq", f".tier {comment}").stdout == "null\n"


def test_in_a_pipe_texts_are_exact_and_json_never_acts(run: Run) -> None:
    name = "a\x1b[31m\n\tb\u202e"
    run("participants", "create", "eve", "--display-name", name)

    result = run("participants", "get", "eve", "--jq", ".display_name, [.display_name]")

    assert result.stdout == f'{name}\n["a\\u001b[31m\\n\\tb\\u202e"]\n'


def test_the_language_is_jq(call: Run) -> None:
    line = ("participants", "list", "--jq")

    assert call(*line, ".[] | [.participant_id, .balance] | @tsv").stdout == "ada\t0\nbob\t0\n"
    assert call(*line, "map(select(.balance > 0)) | length").stdout == "0\n"
    assert call(*line, "empty").stdout == ""


def test_unknown_fields_stop_before_anything_is_done(call: Run, place: Place) -> None:
    (place.home / "ids").write_text("ada\n")
    before = call("participants", "history", "ada").stdout
    for fields, hint in [
        ("new_balanse", "new_balance"),
        ("tier_upgrade.nane", "tier_upgrade.name"),
        ("participant_id,amount.x", "amount"),
    ]:
        result = call(*AWARD, "--fields", fields)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"hint: did you mean {hint}?" in result.stderr
    assert call("participants", "history", "ada").stdout == before
