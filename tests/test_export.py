"""Exports: what is in the stream, of which moment, and who may stop it."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from conftest import EXECUTABLE, NOW, Place, Run
from contract import create, rows, write
from hypothesis import given, settings
from hypothesis import strategies as st

from gamify_cli.backend import Exported, ListQuery
from gamify_cli.backend.whole import Backend
from gamify_cli.domain import instants, jsontext, vocabulary
from gamify_cli.render import bulk
from gamify_cli.render.escape import escape_json
from gamify_cli.store.local import LocalStore

DATA = Path(__file__).parent / "data"
AT = instants.parse(NOW, 0)
EVERYONE = ListQuery()
ODD = {"n": 10**30, "f": 1e16, "t": 1e-7, "z": -0.0, "text": "\x7f\u202e\u2028é\ud83d\ude00"}


@pytest.fixture
def people(call: Run) -> None:
    """Five who have something of everything, two of them with points that run out."""
    assert call("program", "apply", str(DATA / "program.toml")).exit_code == 0
    odd = json.dumps(ODD)
    call("participants", "create", "ada", "--display-name", "Ada\x7f Žižková", "--attributes", odd)
    call("points", "award", "ada", "1200", "--expires-at", "2026-02-15")
    call("points", "award", "bob", "30", "--expires-at", "2026-02-14T11:00:00Z")
    call("streaks", "record", "ada", "daily_login")
    call("events", "record", "eve", "login")
    call("challenges", "enroll", "ada", "onboarding")
    call("participants", "create", "ünal", "--attr", "plan=premium")
    call("participants", "deactivate", "ünal", "--yes")
    call("participants", "create", "a\u200fb")


@pytest.mark.parametrize("now", [NOW, "2026-02-14T12:00:00Z", "2026-03-20T10:00:00Z"])
@pytest.mark.usefixtures("people")
def test_an_export_has_what_other_commands_show(now: str, call: Run) -> None:
    later = {"GAMIFY_TEST_NOW": now}
    ids = call("participants", "list", "--all", "-o", "ids").stdout

    for shape, line in [
        ("profile", ["get", "-"]),
        ("state", ["state", "-"]),
        ("row", ["list", "--all"]),
    ]:
        for options in (
            ["-o", "json"],
            ["-o", "jsonl"],
            ["-o", "csv"],
            ["-o", "tsv"],
            ["-o", "ids"],
            ["-o", "jsonl", "--fields", "tier,participant_id"],
            ["-o", "jsonl", "--jq", "keys"],
            ["--json", "--jq", "map(.participant_id)"],
        ):
            told = call("participants", *line, *options, stdin=ids, env=later)
            export = call("participants", "export", "--shape", shape, *options, env=later)
            assert (export.exit_code, export.stdout) == (0, told.stdout), (shape, options)
    assert call("participants", "export").stdout.count("\n") == 5


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--active"], "ada a\u200fb bob eve"),
        (["--inactive"], "ünal"),
        (["--attr", "plan=premium"], "ünal"),
        (["--attr", "f:=1e16"], "ada"),
        (["--q", "ŽIŽ"], "ada"),
        (["--where", "balance>=30", "--sort", "-balance"], "ada bob"),
        (["--tier", "nowhere"], ""),
    ],
)
@pytest.mark.usefixtures("people")
def test_filters_and_order_are_those_of_lists(options: list[str], expected: str, call: Run) -> None:
    result = call("participants", "export", *options, "-o", "ids")

    assert sorted(result.stdout.split("\n")[:-1]) == sorted(expected.split())
    assert result.stdout == call("participants", "list", *options, "-o", "ids").stdout


def test_what_can_not_be_exported_is_refused(call: Run, place: Place) -> None:
    for options, told in [
        (["-o", "table"], "an export is no table"),
        (["--shape", "rwo"], 'unknown "rwo" in --shape\n  hint: did you mean row?'),
        (["--sort", "name"], 'unknown "name" in --sort'),
        (["--fields", "balance"], 'unknown field "balance" in --fields'),
        (["--shape", "state", "--fields", "attributes"], 'unknown field "attributes"'),
    ]:
        result = call("participants", "export", *options)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"gamify: {told}"), options
    assert place.is_untouched


def test_an_export_of_nobody_is_an_answer_too(call: Run) -> None:
    for format_, told in {"auto": "", "json": "[]\n", "jsonl": "", "ids": ""}.items():
        result = call("participants", "export", "-o", format_)
        assert (result.exit_code, result.stdout) == (0, told)


def test_every_backend_exports_the_same(backend: Backend) -> None:
    for number in range(6):
        create(backend, f"p{number}", attributes={"n": number, "f": 1e16})
        backend.points.award(f"p{number}", {"amount": 1 + number}, write())
    ids = ["p5", "p4", "p3"]
    query = ListQuery(where=(("balance", ">", 3),), sort="balance", descending=True)
    asked: dict[Exported, Iterable[Any]] = {
        "profile": backend.participants.profiles(ids),
        "state": backend.participants.states(ids, vocabulary.SECTIONS),
        "row": rows(backend.participants.list(query, write()))[0],
    }

    for shape, bodies in asked.items():
        found = list(backend.participants.export(query, shape, write()))
        assert [bulk.opened(one) for one in found] == list(bodies)
        assert shape == "state" or type(found[0]["attributes"]) is jsontext.Kept


def test_an_export_is_of_one_moment_and_holds_the_log_no_longer(place: Place) -> None:
    place.store.parent.mkdir(parents=True)
    log = place.store.with_name("gamify.db-wal")
    with (
        closing(LocalStore.open(place.store, timeout=5, test_now=AT)) as store,
        closing(LocalStore.open(place.store, timeout=5, test_now=AT)) as other,
    ):
        for number in range(300):
            create(store, f"p{number:03}")
        for is_whole in (True, False):
            exported = store.participants.export(EVERYONE, "row", write())
            first = next(exported)
            for number in range(300):
                other.points.award(f"p{number:03}", {"amount": 5}, write())
            rest = list(exported) if is_whole else []
            cast(Any, exported).close()
            assert {row["balance"] for row in (first, *rest)} == {0 if is_whole else 5}
            with closing(sqlite3.connect(place.store)) as shell:
                busy, *_ = shell.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert (busy, log.stat().st_size) == (0, 0)


@pytest.mark.parametrize("format_", ["json", "jsonl", "csv"])
def test_who_stops_an_export_gets_whole_lines(format_: str, place: Place, call: Run) -> None:
    lines = [json.dumps({"display_name": "x" * 200, "participant_id": f"p{n}"}) for n in range(9)]
    call("participants", "create", "--input", "-", stdin=lines[0])
    with closing(sqlite3.connect(place.store)) as shell:
        names = "display_name, first_seen_at, last_seen_at, recorded_at, version, search"
        shell.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            f" INSERT INTO participants (participant_id, {names})"
            f" SELECT 'q' || i, {names} FROM n, participants"
        )
        shell.commit()
    command = [EXECUTABLE, "participants", "export", "-o", format_]

    for stop in ("close", "interrupt"):
        with subprocess.Popen(
            command, env=place.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout
            assert process.stderr
            first = process.stdout.readline()
            if stop == "close":
                process.stdout.close()
                rest = b""
            else:
                process.send_signal(signal.SIGINT)
                rest = process.stdout.read()
            told = process.stderr.read().decode()
        assert process.returncode == (141 if stop == "close" else 130)
        assert "Traceback" not in told
        if format_ == "json" and rest:
            json.loads(first + rest)
        assert rest == b"" or rest.endswith(b"\n")


TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(
    text=st.text(),
    number=st.integers() | st.sampled_from([2**63, 2**64, -(2**63) - 1]),
    attributes=st.dictionaries(TEXTS, VALUES, max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_a_stream_is_written_as_any_answer(
    text: str, number: int, attributes: dict[str, Any]
) -> None:
    body = {"text": text, "number": number, "list": [{text: None}], "attributes": attributes}
    kept = body | {"attributes": jsontext.Kept(jsontext.compact(attributes))}

    line = escape_json(jsontext.compact(body)) + "\n"

    assert bulk.lines([kept]) == line
    assert bulk.lines([kept, kept], ",") == f"{line},{line}"
