"""Participants imported from files: every format, every fault, and nothing lost or twice."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import EXECUTABLE, Place, Run

ADA = {"participant_id": "ada", "display_name": "Ada", "attributes": {"plan": "pro", "seats": 5}}
BOB = {"participant_id": "bob", "avatar_url": "https://example.com/b.png"}
JSONL = "".join(json.dumps(one) + "\n" for one in (ADA, BOB))
CSV = """participant_id,display_name,avatar_url,attr.plan,attr.seats:int
ada,Ada,,pro,5
bob,,https://example.com/b.png,,
"""
GOOD = b'{"participant_id":"good"}\n'
MANY = 60_000
"""Rows of more than one group."""


def import_(call: Run, *line: str, exit_code: int = 0, **more: Any) -> dict[str, Any]:
    """The summary of an import."""
    result = call("participants", "import", *line, **more)
    assert result.exit_code == exit_code, result.stderr
    summary: dict[str, Any] = json.loads(result.stdout)
    return summary


def counts(summary: dict[str, Any]) -> tuple[int, ...]:
    return tuple(summary[name] for name in ("created", "updated", "unchanged", "failed"))


def results(place: Place) -> list[tuple[int, str | None, str | None]]:
    """Line, id and outcome of each row."""
    lines = (place.home / "results.jsonl").read_text("utf-8").splitlines()
    return [(row["line"], row["id"], row["outcome"]) for row in map(json.loads, lines)]


def everyone(call: Run) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = json.loads(call("participants", "list", "--all").stdout)
    return [
        {name: row[name] for name in ("participant_id", "display_name", "attributes", "version")}
        for row in shown
    ]


def many(first: int = 0, count: int = MANY) -> str:
    return "".join(f'{{"participant_id":"u{n:06}"}}\n' for n in range(first, first + count))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("people.jsonl", JSONL),
        ("people.ndjson", "\ufeff" + JSONL.replace("\n", "\r\n\n \n")),
        ("people", JSONL.rstrip("\n")),
        ("people.csv", CSV),
        ("people.CSV", "\ufeff" + CSV.replace("\n", "\r\n")),
        ("people.csv", CSV.replace("Ada,,pro", '"Ada","",pro').replace("bob", "\n,,,,\nbob")),
        ("people.tsv", CSV.replace(",", "\t")),
        ("people.jsonl.gz", JSONL),
        ("people.tab.gz", CSV.replace(",", "\t")),
    ],
)
def test_a_file_is_read_by_its_name(name: str, text: str, call: Run, place: Place) -> None:
    data = text.encode()
    (place.home / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)

    first = import_(call, name)
    again = import_(call, name)

    assert (counts(first), counts(again)) == ((2, 0, 0, 0), (0, 0, 2, 0))
    assert first["lines"] == again["lines"] == 2
    assert first["complete"] is True
    assert first["file_hash"] == again["file_hash"] is not None
    ada = json.loads(call("participants", "get", "ada").stdout)
    bob = json.loads(call("participants", "get", "bob").stdout)
    assert {name: ada[name] for name in ADA} == ADA
    assert (bob["avatar_url"], bob["attributes"]) == (BOB["avatar_url"], {})


def test_stdin_is_json_lines_unless_it_is_said(run: Run) -> None:
    assert counts(import_(run, "-", stdin=JSONL)) == (2, 0, 0, 0)
    csv = import_(run, "-", "--format", "csv", stdin=CSV)

    assert (counts(csv), csv["file_hash"]) == ((0, 0, 2, 0), None)


def test_what_a_row_gives_replaces_what_is_there_and_null_clears(call: Run) -> None:
    import_(call, "-", stdin=JSONL)
    rows = [
        {"participant_id": "ada", "display_name": None, "attributes": {"plan": "basic"}},
        {"participant_id": "bob", "attributes": None},
    ]

    summary = import_(call, "-", stdin="".join(json.dumps(row) + "\n" for row in rows))

    assert counts(summary) == (0, 1, 1, 0)
    ada = json.loads(call("participants", "get", "ada").stdout)
    assert (ada["display_name"], ada["attributes"]) == (None, {"plan": "basic"})


def test_cells_are_what_the_header_says(call: Run, place: Place) -> None:
    (place.home / "people.csv").write_text(
        "participant_id,attributes,attr.a,attr.b:int,attr.c:float,attr.d:bool,attr.e:json,"
        "attr.x:y:str\n"
        'ada,"{""z"": [1]}",7,-7,1.5,TRUE,"{""k"": null}",t\n'
        'bob,,"a\n""b""",,2,false,[],\n'
    )

    import_(call, "people.csv")

    shown = json.loads(call("participants", "get", "ada", "bob").stdout)
    assert [one["attributes"] for one in shown] == [
        {"z": [1], "a": "7", "b": -7, "c": 1.5, "d": True, "e": {"k": None}, "x:y": "t"},
        {"a": 'a\n"b"', "c": 2, "d": False, "e": []},
    ]


LONG = b'{"participant_id":"' + b"x" * 10_000_000 + b'"}\n'
HEAD = b"participant_id,display_name,attr.n:int\n"
BAD_ROWS = [
    ("jsonl", b"{\n", "the line is not JSON: "),
    ("jsonl", b'{"participant_id":"b\xff"}\n', "the line is not UTF-8 (byte 20)"),
    ("jsonl", b"[]\n", "the line must be a JSON object"),
    ("jsonl", b'{"participant_id":"a"},{"participant_id":"b"}\n', "the line is not JSON: "),
    ("jsonl", b'{"participant_id":"a","participant_id":"b"}\n', '"participant_id" twice'),
    ("jsonl", b'{"participant_id":"b","attributes":{"a":1,"a":2}}\n', 'the member "a" twice'),
    ("jsonl", b'{"display_name":"b"}\n', 'the line lacks "participant_id"'),
    ("jsonl", b'{"participant_id":7}\n', "participant_id must be text"),
    ("jsonl", b'{"participant_id":""}\n', "must not be empty"),
    ("jsonl", b'{"participant_id":"a\\u0000b"}\n', "the control character U+0000"),
    ("jsonl", b'{"participant_id":"\\ud800"}\n', "a lone surrogate"),
    ("jsonl", b'{"participant_id":"b","display_name":["x"]}\n', "display_name must be text"),
    ("jsonl", b'{"participant_id":"b","display_name":"%s"}\n' % (b"x" * 256), "at most 255"),
    ("jsonl", b'{"participant_id":"b","avatar_url":"ftp://x"}\n', "absolute http or https URL"),
    ("jsonl", b'{"participant_id":"b","attributes":[]}\n', "attributes must be a JSON object"),
    ("jsonl", b'{"participant_id":"b","attributes":{"a":NaN}}\n', "has NaN"),
    ("jsonl", b'{"participant_id":"b","attributes":{"a":1e999}}\n', "too large for a double"),
    (
        "jsonl",
        b'{"participant_id":"b","attributes":{"a":%s1%s}}\n' % (b"[" * 32, b"]" * 32),
        "nested deeper than 32 levels",
    ),
    (
        "jsonl",
        b'{"participant_id":"b","attributes":{"a":"%s"}}\n' % (b"x" * 70_000),
        "at most 65,536 are kept",
    ),
    ("jsonl", b'{"participant_id":"b","atributes":{}}\n', 'unknown field "atributes"'),
    ("jsonl", LONG, "at most 1,048,576 bytes"),
    ("csv", b"b\n", "the row has 1 cells, and the header 3"),
    ("csv", b"b,x,1,2\n", "the row has 4 cells, and the header 3"),
    ("csv", b"b,\xff,1\n", "the line is not UTF-8 (byte 2)"),
    ("csv", b"b,x\0y,1\n", "must not hold the character U+0000"),
    ("csv", b"b,x,1.5\n", 'attr.n:int must be an integer, not "1.5"'),
    ("csv", b"b,x,true\n", 'attr.n:int must be an integer, not "true"'),
    ("csv", b",x,1\n", 'the line lacks "participant_id"'),
    ("csv", b'b,"x"y,1\n', "the row is no CSV: "),
    ("csv", b"b,x\ry,1\n", "the row is no CSV: "),
    ("csv", b'b,"x,1\n', "the row opens a quote that is not closed"),
    ("csv", b"b," + b"x" * 10_000_000 + b",1\n", "at most 1,048,576 bytes"),
]


@pytest.mark.parametrize(
    ("kind", "row", "error"), BAD_ROWS, ids=[str(n) for n in range(len(BAD_ROWS))]
)
def test_a_bad_row_never_stops_the_others(
    kind: str, row: bytes, error: str, call: Run, place: Place
) -> None:
    head, good = (HEAD, b"good,,\n") if kind == "csv" else (b"", GOOD)
    file = place.home / f"people.{kind}"
    file.write_bytes(head + good + row + good.replace(b"good", b"other"))
    bad = 3 if head else 2

    for more in (["--check"], []):
        line = ["participants", "import", file.name, "--results", "results.jsonl", *more]
        result = call(*line)

        assert result.exit_code == 9, result.stderr
        assert error in result.stderr.splitlines()[0]
        assert result.stderr.startswith(f"gamify: line {bad}: ")
        assert result.stderr.endswith("gamify: 1 of 3 failed\n")
        outcome = None if more else "created"
        told = [(line, one) for line, _, one in results(place)]
        assert told == [(bad - 1, outcome), (bad, "failed"), (bad + 1, outcome)]
    assert [one["participant_id"] for one in everyone(call)] == ["good", "other"]


def test_a_quote_that_is_not_closed_costs_one_row_even_of_many(call: Run, place: Place) -> None:
    rows = [f"u{n},n\n" for n in range(1_500)]
    rows[3] = 'u3,"n\n'
    (place.home / "people.csv").write_text("participant_id,display_name\n" + "".join(rows))

    summary = import_(call, "people.csv", "--check", exit_code=9)

    assert (summary["lines"], summary["failed"]) == (1_500, 1)


@pytest.mark.parametrize(
    ("name", "data", "message", "hint"),
    [
        ("p.csv", b"", "there is no header", "the first row is participant_id,"),
        ("p.csv", b"\xff\n", "the header is bad: the line is not UTF-8", None),
        ("p.csv", b"display_name\nx\n", 'the header lacks "participant_id"', "attr.NAME"),
        ("p.csv", b"participant_id,attr.a,attr.a:int\n", '"attr.a" twice', None),
        ("p.csv", b"participant_id,attr.a:itn\n", 'the type "itn"', "did you mean int?"),
        ("p.csv", b"participant_id,displayname\n", "unknown column", "did you mean display_name?"),
        ("p.csv", b"participant_id,\n", 'unknown column ""', "the columns are"),
        ("p.csv", b"participant_id,name\n", 'unknown column "name"', "attr.NAME"),
        ("people", b"participant_id,display_name\n", "a header of CSV or TSV", "add --format"),
        ("p.csv", b"participant_id;display_name\n", "a single column", "CSV has a comma"),
        ("p.tsv", b"participant_id,display_name\n", "a single column", "TSV a tab"),
        ("p.csv", b"\x1f\x8b\x08", "is packed by gzip", None),
        ("p.csv", b"PK\x03\x04", "is an archive or a workbook", None),
        ("p.jsonl", "a\n".encode("utf-16"), "is UTF-16", None),
        ("p.jsonl.gz", b"{}\n", "is damaged: Not a gzipped file", None),
        ("p.jsonl.gz", gzip.compress(JSONL.encode())[:-9], "is cut short", None),
        ("p.xlsx", b"", "does not tell its format", "--format"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused(
    name: str, data: bytes, message: str, hint: str | None, call: Run, place: Place
) -> None:
    (place.home / name).write_bytes(data)

    result = call("participants", "import", name)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr.splitlines()[0]
    assert hint is None or hint in result.stderr.splitlines()[1]
    assert place.is_untouched


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["none.jsonl"], "cannot read none.jsonl: No such file or directory"),
        (["."], "cannot read .: Is a directory"),
        (["-", "--format", "jsnl"], '--format "jsnl" is none of jsonl, csv, tsv'),
        (["-", "--on-error", "halt"], '--on-error "halt" is none of continue, stop'),
        (["-", "--resume"], "--resume needs a file"),
        (["p.jsonl", "--resume", "--check"], "--resume does not go with --check"),
        (["p.jsonl", "--results", "p.jsonl"], "--results names the file that is imported"),
        (
            ["p.jsonl", "--results", "n.db", "--store", "n.db"],
            "--results names a file of the store",
        ),
        (["p.jsonl", "--results", "n.db-wal", "--store", "n.db"], "--results names a file of the"),
        (["p.jsonl", "--results", "notes.txt"], "notes.txt is there already, and holds no results"),
        (["p.jsonl", "--results", "-"], "--results needs a file"),
        (["p.jsonl", "--results", "no/where"], "cannot write no/where: No such file or directory"),
        (["p.jsonl", "-o", "ids"], "no ids to print"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    line: list[str], message: str, call: Run, place: Place
) -> None:
    (place.home / "p.jsonl").write_text(JSONL)
    (place.home / "notes.txt").write_text("dear diary\n")

    result = call("participants", "import", *line)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr.splitlines()[0]
    assert (place.home / "p.jsonl").read_text() == JSONL
    assert (place.home / "notes.txt").read_text() == "dear diary\n"
    assert place.is_untouched


def test_results_are_for_their_owner_and_written_anew(call: Run, place: Place) -> None:
    for text in (JSONL + "x\n", JSONL):
        call("participants", "import", "-", "--results", "results.jsonl", stdin=text)

    assert (place.home / "results.jsonl").stat().st_mode & 0o777 == 0o600
    assert results(place) == [(1, "ada", "unchanged"), (2, "bob", "unchanged")]


def test_of_many_faults_the_first_are_told_and_the_others_counted(call: Run) -> None:
    result = call("participants", "import", "-", stdin="x\n" * 100)

    told = result.stderr.splitlines()
    assert [line.split(":")[1] for line in told[:20]] == [f" line {n}" for n in range(1, 21)]
    assert told[20:] == ["… and 80 more", "gamify: 100 of 100 failed"]


def test_who_comes_twice_is_told_and_the_last_row_wins(call: Run) -> None:
    rows = [{"participant_id": f"u{n % 3}", "display_name": f"n{n}"} for n in range(8)]
    text = "".join(json.dumps(row) + "\n" for row in rows)

    result = call("participants", "import", "-", stdin=text)

    assert result.exit_code == 0
    assert result.stderr == (
        'warning: 5 rows are of a participant that came before, as line 4 of "u0"\n'
    )
    assert [one["display_name"] for one in everyone(call)] == ["n6", "n7", "n5"]


@pytest.mark.parametrize("shape", ["profile", "state", "row"])
@pytest.mark.parametrize("format_", ["jsonl", "csv", "tsv"])
def test_what_was_exported_comes_back_with_a_warning(shape: str, format_: str, call: Run) -> None:
    import_(call, "-", stdin=JSONL)
    call("points", "award", "ada", "5")
    before = everyone(call)
    exported = call("participants", "export", "--shape", shape, "-o", format_)

    result = call("participants", "import", "-", "--format", format_, stdin=exported.stdout)

    assert (result.exit_code, counts(json.loads(result.stdout))) == (0, (0, 0, 2, 0))
    assert result.stderr.startswith("warning: left aside of 2 rows, since it is not to be set: ")
    assert everyone(call) == before


def test_a_check_reads_all_and_touches_no_store(call: Run, place: Place) -> None:
    config = place.home / "config" / "gamify" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[profiles.local]\nprotected = true\n")

    summary = import_(call, "-", "--check", stdin=JSONL)

    assert (summary["lines"], counts(summary), summary["operation"]) == (2, (0, 0, 0, 0), None)
    assert place.is_untouched


def test_a_dry_run_judges_each_row_and_writes_nothing(call: Run, place: Place) -> None:
    summary = import_(call, "-", "--dry-run", stdin=JSONL)

    assert (counts(summary), summary["operation"]) == ((2, 0, 0, 0), None)
    assert place.is_untouched


def test_a_stop_leaves_out_what_comes_after_the_first_bad_row(call: Run) -> None:
    rows = many(count=250).splitlines(keepends=True)
    rows[150] = "x\n"
    line = ["participants", "import", "-", "--on-error", "stop"]

    checked = call(*line, "--check", stdin="".join(rows))
    result = call(*line, stdin="".join(rows))

    assert (checked.exit_code, json.loads(checked.stdout)["lines"]) == (9, 151)
    summary = json.loads(result.stdout)
    assert (result.exit_code, summary["complete"]) == (9, False)
    assert counts(summary) == (150, 0, 0, 1)
    assert "gamify: stopped at line 151: 1 of 151 failed" in result.stderr
    assert "hint: mend the line and import the file again: what is done" in result.stderr
    assert len(everyone(call)) == 150


@pytest.mark.parametrize("verb", ["--on-error=stop", "--on-error=continue"])
def test_an_event_that_the_store_refuses_stops_the_others(verb: str, call: Run) -> None:
    call("participants", "create", "idle")
    call("participants", "deactivate", "idle", "--yes")
    ids = ["ada", "bob", "idle", "eve"]
    text = "".join(json.dumps({"participant_id": one, "event_name": "x"}) + "\n" for one in ids)

    result = call("events", "import", "-", verb, stdin=text)

    assert result.exit_code == 9
    assert 'line 3: participant "idle" is inactive' in result.stderr
    known = [one["participant_id"] for one in everyone(call)]
    assert known == ["ada", "bob", *["eve"] * ("continue" in verb), "idle"]


@contextmanager
def held(place: Place, *line: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """An import that waits in the middle, where it tells the results of its first group."""
    pipe = place.home / "pipe"
    os.mkfifo(pipe)
    command = [EXECUTABLE, *line, "--results", "pipe"]
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=place.env, cwd=place.home, **streams) as process:
        reader = os.open(pipe, os.O_RDONLY)
        os.read(reader, 1)
        yield process, reader


def drained(reader: int) -> None:
    while os.read(reader, 1 << 20):
        pass
    os.close(reader)


@pytest.mark.parametrize("change", ["grows", "changes", "vanishes"])
def test_a_file_that_changes_meanwhile_is_found_out(change: str, place: Place) -> None:
    file = place.home / "p.jsonl"
    file.write_text(many())
    with held(place, "participants", "import", "p.jsonl") as (process, reader):
        if change == "grows":
            with file.open("a") as more:
                more.write(GOOD.decode())
        elif change == "changes":
            with file.open("r+") as more:
                more.seek(len(many()) - 5)
                more.write("x")
        else:
            file.unlink()
        drained(reader)
        stdout, stderr = (stream.decode() for stream in process.communicate())

    summary = json.loads(stdout)
    if change == "changes":
        assert process.returncode == 9
        assert "gamify: p.jsonl was changed while it was read\n" in stderr
    else:
        assert process.returncode == 0
        assert ("warning: p.jsonl grew while it was read" in stderr) is (change == "grows")
    assert (summary["complete"], summary["created"]) == (change != "changes", MANY)


def test_packed_data_that_end_too_soon_are_imported_as_far_as_they_go(
    call: Run, place: Place
) -> None:
    (place.home / "p.jsonl.gz").write_bytes(gzip.compress(many().encode())[:-5])

    result = call("participants", "import", "p.jsonl.gz")

    summary = json.loads(result.stdout)
    assert (result.exit_code, summary["complete"]) == (9, False)
    assert summary["created"] >= 10_000
    assert "gamify: p.jsonl.gz is cut short: its gzip data have no end\n" in result.stderr
    assert "gamify: not all was read: " in result.stderr


def test_ctrl_c_tells_what_is_done_and_how_to_go_on(place: Place) -> None:
    (place.home / "p.jsonl").write_text(many())
    with held(place, "participants", "import", "p.jsonl") as (process, reader):
        process.send_signal(signal.SIGINT)
        stdout, stderr = (stream.decode() for stream in process.communicate())
        os.close(reader)

    assert (process.returncode, stdout) == (130, "")
    told, hint = stderr.splitlines()
    assert re.fullmatch(r"gamify: interrupted: [34]\d,\d{3} done, 0 failed", told)
    assert hint == "  hint: the same command with --resume goes on from there"


def test_what_a_pipe_has_brought_is_not_held_back(place: Place, call: Run) -> None:
    line = [EXECUTABLE, "participants", "import", "-", "--results", "results.jsonl"]
    streams: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(line, env=place.env, cwd=place.home, **streams) as process:
        assert process.stdin
        process.stdin.write(GOOD)
        process.stdin.flush()
        while not _told(place.home / "results.jsonl"):
            assert process.poll() is None
        assert len(everyone(call)) == 1
        stdout, _ = process.communicate(JSONL.encode())
    assert json.loads(stdout)["created"] == 3


def _told(results: Path) -> bool:
    return results.exists() and results.read_bytes().endswith(b"\n")
