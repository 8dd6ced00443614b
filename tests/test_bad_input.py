"""Bad input gets a clear error, and loses nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Place, Run

NESTED_33 = '{"a":' * 33 + "1" + "}" * 33
NESTED_32 = '{"a":' * 32 + "1" + "}" * 32

BAD_IDS = {
    "": "a participant id must not be empty",
    ".": '"." cannot be a participant id',
    "..": '".." cannot be a participant id',
    "x" * 256: "a participant id has at most 255 characters, this one 256",
    "a\tb": 'participant id "a\\tb" holds the control character U+0009',
    "a\x1b[31m": 'participant id "a\\x1b[31m" holds the control character U+001B',
    "a\x7f": 'participant id "a\\x7f" holds the control character U+007F',
    "a\x85": 'participant id "a\\x85" holds the control character U+0085',
    "a\udcff": 'participant id "a\\udcff" is not UTF-8',
}

GOOD_IDS = [
    "a/b",
    "a/state",
    "%2F",
    "?x#y",
    "[red]",
    "two words",
    " ",
    "'\"\\$",
    "😀",
    "👩‍👩‍👧",
    "e\u0301",
    "é",
    "\u202eabc",
    "...",
    "x" * 255,
    "😀" * 255,
]

BAD_ATTRIBUTES = {
    "{": "is not JSON: Expecting property name enclosed in double quotes at line 1 column 2",
    "": "is not JSON: Expecting value at line 1 column 1",
    "[]": "must be a JSON object",
    "7": "must be a JSON object",
    '{"a":"' + "x" * 65_536 + '"}': "is 65,544 bytes long; at most 65,536 are kept",
    NESTED_33: "is nested deeper than 32 levels",
    "[" * 50_000: "is nested deeper than 32 levels",
    '{"a":NaN}': "has NaN, which is no JSON number",
    '{"a":-Infinity}': "has -Infinity, which is no JSON number",
    '{"a":1e400}': "has the number 1e400, which is too large for a double",
    '{"a":' + "9" * 1001 + "}": "has an integer of more than 1,000 digits",
    '{"a":"\\u0000"}': "holds the character U+0000",
    '{"\\u0000":1}': "holds the character U+0000",
    '{"a":"\\ud800"}': "holds a lone surrogate, which is no character",
    '{"a":1,"a":1}': 'has the member "a" twice',
    '{"a":{"b":1,"b":2}}': 'has the member "b" twice',
}

GOOD_ATTRIBUTES = [
    '{"n":' + "9" * 900 + "}",
    '{"n":-' + "9" * 1000 + "}",
    '{"z":1,"a":2,"m":{"y":1,"b":2}}',
    NESTED_32,
    '{"a":1.5,"b":1e3,"c":true,"d":null,"e":[],"f":""}',
    '{"":"empty name"}',
    '{"a":"' + "x" * 65_528 + '"}',
    '{"é":"😀 \\u202e"}',
]


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("verb", ["create", "get", "update", "state", "history", "exists"])
def test_an_id_that_no_store_could_keep_is_refused(verb: str, bad: str, call: Run) -> None:
    more = ["--attr", "a=1"] if verb == "update" else []

    result = call("participants", verb, bad, *more)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == f"gamify: {BAD_IDS[bad]}"


@pytest.mark.parametrize("good", GOOD_IDS)
def test_any_other_id_round_trips(good: str, run: Run) -> None:
    created = run("participants", "create", good, "-q")

    assert (created.exit_code, created.stderr) == (0, "")
    assert json.loads(created.stdout)["participant_id"] == good
    assert json.loads(run("participants", "get", good).stdout)["participant_id"] == good
    listed = run("participants", "list", "--json").stdout
    assert [row["participant_id"] for row in json.loads(listed)] == [good]


def test_an_id_that_looks_like_an_option_stands_after_two_dashes(run: Run) -> None:
    assert run("participants", "create", "--display-name", "X", "--", "-x").exit_code == 0
    assert json.loads(run("participants", "get", "--", "-x").stdout)["display_name"] == "X"


def test_an_argument_that_is_not_utf_8_is_refused(execute: Run) -> None:
    result = execute("participants", "get", "a\udcff")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == 'gamify: participant id "a\\udcff" is not UTF-8\n'


@pytest.mark.parametrize("bad", BAD_ATTRIBUTES)
def test_attributes_that_are_no_sound_object_are_refused(bad: str, call: Run, place: Place) -> None:
    result = call("participants", "create", "ada", "--attributes", bad)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"gamify: --attributes {BAD_ATTRIBUTES[bad]}\n"
    assert place.is_untouched


def test_bad_attributes_fail_alike_from_a_file_and_as_a_merge(run: Run, place: Place) -> None:
    (place.home / "bad.json").write_text('{"a":NaN}')
    (place.home / "body.json").write_text('{"participant_id":"ada","attributes":{"a":1e400}}')
    run("participants", "create", "ada", "--attr", "plan=premium")

    for arguments, message in [
        (["create", "ada", "--attributes", "@bad.json"], "--attributes has NaN, which is no JSON"),
        (["update", "ada", "--attributes", "@bad.json"], "--attributes has NaN, which is no JSON"),
        (["update", "ada", "--attr", "a:=NaN"], "--attr a has NaN, which is no JSON number"),
        (["create", "--input", "body.json"], "the body has the number 1e400, which is too large"),
    ]:
        result = run("participants", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"gamify: {message}")
    assert json.loads(run("participants", "get", "ada").stdout)["attributes"] == {"plan": "premium"}


@pytest.mark.parametrize("good", GOOD_ATTRIBUTES)
def test_attributes_come_back_as_they_went_in(good: str, call: Run) -> None:
    call("participants", "create", "ada", "--attributes", good)

    back = json.loads(call("participants", "get", "ada", "--json").stdout)["attributes"]

    assert json.dumps(back) == json.dumps(json.loads(good))


def test_a_merge_whose_result_is_too_large_is_refused_whole(run: Run) -> None:
    half = "x" * 40_000
    run("participants", "create", "ada", "--attr", f"a={half}")

    result = run("participants", "update", "ada", "--attr", f"b={half}")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "attributes is 80,015 bytes long; at most 65,536 are kept" in result.stderr
    assert list(json.loads(run("participants", "get", "ada").stdout)["attributes"]) == ["a"]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--display-name", "x" * 256, "display_name has at most 255 characters, this one 256"),
        ("--display-name", "a\udcff", "display_name is not valid Unicode text"),
        ("--avatar-url", "ftp://h/x", 'must be an absolute http or https URL, not "ftp://h/x"'),
        ("--avatar-url", "/x.png", 'must be an absolute http or https URL, not "/x.png"'),
        ("--avatar-url", "http://", 'must be an absolute http or https URL, not "http://"'),
        ("--avatar-url", "http://[::1", "must be an absolute http or https URL"),
        ("--avatar-url", "http://h/a b", "must be an absolute http or https URL"),
        ("--avatar-url", "https://h/" + "x" * 491, "avatar_url has at most 500 characters"),
        ("--attr", "plan", '--attr "plan" is no assignment'),
        ("--attr", "=x", '--attr "=x" is no assignment'),
        ("--attr", "n:=five", "--attr n is not JSON"),
        ("--attributes", "@nowhere.json", "cannot read nowhere.json: No such file or directory"),
        ("--input", "nowhere.json", "cannot read nowhere.json: No such file or directory"),
        ("--input", ".", "cannot read .: Is a directory"),
        ("--idempotency-key", "a b", "an idempotency key has 1 to 255 of the characters"),
        ("--idempotency-key", "k" * 256, "an idempotency key has 1 to 255 of the characters"),
        ("--timeout", "soon", '--timeout "soon" is not a number of seconds'),
        ("--timeout", "nan", '--timeout "nan" is not a number of seconds'),
    ],
)
def test_a_bad_value_is_refused(
    option: str, value: str, message: str, call: Run, place: Place
) -> None:
    result = call("participants", "create", "ada", option, value)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert place.is_untouched


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "the body is not JSON: Expecting value at line 1 column 1"),
        ("[]", "the body must be a JSON object"),
        ("{}", 'the body lacks "participant_id"'),
        ('{"participant_id": 5}', "participant_id must be text"),
        ('{"participant_id": "a", "display_name": true}', "display_name must be text"),
        ('{"participant_id": "a", "attributes": []}', "attributes must be a JSON object"),
        ('{"participant_id": "a", "name": "x"}', 'unknown field "name" in the body'),
        ('{"participant_id": ".."}', '".." cannot be a participant id'),
        (
            '{"participant_id": "a", "display_name": "\\u0000"}',
            "must not hold the character U+0000",
        ),
        (b'{"participant_id": "\xff"}', "the body is not UTF-8 (byte 20)"),
        ("x" * (1024 * 1024 + 1), "stdin is longer than a body may be (1,048,576 bytes)"),
    ],
)
def test_a_bad_body_is_refused(body: str | bytes, message: str, call: Run, place: Place) -> None:
    result = call("participants", "create", "--input", "-", stdin=body)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert place.is_untouched


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["create"], "ID is missing"),
        (["create", "-"], "create takes one id, and - is many"),
        (["create", "ada", "bob"], 'unexpected argument "bob"'),
        (["create", "ada", "--attr", "a=1", "--attr", "a=2"], '--attr gives "a" twice'),
        (["create", "ada", "--input", "-", "--attr", "a=1"], "--input is the whole body"),
        (["update", "ada"], "nothing to update"),
        (["update", "ada", "--input", "-"], "nothing to update"),
        (["update", "ada", "--attr", "a=1", "--unset-attr", "a"], "--attr and --unset-attr both"),
        (["update", "ada", "--clear", "name"], '--clear "name" is none of display-name'),
        (["update", "ada", "--clear", "avatar-url", "--avatar-url", "http://h"], "contradicts"),
        (["update", "-", "--input", "-"], "stdin cannot hold both the ids and the body"),
        (["get", "-", "-"], "- (ids on stdin) may be given once"),
        (["list", "--limit", "0"], "--limit must be at least 1, not 0"),
        (["list", "--limit", "5", "--all"], "--limit and --all exclude each other"),
        (["list", "--where", "balance"], '--where "balance" is no test'),
        (["list", "--after", "bad"], '"bad" is not a cursor of this list'),
        (["list", "--seen-before", "soon"], '"soon" is not a time'),
        (["history", "ada", "--since", "2026-02-30"], '"2026-02-30" is not a time'),
        (["history", "ada", "-o", "ids"], "this command has no ids to print"),
        (["get", "ada", "--fields", ""], "--fields has an empty name"),
        (["get", "ada", "--json", "-o", "csv"], "--json contradicts --output csv"),
    ],
)
def test_a_contradictory_line_is_refused(arguments: list[str], message: str, call: Run) -> None:
    result = call("participants", *arguments, stdin="{}")

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["participant", "get", "ada"], "did you mean participants?"),
        (["participants", "updat", "ada"], "did you mean update?"),
        (["participants", "get", "ada", "--outptu", "json"], "did you mean --output?"),
        (["participants", "get", "ada", "-o", "jsno"], "did you mean json?"),
        (["participants", "get", "ada", "--color", "alwys"], "did you mean always?"),
        (
            ["participants", "get", "ada", "--fields", "poins.balance"],
            "did you mean points.balance?",
        ),
        (["participants", "state", "ada", "--include", "bagdes"], "did you mean badges?"),
        (["participants", "list", "--sort", "-balanc"], "did you mean balance?"),
        (["participants", "list", "--where", "balanc>1"], "did you mean balance?"),
        (["participants", "history", "ada", "--type", "registred"], "did you mean registered?"),
    ],
)
def test_a_typo_is_met_with_the_nearest_word(arguments: list[str], hint: str, run: Run) -> None:
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == f"  hint: {hint}"


def test_a_byte_order_mark_before_json_is_no_part_of_it(call: Run) -> None:
    body, event = '{"participant_id":"ada"}', '{"participant_id":"ada","event_name":"login"}'

    created = call("participants", "create", "--input", "-", "-o", "ids", stdin=f"\ufeff{body}")
    imported = call("events", "import", "-", stdin=f"\ufeff{event}\n{event}\n")

    assert (created.exit_code, created.stdout) == (0, "ada\n")
    assert imported.exit_code == 0


def test_an_unknown_participant_is_named_with_the_place(run: Run, place: Place) -> None:
    lines = [["get"], ["state"], ["exists"], ["history"], ["update", "--attr", "a=1"]]
    message = 'gamify: participant "user_9" not found in profile local\n'
    for verb, *more in lines:
        result = run("participants", verb, "user_9", *more)
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr.startswith(message)
    assert place.is_untouched

    run("participants", "create", "ada")

    for verb, *more in lines:
        assert run("participants", verb, "user_9", *more).stderr == message


def test_what_is_no_store_is_named_and_left_alone(run: Run, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not a database, but mine\n")

    result = run("participants", "create", "ada", "--store", str(notes))

    assert (result.exit_code, result.stdout) == (8, "")
    assert result.stderr == f"gamify: {notes} is not a gamify store\n  hint: it was left as it is\n"
    assert notes.read_text() == "not a database, but mine\n"
