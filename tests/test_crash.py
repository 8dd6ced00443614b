"""A crash ends with exit code 1 and a report that gives no secret away."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Run

from gamify_cli.render.crash import KEPT
from gamify_cli.store.participants import ParticipantStore

KEY = "bq_live_0123456789abcdef0123456789abcdef"
FAULT = """
from gamify_cli.store.participants import ParticipantStore

def fail(self, participant_id, *args):
    hidden = "value of a local"
    raise ValueError(f"no {participant_id} at https://ops:hunter2@example.com")

ParticipantStore.profiles = fail
"""


@pytest.fixture
def crashing(request: pytest.FixtureRequest, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Gamify with a bug in it, in process and as the executable."""
    place: Place = request.getfixturevalue("place")
    (place.home / "sitecustomize.py").write_text(FAULT)
    sound = ParticipantStore.profiles
    monkeypatch.setattr(ParticipantStore, "profiles", sound)

    def crash(*args: str, env: dict[str, str] | None = None) -> Any:
        if "in process" in request.node.name:
            exec(compile(FAULT, "fault.py", "exec"), {})  # noqa: S102 (the same bug)
        return run(*args, env={"PYTHONPATH": str(place.home), **(env or {})})

    return crash


def reports(place: Place) -> list[Path]:
    return sorted((place.home / ".local" / "state" / "gamify").glob("*"))


def test_a_crash_leaves_a_report_for_its_owner_alone(crashing: Run, place: Place) -> None:
    result = crashing("participants", "get", "ada")

    (report,) = reports(place)
    assert (result.exit_code, result.stdout) == (1, "")
    message, hint = result.stderr.splitlines()
    assert message.startswith("gamify: internal error: ValueError: no ")
    assert message.endswith(f"; a report was written to {report}")
    assert hint == (
        "  hint: this is a bug: look the report over and send it to the maintainers of gamify"
    )
    assert re.fullmatch(r"crash-\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}\.txt", report.name)
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700


def test_a_report_tells_what_ran_and_no_secret(crashing: Run, place: Place) -> None:
    env = {"GAMIFY_API_KEY": "s3cr3t", "GAMIFY_OUTPUT": "jsonl"}
    result = crashing("participants", "get", KEY, "s3cr3t", "https://u:sword@fish/@h/", env=env)

    (report,) = reports(place)
    text = report.read_text()
    assert result.exit_code == 1
    assert "command: gamify participants get bq_live_*** *** https://u:***@h/\n" in text
    assert "variables set: GAMIFY_API_KEY GAMIFY_OUTPUT GAMIFY_TEST_NOW\n" in text
    assert all(f"\n{name}: " in text for name in ("time", "python", "sqlite", "platform"))
    assert "Traceback (most recent call last):" in text
    assert "https://ops:***@example.com" in text
    for secret in (KEY[8:], "s3cr3t", "sword", "fish", "hunter2", "jsonl", "value of a local"):
        assert secret not in text
        assert secret not in result.stderr
    assert json.loads(result.stderr)["error"]["code"] == "internal"


def test_the_newest_reports_stay(crashing: Run, place: Place) -> None:
    crashing("participants", "get", "ada")
    (first,) = reports(place)
    for number in range(KEPT - 1):
        (first.parent / f"crash-20260214T100000.{number:06}Z-00000000.txt").touch()
    (first.parent / "notes.txt").touch()

    crashing("participants", "get", "ada")

    left = [path.name for path in reports(place)]
    assert len(left) == KEPT + 1
    assert first.name in left
    assert "notes.txt" in left
    assert "crash-20260214T100000.000000Z-00000000.txt" not in left


def test_a_report_that_cannot_be_written_is_said_to_be(crashing: Run, place: Place) -> None:
    (place.home / "file").touch()
    state = str(place.home / "file")

    result = crashing("participants", "get", "ada", env={"XDG_STATE_HOME": state})

    assert (result.exit_code, result.stdout) == (1, "")
    message, hint = result.stderr.splitlines()
    assert message.endswith(f"; no report could be written to {state}/gamify: Not a directory")
    assert hint == "  hint: this is a bug: send what --debug shows to the maintainers of gamify"


def test_what_a_user_may_do_wrong_leaves_no_report(run: Run, place: Place) -> None:
    for line in (["points", "awrad"], ["participants", "get", "ada"], ["version", "-o", "xml"]):
        run(*line)

    assert reports(place) == []
