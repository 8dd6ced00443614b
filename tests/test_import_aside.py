"""Long files, which a process of its own reads, are imported as short ones are."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import EXECUTABLE, Place, Run

from gamify_cli.commands.imports import aside

ROWS = 42_000
ODD = {
    3: "no JSON",
    5: "",
    7: '{"participant_id":"u000001","display_name":null,"attributes":null}',
    11: '{"participant_id":"u000002","points":{"balance":5},"display_name":"again"}',
    13: '{"participant_id":"bad","display_name":5}',
    41_001: '{"participant_id":"u000001","attributes":{"a":[1.5,"é\\n"]}}',
    41_003: '{"participant_id":"late","attributes":{"a":1,"a":2}}',
}
"""What stands in some lines, by their numbers."""


def long_file(place: Place) -> Path:
    """A file of which most lines are plain."""
    person = (
        '{{"participant_id":"u{n:06}","display_name":"Zoë {n}","attributes":{{"team":"{n:070}"}}}}'
    )
    lines = (ODD.get(n, person.format(n=n)) for n in range(1, ROWS + 1))
    file = place.home / "people.jsonl"
    file.write_text("".join(line + "\n" for line in lines))
    return file


def imported(
    place: Place, source: str, store: str, **more: Any
) -> subprocess.CompletedProcess[str]:
    line = [
        EXECUTABLE,
        "participants",
        "import",
        source,
        "--store",
        store,
        "--results",
        f"{store}.jsonl",
    ]
    streams: dict[str, Any] = {"capture_output": True, "text": True}
    return subprocess.run(line, env=place.env, cwd=place.home, check=False, **streams, **more)


def test_a_long_file_is_imported_as_its_rows_in_a_stream_are(place: Place, call: Run) -> None:
    file = long_file(place)

    ours = imported(place, file.name, "file.db")
    with file.open() as lines:
        other = imported(place, "-", "stream.db", stdin=lines)

    assert (ours.returncode, ours.stderr) == (other.returncode, other.stderr) == (9, ours.stderr)
    told = [json.loads(one.stdout) for one in (ours, other)]
    assert [(one["created"], one["updated"], one["failed"]) for one in told] == [(41_993, 3, 3)] * 2
    results = [(place.home / f"{store}.db.jsonl").read_text() for store in ("file", "stream")]
    assert results[0] == results[1]
    export = ["participants", "export", "--store"]
    assert call(*export, "file.db").stdout == call(*export, "stream.db").stdout


@pytest.mark.skipif(not aside.is_possible(), reason="needs two processors and Linux")
def test_an_import_whose_reader_was_killed_is_resumed(place: Place) -> None:
    file = long_file(place)
    os.mkfifo(place.home / "pipe")
    line = [EXECUTABLE, "participants", "import", file.name, "--store", "file.db"]
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    held = [*line, "--results", "pipe"]
    with subprocess.Popen(held, env=place.env, cwd=place.home, **streams) as process:
        with (place.home / "pipe").open("rb") as reader:
            # It waits here, with the first group recorded and told in part.
            reader.read(1)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            os.kill(int(children), signal.SIGKILL)
            reader.read()
        stdout, stderr = process.communicate()
    rest = subprocess.run(
        [*line, "--resume"], env=place.env, cwd=place.home, check=False, **streams
    )

    assert (process.returncode, stdout) == (7, "")
    assert re.search(r"gamify: the process beside this one was killed \([1-9]", stderr)
    assert stderr.endswith("  hint: the same command with --resume goes on from there\n")
    second = json.loads(rest.stdout)
    assert (rest.returncode, second["complete"]) == (9, True)
    assert 0 < second["created"] < 41_993
