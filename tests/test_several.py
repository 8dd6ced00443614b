"""Several ids: in order, streamed, one that fails does not stop the others."""

from __future__ import annotations

import json
import subprocess

import pytest
from conftest import EXECUTABLE, Place, Run

FAILURES = (
    'gamify: participant "nobody" not found in profile local\n'
    "gamify: a participant id must not be empty\n"
    "gamify: 2 of 4 failed\n"
)


@pytest.fixture(autouse=True)
def people(call: Run) -> None:
    for one in ("ada", "bob", "eve"):
        call("participants", "create", one)


def ids(text: str) -> list[str]:
    return [body["participant_id"] for body in json.loads(text)]


def test_each_answers_in_order_and_failures_go_to_stderr(run: Run) -> None:
    for arguments, stdin, place in [
        (["eve", "nobody", "", "ada"], "", ""),
        (["-"], "eve\nnobody\n\nada\n", "stdin line 3: "),
        (["-"], "eve\nnobody\n\nada", "stdin line 3: "),
        (["eve", "-", "ada"], "nobody\n\n", "stdin line 2: "),
    ]:
        result = run("participants", "get", *arguments, stdin=stdin)
        assert result.exit_code == 9
        assert ids(result.stdout) == ["eve", "ada"]
        assert result.stderr == FAILURES.replace("a participant", f"{place}a participant")


def test_several_without_a_failure_exit_0(run: Run) -> None:
    result = run("participants", "state", "ada", "bob", "--include", "tier", "-o", "jsonl")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        '{"participant_id":"ada","tier":null}\n{"participant_id":"bob","tier":null}\n'
    )


def test_stdin_asks_for_many_even_if_it_holds_one_or_none(run: Run) -> None:
    assert ids(run("participants", "get", "-", stdin="ada\n").stdout) == ["ada"]
    nothing = run("participants", "get", "-", stdin="")
    assert (nothing.exit_code, nothing.stdout) == (0, "[]\n")
    assert nothing.stderr == "stdin held no ids\n"
    assert run("participants", "get", "-", stdin="nobody\n").exit_code == 9


def test_ids_on_stdin_are_split_on_newlines_alone(run: Run) -> None:
    run("participants", "create", "two words")
    run("participants", "create", "line\u2028separator")

    result = run(
        "participants", "get", "-", "-o", "jsonl", stdin="two words\nline\u2028separator\n"
    )
    crlf = run("participants", "get", "-", stdin="ada\r\n")

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2
    assert crlf.exit_code == 9
    assert 'participant id "ada\\r" holds the control character U+000D' in crlf.stderr
    assert "strip the carriage returns: tr -d '\\r'" in crlf.stderr


def test_a_byte_order_mark_before_ids_is_refused_and_nothing_is_done(run: Run) -> None:
    result = run("points", "award", "-", "5", "--yes", stdin=b"\xef\xbb\xbfada\nbob\n")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "stdin begins with a byte order mark (U+FEFF), which is no part of" in result.stderr
    assert r"strip it: sed '1s/^\xEF\xBB\xBF//'" in result.stderr
    assert run("points", "balance", "bob", "--jq", ".balance").stdout == "0\n"
    assert ids(run("participants", "list").stdout) == ["ada", "bob", "eve"]


def test_bytes_on_stdin_that_are_no_id_fail_alone(run: Run) -> None:
    result = run("participants", "get", "-", stdin=b"ada\n\xff\xfe\nbob\n")

    assert result.exit_code == 9
    assert ids(result.stdout) == ["ada", "bob"]
    assert 'participant id "\\udcff\\udcfe" is not UTF-8' in result.stderr


def test_a_line_without_an_end_is_refused_in_bounded_memory(run: Run) -> None:
    result = run("participants", "get", "-", stdin="x" * 1_000_000)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "far too long to be an id" in result.stderr


def test_errors_are_json_lines_where_json_was_asked_for(run: Run) -> None:
    result = run("participants", "get", "ada", "nobody", "--json")

    errors = [json.loads(line)["error"] for line in result.stderr.splitlines()]
    assert [(error["code"], error["exit"]) for error in errors] == [
        ("not_found", 3),
        ("partial", 9),
    ]
    assert ids(result.stdout) == ["ada"]


def test_an_update_of_several_changes_each_and_says_so(run: Run) -> None:
    result = run("participants", "update", "ada", "nobody", "bob", "--attr", "a=1", "--yes")

    assert result.exit_code == 9
    assert ids(result.stdout) == ["ada", "bob"]
    target, _, told = result.stderr.partition("\n")
    assert target.startswith("update 3 participants in profile local (")
    assert told == (
        "updated ada\n"
        'gamify: participant "nobody" not found in profile local\n'
        "updated bob\n"
        "gamify: 1 of 3 failed\n"
    )


def test_several_changes_of_one_command_share_its_operation(run: Run) -> None:
    run("participants", "update", "-", "--attr", "a=1", "--yes", stdin="ada\nbob\n")

    facts = [json.loads(run("participants", "history", one).stdout)[0] for one in ("ada", "bob")]

    assert facts[0]["operation"] == facts[1]["operation"]
    assert facts[0]["command"] == "gamify participants update - --attr a=1 --yes"
    assert facts[0]["actor"] == facts[1]["actor"] != ""


def test_a_key_for_several_is_one_for_each_item(run: Run) -> None:
    line = ["participants", "update", "ada", "bob", "--attr", "a=1", "--idempotency-key", "K", "-y"]

    first, again = run(*line), run(*line)

    assert again.stdout == first.stdout
    assert again.stderr.splitlines()[1:] == [
        "replayed ada: this key was answered before",
        "replayed bob: this key was answered before",
    ]


def test_ids_flow_from_a_list_into_a_write(run: Run) -> None:
    listed = run("participants", "list", "-o", "ids").stdout

    result = run("participants", "deactivate", "-", "--yes", "-o", "ids", stdin=listed)

    assert (result.exit_code, result.stdout) == (0, listed)
    assert run("participants", "list", "--inactive", "--count").stdout == "3\n"


def test_ids_in_a_pipe_are_the_very_ids(run: Run) -> None:
    run("participants", "create", "x\u202ey")
    run("participants", "create", "x\\u202ey")

    listed = run("participants", "list", "--q", "x", "-o", "ids").stdout
    result = run("participants", "get", "-", "-o", "ids", stdin=listed)

    assert listed == "x\\u202ey\nx\u202ey\n"
    assert (result.exit_code, result.stdout) == (0, listed)


def test_a_key_too_long_for_items_is_refused_before_the_first(run: Run) -> None:
    key = ["--idempotency-key", "k" * 254]

    result = run("participants", "update", "ada", "bob", "--attr", "a=1", "--yes", *key)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[1].startswith("gamify: an idempotency key has")


def test_json_of_several_has_whole_lines_alone(run: Run) -> None:
    lines = run("participants", "get", "ada", "bob", "--fields", "participant_id").stdout

    assert lines == '[{"participant_id":"ada"}\n,{"participant_id":"bob"}\n]\n'


def test_a_batch_that_the_store_stops_tells_how_far_it_came(place: Place) -> None:
    child = subprocess.Popen(
        [EXECUTABLE, "participants", "update", "-", "-y", "--attr", "a=1", "-o", "ids"],
        env=place.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdin
    assert child.stdout
    child.stdin.write("ada\n")
    child.stdin.flush()
    assert child.stdout.readline() == "ada\n"
    place.store.rename(place.store.with_suffix(".old"))

    out, errors = child.communicate("bob\n")

    assert (child.returncode, out) == (8, "")
    assert "was removed or replaced while it was in use (1 done, 0 failed)" in errors
    assert not place.store.exists()


@pytest.mark.parametrize("verb", ["exists", "history"])
def test_what_takes_one_id_refuses_stdin(verb: str, run: Run) -> None:
    result = run("participants", verb, "-", stdin="ada\n")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "gamify: this command takes one id, and - stands for many\n"
