"""A journal as a file: a store made anew from it is the same store, or nothing is made."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import EXECUTABLE, Place, Run

from gamify_cli.domain import journal_file
from gamify_cli.domain.journal_file import ROWS
from gamify_cli.store import replaying, schema

DATA = Path(__file__).parent / "data"
TABLES = {
    "participants": schema.participants,
    "fact": schema.journal,
    "request": schema.requests,
    "operation": schema.operations,
    "program": schema.programs,
    "stock": schema.reward_stock,
}
MORE = """
[[badges]]
code = "gift"
name = "Gift"

[[rewards]]
id = "mug"
name = "Mug"
type = "physical"
stock = 3
"""
ODD = json.dumps(
    {"n": 10**30, "f": 1e16, "t": 1e-7, "x": 0.1, "text": "\x7f\u202e\\u0000 é\U0001f600"}
)
LINES = f"""
program apply first.toml
participants create ada --display-name A\u2028da\x7f --attributes {ODD.replace(" ", "")}
participants create ada --display-name Ada --idempotency-key made:1
participants update ada --attr timezone=Asia/Tokyo --clear display-name --idempotency-key edit:1
participants create bob
participants deactivate bob
points award eve 1200 --occurred-at 2026-01-02 --expires-at 2026-02-20 --idempotency-key a:1
points award eve 300 --occurred-at 2026-01-10 --expires-at 2026-01-20 --metadata {{"a":[1.5,1e22]}}
points deduct eve 100 --occurred-at 2026-01-25 --reason late
badges award eve first_steps
tiers assign eve gold --reason friend
streaks record eve daily_login
streaks record eve daily_login --timestamp 2026-02-10
streaks record eve weekly_workout --timestamp 2026-01-25
challenges enroll eve onboarding
events record eve profile_completed
events record eve quiz_completed --property score:=0.10 --idempotency-key quiz:1
events record eve purchase_completed --property amount_usd:=49.90 --timestamp 2026-02-01
events record eve login
events record eve login
program apply second.toml
rewards load-codes coupon10 codes.txt
rewards claim eve coupon10 --pay --idempotency-key c:1
rewards claim ada mug
events import events.jsonl
points award ada 5
participants activate bob
""".strip().split("\n")


@pytest.fixture
def store(call: Run, place: Place) -> Path:
    """A store with something of everything."""
    text = (DATA / "program.toml").read_text("utf-8")
    (place.home / "first.toml").write_text(text, "utf-8")
    (place.home / "second.toml").write_text(text.replace("Gold", "Golden") + MORE, "utf-8")
    (place.home / "codes.txt").write_text("A-1\nA-2\nA-3\n", "utf-8")
    events = [{"participant_id": f"p{n}", "event_name": "login"} for n in range(5)]
    (place.home / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in events))
    for line in LINES:
        assert call(*line.split(" "), "--yes").exit_code == 0, line
    return place.store


@pytest.fixture
def journal(store: Path, call: Run) -> str:  # noqa: ARG001 - it is exported
    return call("participants", "export", "--journal").stdout


def tables(where: str | Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a store, on a file or in PostgreSQL."""
    found = {}
    for name, table in TABLES.items():
        columns = ", ".join(table.columns.keys())
        text = f"SELECT {columns} FROM {table.name}"
        if isinstance(where, Path):
            with closing(sqlite3.connect(where)) as shell:
                found[name] = sorted(shell.execute(text), key=str)
        else:
            with psycopg.connect(where) as database:
                found[name] = sorted(database.execute(text), key=str)
    return found


def sealed(lines: list[str]) -> str:
    """A file of these lines between its first and its last one, which fits."""
    text = "".join(f"{line}\n" for line in lines[1:])
    counts = {kind: sum(line.startswith(f'{{"{kind}"') for line in lines[1:]) for kind in ROWS}
    end = {"end": {**counts, "sha256": sha256(text.encode()).hexdigest()}}
    return f"{lines[0]}\n{text}{json.dumps(end)}\n"


def test_a_journal_has_every_column_of_its_tables_in_order() -> None:
    for kind, row in ROWS.items():
        assert tuple(row.columns) == tuple(TABLES[kind].columns.keys())
        assert list(TABLES[kind].primary_key.columns.keys()) == list(row.columns)[: row.key]
    views = {"points", "lots", "badges", "streaks"}
    others = {"api_keys", "backups", "store", "alembic_version"} | views
    assert {table.name for table in TABLES.values()} | others == set(schema.metadata.tables)


@pytest.mark.parametrize("way", ["sqlite", "postgres"])
def test_a_store_that_was_made_anew_is_the_same(
    way: str, journal: str, store: Path, call: Run, place: Place, request: pytest.FixtureRequest
) -> None:
    before, copy = tables(store), place.home / "copy.db"
    where = copy if way == "sqlite" else request.getfixturevalue("database")
    ids = call("participants", "list", "--all", "-o", "ids").stdout
    everyone = call("participants", "get", "-", "-o", "jsonl", stdin=ids).stdout

    done = call("participants", "import", "--journal", "-", "--store", str(where), stdin=journal)

    assert done.exit_code == 0, done.stderr
    counts = {kind: len(rows) for kind, rows in before.items()}
    told = json.loads(done.stdout)
    assert told["store"] == json.loads(journal.split("\n")[0])["store"]
    assert list(told.values())[2:] == [
        *(counts[kind] for kind in ("participants", "fact", "operation", "program")),
        *(counts[kind] for kind in ("stock", "request")),
    ]
    assert min(counts.values()) > 1
    assert tables(where) == before
    again = call("participants", "export", "--journal", "--store", str(where))
    assert again.stdout.split("\n")[1:] == journal.split("\n")[1:]
    got = call("participants", "get", "-", "-o", "jsonl", "--store", str(where), stdin=ids)
    assert got.stdout == everyone
    back = place.home / "back.db"
    call("participants", "import", "--journal", "-", "--store", str(back), stdin=again.stdout)
    assert tables(back) == before


@pytest.mark.usefixtures("store")
def test_life_goes_on_in_a_store_that_was_made_anew(journal: str, call: Run, place: Place) -> None:
    (place.home / "journal.jsonl.gz").write_bytes(gzip.compress(journal.encode()))
    copy = ("--store", "copy.db")
    assert call("participants", "import", "--journal", "journal.jsonl.gz", *copy).exit_code == 0

    for line in [line for line in LINES if "--idempotency-key" in line]:
        told = [call(*line.split(" "), *where, "-o", "json") for where in ((), copy)]
        assert told[0] == told[1]
        assert told[0].stderr.startswith("replayed "), line
    codes = [
        json.loads(call("rewards", "claim", one, "coupon10", *copy, "--json").stdout)["code_value"]
        for one in ("p1", "p2")
    ]
    assert codes == ["A-2", "A-3"]
    assert call("rewards", "claim", "p3", "coupon10", *copy).exit_code == 5
    assert call("rewards", "claim", "p3", "mug", *copy).exit_code == 0
    assert [
        json.loads(call("rewards", "list", "--json", *where).stdout)["rewards"][1][
            "available_codes"
        ]
        for where in ((), copy)
    ] == [2, 1]
    assert call("streaks", "record", "eve", "daily_login", *copy).exit_code == 0
    later = {"GAMIFY_TEST_NOW": "2026-03-20T10:00:00Z"}
    for line in ("store sweep", "participants get eve", "participants get eve --at 2026-01-15"):
        told = [call(*line.split(" "), *where, "--json", env=later) for where in ((), copy)]
        assert told[0].stdout == told[1].stdout


def edited(number: int, old: str, new: str) -> Callable[[list[str]], list[str]]:
    """A line, by its number or from the end, with another text in it."""

    def edit(lines: list[str]) -> list[str]:
        assert old in lines[number], lines[number]
        lines[number] = lines[number].replace(old, new, 1)
        return lines

    return edit


def first(kind: str, lines: list[str], containing: str = "") -> int:
    return next(
        n for n, one in enumerate(lines) if one.startswith(f'{{"{kind}"') and containing in one
    )


def fact(old: str, new: str, containing: str = "") -> Callable[[list[str]], list[str]]:
    """The first fact that has a text, with another one in it."""
    return lambda lines: edited(first("fact", lines, containing or old), old, new)(lines)


def everywhere(old: str, new: str) -> Callable[[list[str]], list[str]]:
    """Another text in all facts that have it."""

    def edit(lines: list[str]) -> list[str]:
        return [one.replace(old, new) if one.startswith('{"fact"') else one for one in lines]

    return edit


def without(kind: str, containing: str) -> Callable[[list[str]], list[str]]:
    def edit(lines: list[str]) -> list[str]:
        del lines[first(kind, lines, containing)]
        return lines

    return edit


def twice_apart(lines: list[str]) -> list[str]:
    number = first("fact", lines, '"ada"')
    return [*lines, lines[number]]


def swapped(lines: list[str]) -> list[str]:
    number = first("fact", lines, '"number":2')
    lines[number : number + 2] = lines[number + 1], lines[number]
    return lines


OUT_OF_ORDER = "this fact is out of order, or here twice"
BAD = {
    "a newer format": (edited(0, 'journal":1', 'journal":2'), "exported by a newer gamify"),
    "a newer schema": (edited(0, '"000', '"999'), "exported by a newer gamify"),
    "no header": (lambda lines: lines[1:], "this is no journal: its first line lacks gamify_journ"),
    "an odd header": (edited(0, 'journal":1', 'journal":"1"'), "the first line is no header"),
    "two headers": (lambda lines: [*lines[:9], lines[0], *lines[9:]], "a second journal begins"),
    "not JSON": (lambda lines: [*lines, "{"], "it is not JSON"),
    "a list": (lambda lines: [*lines, "[]"], "it is no JSON object"),
    "two members": (lambda lines: [*lines, '{"fact":{},"stock":{}}'], "a line has one member"),
    "an unknown row": (lambda lines: [*lines, '{"badge":{}}'], '"badge" is no kind of row'),
    "a row too late": (lambda lines: [*lines, lines[1]], '"operation" is no kind of row, or comes'),
    "a member twice": (fact('"number":1', '"number":1,"number":1'), 'it has the member "number"'),
    "a member more": (fact('"number":1', '"number":1,"more":1'), "a fact has participant_id, num"),
    "an unknown kind": (fact('"registered"', '"registred"'), '"registred" is no kind of fact'),
    "no registration": (fact('"registered"', '"activated"'), "fact 1 follows on fact 0"),
    "a gap": (without("fact", '"number":2'), "fact 3 follows on fact 1 of its participant"),
    "a lost beginning": (without("fact", '"number":1'), "fact 2 follows on fact 0"),
    "facts in disorder": (swapped, "fact 3 follows on fact 1"),
    "a participant twice": (twice_apart, OUT_OF_ORDER),
    "a bad id": (fact('"ada"', '"a\\nda"'), "participant id"),
    "a time too large": (fact('"occurred_at":17', '"occurred_at":1700000'), "is no instant"),
    "a number too large": (fact('"amount":1200', f'"amount":{10**20}'), "make none: the file was"),
    "a text for a number": (fact('"amount":1200', '"amount":"1200"'), "it does not follow from"),
    "a number for a code": (fact('"code":"gold"', '"code":5', "assigned"), "make none: the file"),
    "an unknown badge": (fact('"code":"', '"code":"no', '"badge_earned"'), "make none: the file"),
    "broken streaks": (everywhere('"current":', '"current":{},"no":'), "make none: the file"),
    "a large program": (everywhere('"program":', f'"program":{10**20}'), "no number of a store"),
    "a broken lot": (fact('"expires_at":17', '"expires_at":"x","y":17'), "the file was changed"),
    "a missing member": (fact('"how"', '"who"'), "it does not follow from those before it"),
    "a text for a column": (fact('"number":1', '"number":"1"'), 'its number is none: "1"'),
    "a null": (fact('"data":{', '"data":null,"x":{'), "a fact has participant_id"),
    "half a character": (fact('"Ada"', '"\\ud800"'), "it holds a lone surrogate"),
    "no character": (fact('"Ada"', '"\\u0000"'), "it holds the character U+0000"),
    "a version too few": (without("program", '"version":1'), "a version of the program is missing"),
    "no program": (
        lambda lines: edited(first("program", lines), '"level"', '"lvl"')(lines),
        "it does not follow from those before it",
    ),
    "a large count": (
        lambda lines: edited(first("stock", lines), '"remaining":', '"remaining":' + "9" * 20)(
            lines
        ),
        "is no number of a store",
    ),
}
"""What may be wrong with a file whose last line fits it, and what is told."""


def test_a_file_that_fits_nothing_makes_nothing(journal: str, call: Run, place: Place) -> None:
    for name, (edit, told) in BAD.items():
        text = sealed(edit(journal.splitlines()[:-1]))
        for number, option in enumerate(((), ("--dry-run",))):
            store = place.home / f"{name}{number}.db"
            line = ("participants", "import", "--journal", "-", "--store", str(store), *option)
            result = call(*line, stdin=text)
            assert (result.exit_code, result.stdout) == (2, ""), (name, result)
            assert told in result.stderr, (name, result.stderr)
            assert not store.exists() or not any(tables(store).values())
    assert sealed(journal.splitlines()[:-1]).splitlines()[:-1] == journal.splitlines()[:-1]


def cuts(journal: str) -> Iterator[tuple[str, str]]:
    """A file that is cut off, or changed without a fault in its rows; and what is told."""
    cut = "the journal has no end: the file is cut short"
    changed = "the journal is not what was exported: the file was changed"
    lines = journal.splitlines(keepends=True)
    yield "", "the file is empty"
    yield "\n", "this is no journal"
    yield lines[0], cut
    yield "".join(lines[:-1]), cut
    yield journal[: len(journal) // 2].rpartition("\n")[0] + "\n", cut
    yield journal[:-3], "it is not JSON"
    yield journal + lines[1], "there is more after the end of the journal"
    yield journal.replace("Golden", "Gilded"), changed
    yield journal.replace('"reason":"late"', '"reason":"soon"'), changed
    yield "".join([*lines[:1], *lines[2:]]), changed
    yield journal.replace('"end":{"operation":', '"end":{"operation":1'), changed
    yield journal.replace('{"fact":', '{ "fact":'), changed


def test_a_file_that_was_cut_off_or_changed_makes_nothing(
    journal: str, call: Run, place: Place
) -> None:
    store = place.home / "copy.db"
    line = ("participants", "import", "--journal", "-", "--store", str(store))
    for text, told in cuts(journal):
        result = call(*line, stdin=text)
        assert (result.exit_code, result.stdout) == (2, ""), told
        assert told in result.stderr
        assert not store.exists() or not any(tables(store).values())
    assert call(*line, stdin=journal + "\n").exit_code == 0


def test_a_journal_goes_into_an_empty_store_alone(journal: str, call: Run, place: Place) -> None:
    (place.home / "j.jsonl").write_text(journal, "utf-8")
    for make in ("participants create zoë", "program apply first.toml", "keys create"):
        store = ("--store", f"{make.split()[0]}.db")
        call(*make.split(), *store)
        for option in ((), ("--dry-run",)):
            result = call("participants", "import", "--journal", "j.jsonl", *store, *option)
            assert (result.exit_code, result.stdout) == (5, "")
            assert "is not empty\n  hint: a journal goes into a store of its own" in result.stderr
    rehearsed = call("participants", "import", "--journal", "j.jsonl", "--store", "x.db", "-n")
    assert (rehearsed.exit_code, json.loads(rehearsed.stdout)["participants"]) == (0, 8)
    assert not (place.home / "x.db").exists()


def test_a_journal_of_no_store_is_no_backup(call: Run) -> None:
    result = call("participants", "export", "--journal", "--store", "typo.db")

    assert (result.exit_code, result.stdout) == (8, "")
    assert result.stderr.startswith("gamify: there is no store at ")
    assert result.stderr.endswith("typo.db yet\n  hint: look at --store, or at --profile\n")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("export --journal -o csv", "a journal is JSON Lines"),
        ("export --journal --fields tier", "--fields does not go with --journal"),
        ("export --journal --jq .", "--jq does not go with --journal"),
        ("export --journal --tier gold", "--journal takes no filter, order or shape"),
        ("export --journal --inactive", "--journal takes no filter, order or shape"),
        ("export --journal --shape row", "--journal takes no filter, order or shape"),
        ("import j.jsonl --journal --check", "--journal takes no other option of an import"),
        ("import j.jsonl", "j.jsonl is a journal: import it with --journal"),
        ("import j.jsonl --journal -p team", "profile team is a server, and this command is for"),
        ("export --journal -p team", "profile team is a server, and this command is for"),
    ],
)
def test_what_does_not_go_with_a_journal_is_refused(
    line: str, told: str, call: Run, place: Place
) -> None:
    (place.home / "j.jsonl").write_text(json.dumps(journal_file.header("0001", None, "")) + "\n")
    call("profiles", "add", "team", "--url", "https://example.com", "--key-source", "env")

    result = call("participants", *line.split(), env={"GAMIFY_API_KEY": "k"})

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert place.is_untouched


def test_many_facts_of_few_are_kept_in_several_groups(
    journal: str, call: Run, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "_BATCH", 1)
    monkeypatch.setattr("gamify_cli.commands.imports.lines._CHUNK", 900)

    call("participants", "import", "--journal", "-", "--store", "copy.db", stdin=journal)

    assert tables(place.home / "copy.db") == tables(place.store)


def test_a_kill_in_the_middle_leaves_an_empty_store(store: Path, call: Run, place: Place) -> None:
    (place.home / "codes.txt").write_text("".join(f"B-{n}\n" for n in range(30_000)))
    assert call("rewards", "load-codes", "coupon10", "codes.txt").exit_code == 0
    lines = call("participants", "export", "--journal").stdout.splitlines(keepends=True)
    (place.home / "j.jsonl").write_text("".join(lines), "utf-8")
    fifo, copy = place.home / "fifo", place.home / "copy.db"
    os.mkfifo(fifo)
    command = [EXECUTABLE, "participants", "import", "--journal", "--store", copy]
    with (
        subprocess.Popen([*command, fifo], env=place.env, cwd=place.home) as process,
        fifo.open("w") as file,
    ):
        # More than is kept together, and more than waits in a pipe.
        file.write("".join(lines[:25_000]))
        file.flush()
        while not copy.with_name("copy.db-wal").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert not any(tables(copy).values())
    assert subprocess.run([*command, "j.jsonl"], env=place.env, cwd=place.home).returncode == 0
    assert tables(copy) == tables(store)
