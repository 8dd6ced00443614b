"""The bar on stderr: seen where it helps, gone where it would not; on a real terminal."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import Place, Run

from gamify_cli.render import progress

DRIVER = """
import itertools, sys
from gamify_cli import app
from gamify_cli.render import progress
seconds = itertools.count()
progress.CLOCK = lambda: next(seconds) * {step}
sys.exit(app.run(sys.argv[1:]))
"""
"""Runs gamify by a clock that goes on by a step at each look."""

GONE = "\x1b[2K"
EVENT = '{"participant_id": "ada", "event_name": "login"}\n'


def spawn(place: Place, line: str, *, step: float = 0.6, **env: str) -> Any:
    """A shell on a terminal in which `gamify` looks at a made-up clock."""
    driver = place.home / "driver.py"
    driver.write_text(DRIVER.format(step=step), "utf-8")
    command = f'gamify() {{ {sys.executable} {driver} "$@"; }}; {line}'
    return pexpect.spawn(
        "/bin/sh",
        ["-c", command],
        env={**place.env, "TERM": "xterm-256color", **env},
        cwd=str(place.home),
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=30,
    )


def told(place: Place, line: str, **more: Any) -> str:
    """All that a terminal is sent."""
    child = spawn(place, line, **more)
    text: str = child.read()
    child.close()
    return text


def plain(text: str) -> str:
    """A text without its colors."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def seen(text: str) -> str:
    """What is left on the screen, of lines that are drawn anew or taken back."""
    lines: list[str] = [""]
    for piece in re.findall(r"\x1b\[[\d;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
        if piece == "\n":
            lines.append("")
        elif piece == "\x1b[1A":
            lines.pop()
        elif piece == GONE:
            lines[-1] = ""
        elif piece[0] not in "\x1b\r":
            lines[-1] += piece
    return "\n".join(lines)


@pytest.fixture
def events(place: Place) -> Path:
    """A file of more events than one group."""
    file = place.home / "events.jsonl"
    file.write_text(EVENT * 60_000, "utf-8")
    return file


def ids(call: Run, count: int) -> str:
    for number in range(count):
        call("participants", "create", f"u{number}")
    return " ".join(f"u{number}" for number in range(count))


def test_a_bar_tells_how_much_how_fast_and_how_long(place: Place, call: Run) -> None:
    some = ids(call, 4)

    text = told(place, f"gamify participants get {some} -o csv > out; echo code $?")

    # Looks at the clock: the start, then one an id, 0.6 s apart.
    drawn = re.findall(r"working.*?(\d+ · .*? left)", plain(text))
    assert list(dict.fromkeys(drawn)) == [
        "2 · 2/s · 1 s left",
        "3 · 2/s · 1 s left",
        "4 · 2/s · 0 s left",
    ]
    assert seen(text) == "code 0\n"
    assert len((place.home / "out").read_text("utf-8").splitlines()) == 5


def test_what_is_quick_shows_no_bar(place: Place, call: Run) -> None:
    some = ids(call, 4)

    assert told(place, f"gamify participants get {some} -o csv > out", step=0.2) == ""


@pytest.mark.parametrize(
    ("line", "env"),
    [
        ("-o csv -q > out", {}),
        ("-o jsonl > out", {}),
        ("--json > out", {}),
        ("-o csv > out", {"TERM": "dumb"}),
        ("-o csv > out", {"GAMIFY_OUTPUT": "jsonl"}),
        ("-o csv 2> out", {}),
        ("-o csv", {}),
    ],
)
def test_there_is_no_bar_where_it_would_disturb(
    line: str, env: dict[str, str], place: Place, call: Run
) -> None:
    some = ids(call, 4)
    if "GAMIFY_OUTPUT" in env:
        line = "> out"

    assert "\x1b" not in told(place, f"gamify participants get {some} {line}", **env)


def test_a_table_comes_after_the_bar_is_gone(place: Place, call: Run) -> None:
    some = ids(call, 4)

    text = told(place, f"gamify participants get {some}")

    assert "working" in text
    assert seen(text).splitlines()[0].split()[0] == "participant_id"


def test_messages_and_failures_stand_on_lines_of_their_own(place: Place, call: Run) -> None:
    ids(call, 4)

    text = told(place, "gamify participants get u0 u1 no u2 nope u3 -o csv > out; echo code $?")

    assert "working" in text
    assert seen(text).splitlines() == [
        'gamify: participant "no" not found in profile local',
        'gamify: participant "nope" not found in profile local',
        "gamify: 2 of 6 failed",
        "code 9",
    ]


def test_an_import_tells_its_share_and_leaves_no_trace(place: Place, events: Path) -> None:
    text = told(place, f"gamify events import {events} -o csv > out; echo code $?", step=0.6)

    assert re.search(r"importing.*60,000 · [\d,]+/s · \d+ s left", plain(text))
    assert re.fullmatch(r"undo: gamify operations undo op_[0-9a-f]{24}\ncode 0\n", seen(text))


def test_ids_that_come_slowly_are_counted_as_they_come(place: Place, call: Run) -> None:
    ids(call, 4)
    child = spawn(place, "gamify participants get - -o csv > out; echo code $?")
    child.setecho(False)

    child.sendline("u0")
    child.sendline("u1")
    child.expect(r"2 · 2/s")
    child.sendline("u2")
    child.expect(r"3 · 2/s")
    child.sendeof()
    child.expect("code 0")


def test_ctrl_c_takes_the_bar_away_before_it_tells(place: Place, call: Run) -> None:
    ids(call, 2)
    child = spawn(place, "trap : INT; gamify participants get - -o csv > out; echo code $?")
    child.setecho(False)

    child.sendline("u0")
    child.sendline("u1")
    child.expect("2/s")
    child.sendintr()
    child.expect("code 130")

    assert GONE in child.before
    assert seen(child.before).strip().endswith("gamify: interrupted: 2 done, 0 failed")


def test_a_closed_pipe_leaves_no_bar(place: Place, call: Run) -> None:
    some = ids(call, 4)

    text = told(place, f"gamify participants get {some} {some} -o csv | head -1 > out")

    assert seen(text).strip() == ""


def test_codes_and_long_lists_have_a_bar(place: Place, call: Run) -> None:
    (place.home / "p.toml").write_text(
        'name = "n"\nrewards = [{ id = "mug", name = "Mug", type = "coupon", stock = "codes" }]\n'
    )
    call("program", "apply", "p.toml")
    (place.home / "codes").write_text("".join(f"c{number}\n" for number in range(20_000)), "utf-8")
    ids(call, 4)

    codes = told(place, "gamify rewards load-codes mug codes -o csv > out")
    rows = told(place, "gamify participants list -o csv > out")

    assert re.search(r"loading.*20,000 · ", plain(codes))
    assert re.search(r"reading.*4 · ", plain(rows))
    assert seen(codes) == "loaded 20,000 codes of mug\n"


def test_a_bar_is_drawn_ten_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    drawn: list[float] = []
    monkeypatch.setattr(progress, "CLOCK", lambda: now)
    monkeypatch.setattr(progress.Bar, "_draw", lambda *_: drawn.append(now))
    bar = progress.Bar("working", color=False)
    for step in range(3_000):
        now = step / 1_000
        bar.at(step)

    assert drawn[0] == 1.0
    assert len(drawn) == 20


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (125, "2:05"), (3725, "1:02:05")]
)
def test_time_left_is_told_as_people_do(seconds: float, text: str) -> None:
    assert progress._span(seconds) == text


def test_rich_is_loaded_for_a_bar_alone(place: Place, call: Run) -> None:
    some = ids(call, 2)
    probe = "import sys, json; print(json.dumps('rich' in sys.modules))"
    driver = place.home / "probe.py"
    driver.write_text(f"{DRIVER.format(step=0.1).replace('sys.exit(', '(')}{probe}", "utf-8")

    line = f"{sys.executable} {driver} participants get {some} -o csv | tail -1"

    assert json.loads(told(place, line)) is False
