"""The API keys of a store: shown once, kept as a hash, ended by id."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Run

from gamify_cli.backend import KeyRecord
from gamify_cli.domain import instants, keys
from gamify_cli.store.local import LocalStore

NOW = instants.parse("2026-02-14T10:00:00Z", 0)


def create(run: Run, *arguments: str) -> dict[str, Any]:
    created = run("keys", "create", *arguments)
    assert created.exit_code == 0, created.stderr
    body: dict[str, Any] = json.loads(created.stdout)
    return body


def rows(place: Place, table: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(place.store)) as store:
        return store.execute(f"SELECT * FROM {table}").fetchall()


def found(place: Place, key: str) -> KeyRecord | None:
    store = LocalStore.open(place.store, timeout=5)
    try:
        return store.keys.find(keys.fingerprint(key))
    finally:
        store.close()


def test_a_new_key_is_shown_once_with_what_it_may_do(run: Run) -> None:
    result = run("keys", "create", "--name", "web shop")

    body = json.loads(result.stdout)
    assert re.fullmatch(r"bq_live_[0-9a-f]{32}", body.pop("key"))
    key_id = body.pop("key_id")
    assert re.fullmatch(r"key_[0-9a-f]{12}", key_id)
    assert body == {
        "name": "web shop",
        "scope": "participant",
        "rate_limit": 1000,
        "status": "active",
        "created_at": "2026-02-14T10:00:00Z",
        "expires_at": None,
        "revoked_at": None,
    }
    assert (result.exit_code, result.stderr) == (
        0,
        f"created {key_id}\nthe key is shown only now\n",
    )


@pytest.mark.parametrize("output", ["table", "json", "jsonl", "csv", "tsv"])
def test_every_format_has_the_key_and_no_later_answer_has(output: str, call: Run) -> None:
    made = call("keys", "create", "-o", output)

    key = re.search(r"bq_live_[0-9a-f]{32}", made.stdout)
    assert key
    listed = call("keys", "list")
    again = call("keys", "revoke", json.loads(listed.stdout)[0]["key_id"])
    assert key[0] not in made.stderr + listed.stdout + again.stdout + again.stderr


def test_a_store_keeps_the_hash_alone(call: Run, place: Place) -> None:
    key = create(call, "--idempotency-key", "k1")["key"]

    random = key.removeprefix("bq_live_")
    kept = "".join(path.read_bytes().decode("latin-1") for path in place.store.parent.iterdir())
    assert random not in kept
    assert hashlib.sha256(key.encode()).hexdigest() in kept


def test_an_operation_is_kept_for_each_change_and_only_then(call: Run, place: Place) -> None:
    first, second = create(call)["key_id"], create(call, "--test")["key_id"]
    call("keys", "revoke", first, second, "--yes")
    call("keys", "revoke", first)
    call("keys", "create", "--dry-run")

    assert [row[1] for row in rows(place, "operations")] == [
        "gamify keys create",
        "gamify keys create --test",
        f"gamify keys revoke {first} {second} --yes",
    ]


def test_a_key_is_found_by_its_hash_with_its_limits(call: Run, place: Place) -> None:
    body = create(
        call,
        *("--test", "--name", "ops", "--scope", "admin"),
        *("--expires", "2027-01-01", "--rate-limit", "none"),
    )

    assert body["key"].startswith("bq_test_")
    assert found(place, body["key"]) == KeyRecord(
        key_id=body["key_id"],
        name="ops",
        scope="admin",
        rate_limit=None,
        created_at=NOW,
        expires_at=instants.parse("2027-01-01", 0),
        revoked_at=None,
        hash=hashlib.sha256(body["key"].encode()).hexdigest(),
    )
    assert found(place, body["key"] + "0") is None
    assert found(place, "\udcff") is None


def test_no_limit_and_the_default_one_are_told_apart(call: Run, place: Place) -> None:
    limits = [create(call, *more) for more in ([], ["--rate-limit", "none"], ["--rate-limit", "5"])]

    assert [body["rate_limit"] for body in limits] == [1000, None, 5]
    records = [found(place, body["key"]) for body in limits]
    assert [record and record.rate_limit for record in records] == [1000, None, 5]


def test_the_list_shows_which_keys_count_newest_first(call: Run, place: Place) -> None:
    revoked = create(call, "--name", "old")["key_id"]
    call("keys", "revoke", revoked)
    create(call, "--name", "brief", "--expires", "2026-02-14T10:00:01Z")
    with closing(sqlite3.connect(place.store)) as store, store:
        store.execute("UPDATE api_keys SET created_at = created_at - 10 WHERE name = 'old'")

    later = {"GAMIFY_TEST_NOW": "2026-02-14T10:00:01Z"}
    listed = [json.loads(call("keys", "list", env=env).stdout) for env in ({}, later)]

    names = [[(key["name"], key["status"]) for key in one] for one in listed]
    assert names == [
        [("brief", "active"), ("old", "revoked")],
        [("brief", "expired"), ("old", "revoked")],
    ]


def test_a_store_without_keys_lists_none(run: Run, place: Place) -> None:
    result = run("keys", "list")

    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert result.stderr == f"there is no store at {place.store} yet\n"


def test_a_key_is_revoked_once(run: Run, place: Place) -> None:
    body = create(run)

    first, again = run("keys", "revoke", body["key_id"]), run("keys", "revoke", body["key_id"])

    assert json.loads(first.stdout)["status"] == "revoked"
    assert first.stderr == f"revoked {body['key_id']}\n"
    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert again.stderr == f"unchanged {body['key_id']}\n"
    record = found(place, body["key"])
    assert record
    assert record.revoked_at == NOW


def test_an_unknown_key_is_told_with_the_nearest(run: Run, place: Place) -> None:
    assert (
        run("keys", "revoke", "key_1").stderr == 'gamify: key "key_1" not found in profile local\n'
    )
    assert not place.store.exists()
    key_id = create(run)["key_id"]

    result = run("keys", "revoke", f"{key_id}0")

    assert (result.exit_code, result.stdout) == (3, "")
    assert f"hint: did you mean {key_id}?" in result.stderr


def test_a_key_given_for_its_id_is_refused_unseen(run: Run, place: Place) -> None:
    body = create(run)
    key, key_id = body["key"], body["key_id"]

    for given in ([key], [key_id, key, "--yes"], ["-"]):
        result = run("keys", "revoke", *given, "--yes", stdin=f"{key}\n")
        assert (result.exit_code, result.stdout) == ((9, "[]\n") if given == ["-"] else (2, ""))
        assert key not in result.stderr
        assert "gamify keys list" in result.stderr
    assert len(rows(place, "operations")) == 1


def test_several_are_counted_first_and_one_that_fails_stops_no_other(call: Run) -> None:
    first, second = create(call)["key_id"], create(call)["key_id"]

    asked = call("keys", "revoke", first, second)
    assert (asked.exit_code, asked.stdout) == (10, "")
    assert "revoke 2 keys needs a confirmation" in asked.stderr

    done = call("keys", "revoke", first, "nope", "-", "--yes", stdin=f"{second}\n")
    assert done.exit_code == 9
    assert [key["status"] for key in json.loads(done.stdout)] == ["revoked", "revoked"]
    assert 'key "nope" not found' in done.stderr


def test_a_dry_run_shows_what_would_be_and_makes_no_key(run: Run, place: Place) -> None:
    made = run("keys", "create", "--name", "ops", "--dry-run")

    assert made.exit_code == 0
    assert (json.loads(made.stdout)["key"], json.loads(made.stdout)["key_id"]) == (None, None)
    assert "dry run: the key would be created; nothing was written" in made.stderr
    assert not place.store.exists()
    key_id = create(run)["key_id"]
    ended = run("keys", "revoke", key_id, "--dry-run")
    assert '  status: "active" → "revoked"' in ended.stderr
    assert [row[-1] for row in rows(place, "api_keys")] == [None]


def test_a_repeat_under_a_key_of_ones_own_makes_no_second_one_and_tells_no_secret(
    run: Run, place: Place
) -> None:
    first = run("keys", "create", "--name", "ops", "--idempotency-key", "once")
    again = run("keys", "create", "--name", "ops", "--idempotency-key", "once")
    other = run("keys", "create", "--name", "web", "--idempotency-key", "once")

    assert json.loads(again.stdout) == json.loads(first.stdout) | {"key": None}
    assert "the key was shown when it was made" in again.stderr
    assert other.exit_code == 5
    assert len(rows(place, "api_keys")) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--expires", "2026-02-14T10:00:00Z"], "a key cannot expire in the past"),
        (["--expires", "30d"], "an age such as 90d lies behind"),
        (["--expires", "soon"], '"soon" is not a time'),
        (["--scope", "admn"], "did you mean admin?"),
        (["--rate-limit", "0"], 'rate limit "0" is neither a number'),
        (["--rate-limit", "1000001"], "is neither a number"),
        (["--rate-limit", "٣"], "is neither a number"),
        (["--name", ""], "must not be empty"),
        (["--name", "x" * 256], "has at most 255 characters"),
        (["--name", "\udcff"], "is not valid Unicode text"),
    ],
)
def test_what_no_key_can_have_is_refused_and_leaves_nothing(
    arguments: list[str], message: str, call: Run, place: Place
) -> None:
    result = call("keys", "create", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert not place.store.exists()


def test_a_server_has_no_keys_to_show(run: Run, place: Place) -> None:
    config = place.home / "config" / "gamify" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[profiles.prod]\nurl = "https://x.example"\n')

    for verb in (["create"], ["list"], ["revoke", "key_1"]):
        result = run("keys", *verb, "-p", "prod")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "profile prod is a server" in result.stderr


def test_a_key_is_made_on_a_protected_profile_only_when_it_is_named(
    call: Run, place: Place, tmp_path: Path
) -> None:
    config = place.home / "config" / "gamify" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[profiles.team]\nstore = "{tmp_path}/t.db"\nprotected = true\n')

    assert call("keys", "create", "-p", "team").exit_code == 10
    assert call("keys", "create", "-p", "team", "--confirm", "team").exit_code == 0
