"""Events imported from a file: a result a line, bad ones apart, nothing lost or twice."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from typing import Any

import pytest
from conftest import EXECUTABLE, NOW, Place, Run

from gamify_cli.errors import Unavailable
from gamify_cli.store import batches

PROGRAM = """
name = "import"
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
rules = [
    { code = "login", event = "login", points = 5, streak = "daily", limit = { per = "day" } },
    { code = "buy", event = "buy", points = { property = "total.amount", rounding = "up" } },
]
"""


@pytest.fixture(autouse=True)
def program(call: Run, place: Place) -> None:
    (place.home / "program.toml").write_text(PROGRAM, "utf-8")
    assert call("program", "apply", "program.toml").exit_code == 0


def lines(*events: Any) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def event(participant_id: str, event_name: str = "login", **more: Any) -> dict[str, Any]:
    return {"participant_id": participant_id, "event_name": event_name, **more}


def imported(call: Run, text: str | bytes, *line: str, exit_code: int = 0) -> dict[str, Any]:
    """The summary of an import from stdin."""
    result = call("events", "import", "-", *line, stdin=text)
    assert result.exit_code == exit_code, result.stderr
    shown: dict[str, Any] = json.loads(result.stdout)
    return shown


def results(
    call: Run, place: Place, text: str | bytes, *line: str, exit_code: int = 0
) -> list[dict[str, Any]]:
    """What came of each line."""
    imported(call, text, "--results", "results.jsonl", *line, exit_code=exit_code)
    return [json.loads(one) for one in (place.home / "results.jsonl").read_text().splitlines()]


def query(place: Place, text: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(place.store)) as connection:
        return connection.execute(text).fetchall()


def test_each_line_has_its_result(run: Run, place: Place) -> None:
    (place.home / "events.jsonl").write_text(
        lines(event("ada"), event("bob", properties=None, timestamp="2026-02-13T00:00:00Z"))
    )

    result = run("events", "import", "events.jsonl", "--results", "results.jsonl")

    summary = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert {name: summary[name] for name in ("lines", "created", "unchanged", "failed")} == {
        "lines": 2,
        "created": 2,
        "unchanged": 0,
        "failed": 0,
    }
    assert summary["complete"] is True
    shown = [json.loads(one) for one in (place.home / "results.jsonl").read_text().splitlines()]
    assert [list(one) for one in shown] == [["line", "id", "outcome", "event_id", "error"]] * 2
    assert [(one["line"], one["id"], one["outcome"]) for one in shown] == [
        (1, "ada", "created"),
        (2, "bob", "created"),
    ]
    assert [row["id"] for row in json.loads(run("events", "list", "bob").stdout)] == [
        shown[1]["event_id"]
    ]


def test_events_of_a_group_see_each_other(call: Run) -> None:
    imported(call, lines(*[event("ada")] * 3, event("ada", "buy", properties={"total": {}})))

    profile = json.loads(call("participants", "get", "ada").stdout)
    assert (profile["total_events"], profile["points"]["balance"]) == (4, 5)


def test_an_import_writes_what_single_events_write(call: Run, place: Place) -> None:
    every = [("ada", "login", "2026-02-12"), ("ada", "login", "2026-02-13"), ("bob", "other", NOW)]
    imported(call, lines(*(event(one, name, timestamp=at) for one, name, at in every)))
    once = query(place, "SELECT kind, data, occurred_at, cause FROM journal ORDER BY 1, 2")
    rows = query(place, "SELECT * FROM participants ORDER BY 1")
    place.store.unlink()
    call("program", "apply", "program.toml")

    for one, name, at in every:
        call("events", "record", one, name, "--timestamp", at)

    def plain(facts: list[tuple[Any, ...]]) -> list[Any]:
        every = ([kind, {**json.loads(data), "id": 0}, *rest] for kind, data, *rest in facts)
        return sorted(every, key=str)

    again = query(place, "SELECT kind, data, occurred_at, cause FROM journal ORDER BY 1, 2")
    assert plain(once) == plain(again)
    assert rows == query(place, "SELECT * FROM participants ORDER BY 1")


def test_numbers_are_taken_as_they_are_written(call: Run) -> None:
    text = '{"participant_id":"ada","event_name":"buy","properties":{"total":{"amount":%s}}}\n'

    imported(call, text % "2.0000000000000000001" + text % "1.10")

    assert json.loads(call("points", "balance", "ada").stdout)["balance"] == 5


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (b"{", "the line is not JSON"),
        (b"\xff", "the line is not UTF-8 (byte 0)"),
        (b"[]", "the line must be a JSON object"),
        (b'{"event_name":"e"}', 'the line lacks "participant_id"'),
        (b'{"participant_id":"bad"}', 'the line lacks "event_name"'),
        (b'{"participant_id":7,"event_name":"e"}', "participant_id must be text"),
        (b'{"participant_id":"","event_name":"e"}', "a participant id must not be empty"),
        (b'{"participant_id":"\\ud800","event_name":"e"}', "a lone surrogate"),
        (b'{"participant_id":"bad","event_name":null}', "event_name must be text"),
        (b'{"participant_id":"bad","event_name":""}', "an event name must not be empty"),
        (b'{"participant_id":"bad","event_name":"e","propertys":{}}', 'unknown field "propertys"'),
        (b'{"participant_id":"bad","event_name":"e","properties":[]}', "must be a JSON object"),
        (b'{"participant_id":"bad","event_name":"e","properties":{"a":"\\ud800"}}', "surrogate"),
        (b'{"participant_id":"bad","event_name":"e","event_name":"f"}', '"event_name" twice'),
        (b'{"participant_id":"bad","event_name":"e","timestamp":"soon"}', "is not a time"),
        (b'{"participant_id":"bad","event_name":"e","timestamp":"2d"}', "is not a time"),
        (b'{"participant_id":"bad","event_name":"e","timestamp":"2027-01-01"}', "in the future"),
        (b'{"participant_id":"bad","event_name":"e","idempotency_key":"a b"}', "idempotency key"),
        (b'{"participant_id":"idle","event_name":"e"}', "is inactive"),
        (b'{"participant_id":"' + b"x" * 1_100_000 + b'"}', "at most 1,048,576 bytes"),
    ],
)
def test_a_bad_line_never_stops_the_others(
    line: bytes, detail: str, call: Run, place: Place
) -> None:
    call("participants", "create", "idle")
    call("participants", "deactivate", "idle", "--yes")
    good = lines(event("ada")).encode()

    result = call(
        *("events", "import", "-", "--results", "results.jsonl"),
        stdin=good + line + b"\n\n" + good,
    )

    shown = [json.loads(one) for one in (place.home / "results.jsonl").read_text().splitlines()]
    assert result.exit_code == 9
    assert json.loads(result.stdout)["complete"] is True
    assert [(one["line"], one["outcome"]) for one in shown] == [
        (1, "created"),
        (2, "failed"),
        (4, "created"),
    ]
    assert detail in shown[1]["error"]
    assert "line 2: " in result.stderr
    assert "1 of 3 failed" in result.stderr
    assert query(place, "SELECT participant_id FROM participants ORDER BY 1") == [
        ("ada",),
        ("idle",),
    ]


def test_a_file_without_a_good_line_leaves_no_store(call: Run, place: Place) -> None:
    place.store.unlink()

    summary = imported(call, "x\n" + lines(event("ada", "")), exit_code=9)

    assert (summary["lines"], summary["failed"], summary["complete"]) == (2, 2, True)
    assert place.is_untouched


def test_an_empty_file_imports_nothing(call: Run) -> None:
    assert imported(call, "\n \n")["lines"] == 0


@pytest.mark.parametrize("file", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_refused(file: str, run: Run) -> None:
    result = run("events", "import", file)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"cannot read {file}: " in result.stderr


@pytest.mark.parametrize("given", ["in the line", "by option", "by content"])
def test_an_import_is_repeated_without_effect(given: str, call: Run, place: Place) -> None:
    same = event("ada", "x", properties={"b": 1, "a": [2.50]})
    turned = event("ada", "x", properties={"a": [2.5], "b": 1})
    keys = {"idempotency_key": "k.1"} if given == "in the line" else {}
    text = lines(event("ada", **keys), same, turned)
    option = ["--idempotency-key", "k"] if given == "by option" else []

    first = results(call, place, text, *option)
    again = results(call, place, text, *option)

    assert [one["outcome"] for one in first] == ["created"] * 3
    assert [one["outcome"] for one in again] == ["unchanged"] * 3
    assert [one["event_id"] for one in first] == [one["event_id"] for one in again]
    if given != "by content":
        record = ("events", "record", "ada", "login", "--idempotency-key", "k.1")
        assert json.loads(call(*record).stdout)["event_id"] == first[0]["event_id"]
    assert query(place, "SELECT total_events FROM participants") == [(3,)]


def test_an_event_is_known_by_its_content_in_whatever_file(call: Run, place: Place) -> None:
    text = lines(*[event("ada", timestamp="2026-02-12")] * 2, event("bob"))
    imported(call, text)
    (place.home / "events.csv").write_text(
        "participant_id,timestamp,event_name,property.total:int\n"
        + "bob,,login,\n"
        + "ada,2026-02-12T00:00:00Z,login,\n" * 3
        + "ada,2026-02-12,login,7\n"
        + "ada,2026-02-12,login,7.0\n"
    )

    shown = call("events", "import", "events.csv")

    counts = json.loads(shown.stdout)
    assert (counts["created"], counts["unchanged"], counts["failed"]) == (2, 3, 1)
    assert 'line 7: property.total:int must be an integer, not "7.0"' in shown.stderr
    found = query(place, "SELECT total_events FROM participants ORDER BY participant_id")
    assert found == [(4,), (1,)]


def test_a_key_that_comes_twice_in_a_file_counts_once(call: Run, place: Place) -> None:
    same, other = event("ada", idempotency_key="k"), event("ada", "x", idempotency_key="k")

    shown = results(call, place, lines(same, same, other), exit_code=9)

    assert shown[0]["event_id"] == shown[1]["event_id"]
    assert "used for another" in shown[2]["error"]
    assert query(place, "SELECT total_events FROM participants") == [(1,)]


def test_a_dry_run_sees_its_own_events_and_writes_nothing(call: Run, place: Place) -> None:
    text = lines(event("ada", properties={"total": "x" * 600})) * 600

    summary = imported(call, text, "--dry-run")

    assert (summary["created"], summary["operation"]) == (600, None)
    assert query(place, "SELECT count(*) FROM journal") == [(0,)]


def test_an_import_is_one_operation(call: Run, place: Place) -> None:
    imported(call, lines(*(event(f"user_{number % 700}") for number in range(1_500))))

    rows = query(place, "SELECT participants, facts FROM operations WHERE command LIKE '%import%'")
    assert rows == [(700, 700 * 4 + 800)]
    assert query(place, "SELECT sum(version) FROM participants") == [(700 * 4 + 800,)]


def test_a_group_that_is_lost_is_recorded_one_by_one(
    call: Run, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = batches.Batch.save

    def fail(batch: batches.Batch, lines: int, counted: set[str]) -> None:
        save(batch, lines, counted)
        if batch.facts > 4:
            raise Unavailable("the disk is full")

    monkeypatch.setattr(batches.Batch, "save", fail)

    summary = imported(call, lines(event("ada"), event("bob"), event("ada", "x")))

    assert summary["created"] == 3
    assert query(place, "SELECT total_events FROM participants ORDER BY participant_id") == [
        (2,),
        (1,),
    ]
    counted = query(place, "SELECT participants FROM operations WHERE command LIKE '%import%'")
    assert counted == [(2,)]


def test_a_kill_in_the_middle_loses_nothing_that_was_answered(place: Place, call: Run) -> None:
    chance = random.Random(7)
    text = lines(
        *(
            event(f"user_{number % 50}", "x", properties={"note": number // 100})
            for number in range(6_000)
        )
    )
    (place.home / "events.jsonl").write_text(text)
    answered: dict[int, str] = {}
    line = [EXECUTABLE, "events", "import", "events.jsonl", "--results", "results.jsonl"]
    results_file = place.home / "results.jsonl"
    for _ in range(4):
        results_file.unlink(missing_ok=True)
        killed = subprocess.Popen(line, env=place.env, cwd=place.home, stdout=subprocess.PIPE)
        while killed.poll() is None and not (results_file.exists() and results_file.stat().st_size):
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.1))
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        for one in results_file.read_bytes().splitlines(keepends=True):
            if one.endswith(b"\n"):
                body = json.loads(one)
                assert answered.setdefault(body["line"], body["event_id"]) == body["event_id"]

    final = {one["line"]: one["event_id"] for one in results(call, place, text)}

    assert answered
    assert answered.items() <= final.items()
    assert len(set(final.values())) == 6_000
    facts = query(place, "SELECT json_extract(data, '$.id') FROM journal WHERE kind LIKE 'event%'")
    assert sorted(id_ for (id_,) in facts) == sorted(final.values())
    assert query(place, "SELECT sum(total_events) FROM participants") == [(6_000,)]
