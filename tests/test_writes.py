"""Changes: what is replaced, merged, refused, rehearsed and answered again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import NOW, Place, Run


@pytest.fixture(autouse=True)
def ada(call: Run) -> None:
    options = ["--avatar-url", "https://example.com/a.png", "--attributes", '{"b":1,"a":{"x":1}}']
    call("participants", "create", "ada", "--display-name", "Ada", *options)


def profile(run: Run, one: str = "ada") -> dict[str, Any]:
    body: dict[str, Any] = json.loads(run("participants", "get", one).stdout)
    return body


def facts(run: Run, one: str = "ada") -> list[tuple[str, dict[str, Any]]]:
    history = json.loads(run("participants", "history", one).stdout)
    return [(fact["kind"], fact["data"]) for fact in reversed(history)]


def test_create_replaces_what_it_is_given_and_keeps_the_rest(run: Run) -> None:
    result = run("participants", "create", "ada", "--attr", "c=2")

    assert result.stderr == "updated ada\n"
    after = profile(run)
    assert after["attributes"] == {"c": "2"}
    assert (after["display_name"], after["avatar_url"]) == ("Ada", "https://example.com/a.png")


def test_null_clears_in_a_body(run: Run) -> None:
    body = '{"participant_id":"ada","display_name":null,"attributes":null}'

    run("participants", "create", "--input", "-", stdin=body)

    after = profile(run)
    assert (after["display_name"], after["attributes"]) == (None, {})
    assert after["avatar_url"] == "https://example.com/a.png"


@pytest.mark.parametrize(
    ("options", "attributes"),
    [
        (["--attr", "c=2"], '{"b":1,"a":{"x":1},"c":"2"}'),
        (["--attr", "b:=null"], '{"a":{"x":1}}'),
        (["--unset-attr", "b"], '{"a":{"x":1}}'),
        (["--attributes", '{"a":{"y":2,"x":null}}'], '{"b":1,"a":{"y":2}}'),
        (["--attributes", '{"a":[null]}'], '{"b":1,"a":[null]}'),
        (["--attributes", '{"d":{"e":null,"f":1}}'], '{"b":1,"a":{"x":1},"d":{"f":1}}'),
        (["--attributes", '{"b":2}', "--attr", "c:=true"], '{"b":2,"a":{"x":1},"c":true}'),
        (["--attr", "a=:=x"], '{"b":1,"a":":=x"}'),
        (["--attr", "url=http://h?a=b"], '{"b":1,"a":{"x":1},"url":"http://h?a=b"}'),
        (["--clear", "attributes"], "{}"),
    ],
)
def test_update_merges_attributes(options: list[str], attributes: str, call: Run) -> None:
    assert call("participants", "update", "ada", *options).exit_code == 0

    back = call("participants", "get", "ada", "--fields", "attributes", "-o", "jsonl").stdout
    assert back == f'{{"attributes":{attributes}}}\n'


def test_clear_empties_a_field(run: Run) -> None:
    run("participants", "update", "ada", "--clear", "display-name", "--clear", "avatar-url")

    assert (profile(run)["display_name"], profile(run)["avatar_url"]) == (None, None)


def test_the_journal_holds_what_was_meant(run: Run) -> None:
    run("participants", "update", "ada", "--attr", "b=2", "--display-name", "Ada")
    run("participants", "update", "ada", "--attr", "b=2")
    run("participants", "deactivate", "ada", "--yes")
    run("participants", "deactivate", "ada", "--yes")
    run("participants", "activate", "ada")

    assert facts(run) == [
        (
            "registered",
            {
                "display_name": "Ada",
                "avatar_url": "https://example.com/a.png",
                "attributes": {"b": 1, "a": {"x": 1}},
            },
        ),
        ("profile_changed", {"attributes_patch": {"b": "2"}}),
        ("deactivated", {}),
        ("activated", {}),
    ]


def test_an_inactive_participant_is_read_and_edited(run: Run) -> None:
    result = run("participants", "deactivate", "ada", "--yes")

    assert (result.exit_code, result.stderr.splitlines()[1:]) == (0, ["deactivated ada"])
    assert profile(run)["is_active"] is False
    assert run("participants", "update", "ada", "--attr", "a=1").exit_code == 0
    again = run("participants", "deactivate", "ada", "--yes")
    assert again.stderr.splitlines()[1:] == ["unchanged ada"]


def test_if_not_exists_refuses_a_known_one(run: Run) -> None:
    known = run("participants", "create", "ada", "--if-not-exists", "--display-name", "Eve")
    new = run("participants", "create", "bob", "--if-not-exists")

    assert (known.exit_code, known.stdout) == (5, "")
    assert known.stderr == 'gamify: participant "ada" exists already\n'
    assert profile(run)["display_name"] == "Ada"
    assert (new.exit_code, new.stderr) == (0, "created bob\n")


def test_if_match_refuses_another_version(run: Run) -> None:
    match = run("participants", "update", "ada", "--attr", "a=1", "--if-match", "1")
    stale = run("participants", "update", "ada", "--attr", "a=2", "--if-match", "1")

    assert match.exit_code == 0
    assert (stale.exit_code, stale.stdout) == (5, "")
    assert stale.stderr.startswith('gamify: participant "ada" is at version 2, not 1\n')
    assert profile(run)["attributes"]["a"] == "1"


@pytest.mark.parametrize(
    "line",
    [
        ["create", "bob", "--attr", "a=1"],
        ["create", "ada"],
        ["update", "ada", "--attr", "a=1"],
        ["deactivate", "ada", "--yes"],
    ],
)
def test_a_key_answers_the_same_request_byte_for_byte(line: list[str], run: Run) -> None:
    first = run("participants", *line, "--idempotency-key", "K:1")
    run("participants", "update", "ada", "--attr", "later=1")

    again = run("participants", *line, "--idempotency-key", "K:1")

    assert (again.exit_code, again.stdout) == (0, first.stdout)
    *target, told = again.stderr.splitlines()
    assert told == f"replayed {line[1]}: this key was answered before"
    assert len(target) == ("--yes" in line)


def test_a_key_refuses_another_request(run: Run) -> None:
    run("participants", "update", "ada", "--attributes", '{"p":1,"q":2}', "--idempotency-key", "K")
    same = ["--attributes", '{"q":2,"p":1}']

    assert run("participants", "update", "ada", *same, "--idempotency-key", "K").exit_code == 0
    other = run("participants", "update", "ada", "--attr", "p=1", "--idempotency-key", "K")

    assert (other.exit_code, other.stdout) == (5, "")
    assert 'idempotency key "K" was used for another update of participant "ada"' in other.stderr
    for line in (["create", "ada"], ["update", "bob", "--attr", "p=1"]):
        run("participants", "create", "bob")
        assert run("participants", *line, "--idempotency-key", "K").exit_code == 0


def test_a_refusal_is_not_kept_under_its_key(run: Run) -> None:
    line = ["participants", "update", "bob", "--attr", "a=1", "--idempotency-key", "K"]

    assert run(*line).exit_code == 3
    run("participants", "create", "bob")

    assert run(*line).exit_code == 0


@pytest.mark.parametrize(
    ("line", "code", "stderr"),
    [
        (
            ["create", "bob", "--display-name", "Bob"],
            0,
            ["dry run: bob would be created; nothing was written", '  display_name: null → "Bob"'],
        ),
        (["create", "ada"], 0, ["dry run: ada would stay as it is; nothing was written"]),
        (
            ["update", "ada", "--attr", "b=2", "--clear", "avatar-url"],
            0,
            [
                "dry run: ada would be updated; nothing was written",
                '  avatar_url: "https://example.com/a.png" → null',
                '  attributes.b: 1 → "2"',
            ],
        ),
        (
            ["deactivate", "ada"],
            0,
            [
                "dry run: ada would be deactivated; nothing was written",
                "  is_active: true → false",
            ],
        ),
        (["create", "ada", "--if-not-exists"], 5, ['gamify: participant "ada" exists already']),
        (
            ["update", "bob", "--attr", "a=1"],
            3,
            ['gamify: participant "bob" not found in profile local'],
        ),
    ],
)
def test_a_dry_run_shows_the_change_and_writes_nothing(
    line: list[str], code: int, stderr: list[str], run: Run, place: Place
) -> None:
    before = place.store.read_bytes()

    result = run("participants", *line, "--dry-run")

    assert result.exit_code == code
    lines = result.stderr.splitlines()
    assert lines[0] == stderr[0]
    assert set(stderr) <= set(lines)
    assert place.store.read_bytes() == before
    real = run("participants", *line, "--yes")
    assert (real.exit_code, real.stdout) == (code, result.stdout)


def test_a_dry_run_makes_no_store(run: Run, place: Place) -> None:
    elsewhere = place.home / "new.db"

    result = run("participants", "create", "ada", "-n", "--store", str(elsewhere))

    assert result.exit_code == 0
    assert not elsewhere.exists()


def test_a_refused_write_makes_no_store(run: Run, place: Place) -> None:
    elsewhere = place.home / "new.db"

    result = run("participants", "update", "ada", "--attr", "a=1", "--store", str(elsewhere))

    assert result.exit_code == 3
    assert not elsewhere.exists()


def test_history_pages_and_filters(run: Run) -> None:
    for number in range(5):
        run("participants", "update", "ada", "--attr", f"n:={number}")

    newest = run("participants", "history", "ada", "--limit", "2")
    older = run("participants", "history", "ada", "--limit", "2", "--before", "5")
    registered = run("participants", "history", "ada", "--type", "registered")
    future = run("participants", "history", "ada", "--since", "2026-02-14T10:00:01Z")
    second = run("participants", "history", "ada", "--until", NOW, "--all", "-o", "jsonl")

    assert [fact["number"] for fact in json.loads(newest.stdout)] == [6, 5]
    assert newest.stderr == "more follow: add --before 5, or --all\n"
    assert [fact["number"] for fact in json.loads(older.stdout)] == [4, 3]
    assert [fact["number"] for fact in json.loads(registered.stdout)] == [1]
    assert json.loads(future.stdout) == []
    assert len(second.stdout.splitlines()) == 6
    assert list(json.loads(registered.stdout)[0]) == [
        "number",
        "kind",
        "data",
        "occurred_at",
        "recorded_at",
        "cause",
        "operation",
        "command",
        "actor",
    ]


def test_exists_answers_by_its_exit_code(run: Run) -> None:
    known, unknown = run("participants", "exists", "ada"), run("participants", "exists", "bob")

    assert (known.exit_code, known.stdout, known.stderr) == (0, "", "")
    assert (unknown.exit_code, unknown.stdout) == (3, "")
    assert unknown.stderr == 'gamify: participant "bob" not found in profile local\n'
