"""Imports that are cut short, whenever that is, and go on as if they never had been."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
from contextlib import closing
from typing import Any

import pytest
from conftest import EXECUTABLE, Place, Run

LATER = "2026-03-01T00:00:00Z"
PROGRAM = """
name = "import"
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
rules = [{ code = "login", event = "login", points = 5, streak = "daily" }]
"""
FAULT = "no JSON\n"


FAILED, NOT_FOUND = 9, 3
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def people() -> str:
    url = "https://example.com/" + "so-long-that-another-process-reads-the-file" * 2
    rows = (
        {"participant_id": f"u{n % 25_000:05}", "display_name": f"n{n}", "avatar_url": url}
        for n in range(45_000)
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def logins() -> str:
    """Many of them equal."""
    rows = ({"participant_id": f"u{n * n % 997}", "event_name": "login"} for n in range(14_000))
    return "".join(json.dumps(row) + "\n" for row in rows)


class Runs:
    """Runs of the executable on a store of their own, each after the first with --resume."""

    def __init__(self, place: Place, noun: str, store: str) -> None:
        self._place = place
        self._line = [EXECUTABLE, "--store", store, noun, "import", "input.jsonl"]
        self._store = store
        self._results = place.home / f"{store}.jsonl"
        self._has_begun = False

    def run_for(self, seconds: float | None) -> int:
        """The exit code, if it comes to its end by itself; else it is killed."""
        more = ["--results", self._results.name, *["--resume"] * self._has_begun]
        env = self._place.env | ({"GAMIFY_TEST_NOW": LATER} if self._has_begun else {})
        with subprocess.Popen([*self._line, *more], env=env, cwd=self._place.home, **QUIET) as one:
            try:
                one.wait(seconds)
            except subprocess.TimeoutExpired:
                one.send_signal(signal.SIGKILL)
        # Without a row that was done there is nothing to resume.
        self._has_begun = self._has_begun or self._is_begun()
        return one.returncode

    def _is_begun(self) -> bool:
        with closing(sqlite3.connect(self._place.home / self._store)) as store:
            return bool(store.execute("SELECT 1 FROM participants").fetchone())

    def told(self) -> list[dict[str, Any]]:
        """What its results are."""
        return [json.loads(line) for line in self._results.read_text().splitlines()]

    def shown(self, call: Run) -> str:
        """All that can be read of everybody."""
        shapes = (["--shape", "row"], ["--shape", "profile"])
        lines = (["participants", "export", "--store", self._store, *shape] for shape in shapes)
        return "".join(call(*line).stdout for line in lines)


@pytest.mark.parametrize(("noun", "rows"), [("participants", people()), ("events", logins())])
def test_what_was_killed_at_any_moment_is_completed_as_if_it_had_not_been(
    noun: str, rows: str, place: Place, call: Run
) -> None:
    chance = random.Random(noun)
    (place.home / "input.jsonl").write_text(rows + FAULT + rows[: rows.index("\n", 500) + 1])
    (place.home / "program.toml").write_text(PROGRAM)
    for store in ("whole.db", "cut.db"):
        call("program", "apply", "program.toml", "--store", store)
    whole, cut = Runs(place, noun, "whole.db"), Runs(place, noun, "cut.db")
    assert whole.run_for(None) == FAILED

    exits = [cut.run_for(seconds) for seconds in (chance.uniform(0.2, 1.0) for _ in range(5))]
    exits += [cut.run_for(None)]

    assert exits[-1] in (FAILED, NOT_FOUND)
    assert cut.shown(call) == whole.shown(call)
    ours, expected = cut.told(), whole.told()
    assert [row["line"] for row in ours] == [row["line"] for row in expected]
    for row, other in zip(ours, expected, strict=True):
        assert row["outcome"] in (other["outcome"], None)
        assert (row["id"], row["error"]) == (other["id"], other["error"])
    assert (
        json.loads(call(noun, "import", "input.jsonl", "--store", "cut.db").stdout)["created"] == 0
    )


def test_an_import_goes_on_where_it_was_stopped(call: Run, place: Place) -> None:
    call("participants", "create", "idle")
    call("participants", "deactivate", "idle", "--yes")
    ids = ["ada", "idle", "bob", "ada"]
    text = "".join(json.dumps({"participant_id": one, "event_name": "x"}) + "\n" for one in ids)
    (place.home / "e.jsonl").write_text(text)
    line = ["events", "import", "e.jsonl", "--results", "results.jsonl"]

    stopped = call(*line, "--on-error", "stop")
    call("participants", "activate", "idle")
    resumed = call(*line, "--resume")
    over = call(*line, "--resume")

    first, second = json.loads(stopped.stdout), json.loads(resumed.stdout)
    assert (stopped.exit_code, resumed.exit_code, over.exit_code) == (9, 0, 3)
    assert (first["complete"], first["resumed_at"], first["created"]) == (False, None, 1)
    assert (second["complete"], second["resumed_at"], second["created"]) == (True, 1, 3)
    assert first["operation"] == second["operation"]
    assert resumed.stderr == "going on after line 1\n"
    told = [json.loads(one) for one in (place.home / "results.jsonl").read_text().splitlines()]
    assert [(one["line"], one["outcome"]) for one in told] == [(n, "created") for n in range(1, 5)]


def test_an_import_of_a_file_that_changed_since_is_not_resumed(call: Run, place: Place) -> None:
    file = place.home / "p.jsonl"
    file.write_text('{"participant_id":"ada"}\nx\n{"participant_id":"bob"}\n')

    nothing = call("participants", "import", "p.jsonl", "--resume")
    call("participants", "import", "p.jsonl", "--on-error", "stop")
    other = call("events", "import", "p.jsonl", "--resume")
    file.write_text(file.read_text().replace("x\n", ""))
    changed = call("participants", "import", "p.jsonl", "--resume")
    whole = call("participants", "import", "p.jsonl")

    assert (nothing.exit_code, other.exit_code, changed.exit_code) == (3, 3, 5)
    for one in (nothing, other, changed):
        assert one.stdout == ""
        assert "hint: " in one.stderr
    assert json.loads(whole.stdout)["unchanged"] == 1
