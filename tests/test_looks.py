"""How tables look at each width and on each kind of terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Place, Run, program
from rich.cells import cell_len
from test_terminal import screen

from gamify_cli.domain import shapes
from gamify_cli.render import terminal
from gamify_cli.render.output import Output

DATA = Path(__file__).parent / "data"
FAMILY = "👩\u200d👩\u200d👧"
WIDE = ["漢字", "한글", "ａｂ", FAMILY, "🇫🇷", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "e\u0301", "नमस्ते", "😀", "ﷺ", "a\u200bb"]
"""Texts whose characters are not a column each, though a terminal knows how many they take."""

PROGRAM = """
name = "looks"
tiers = [
    { code = "bronze", name = "Bronze", level = 1, points_required = 0 },
    { code = "gold", name = "Gold", level = 2, points_required = 1000, color = "#FFD700" },
]
badges = [
    { code = "first_steps", name = "First Steps", icon = "https://cdn.example.com/first.svg" },
    { code = "power_user", name = "Power User", criterion = { total_earned = 1000 } },
]
streaks = [
    { code = "daily_login", name = "Daily login", period = "daily" },
    { code = "weekly_workout", name = "Weekly workout", period = "weekly" },
]
leaderboards = [{ code = "top", name = "Top", metric = "total_earned", period = "all_time" }]

[[rewards]]
id = "coupon10"
name = "10% Off Coupon"
description = "10% off the next order"
type = "coupon"
points_cost = 500
max_claims_per_user = 1
stock = 5
expires_at = "2027-01-01T00:00:00Z"

[[rewards]]
id = "mug"
name = "Mug 漢字"
type = "physical"
stock = "unlimited"

[[challenges]]
code = "onboarding"
name = "Onboarding"
window = { days = 30 }
objectives = [
    { id = "profile", event = "profile_completed", target = 1 },
    { id = "quiz", event = "quiz_completed", target = 1000, after = ["profile"] },
]
"""

WRITES = f"""
program apply looks.toml
participants create ada --display-name Ada-{FAMILY}-漢字
participants create bob --display-name Bob-🇫🇷
points award ada 1200 --reason launch --expires-at 2026-03-01
points award ada 5 --metadata {{"source":"shop"}}
points award bob 300
streaks record ada daily_login
challenges enroll ada onboarding
events record ada profile_completed
rewards claim ada mug
rewards claim ada coupon10 --pay
"""

READS = """
participants list
points history ada
points expiring ada
points expiring ada bob
badges list ada
tiers show ada
streaks list ada
streaks list ada bob
challenges list ada
rewards list
rewards history ada
leaderboards show top
leaderboards rank bob top
program diff changed.toml
"""


@pytest.fixture
def filled(place: Place, call: Run) -> Place:
    """A place whose store has a little of everything."""
    (place.home / "looks.toml").write_text(PROGRAM, "utf-8")
    changed = PROGRAM.replace("points_cost = 500", "points_cost = 600").replace(
        "off the", "off your"
    )
    (place.home / "changed.toml").write_text(changed, "utf-8")
    for line in WRITES.strip().splitlines():
        done = call(*line.split())
        assert done.exit_code == 0, done.stderr
    return place


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_every_table_is_drawn_as_it_was_found_good(columns: int, filled: Place) -> None:
    lines = READS.strip().splitlines()

    text = screen(
        filled, "; ".join(f"echo '$ {one}'; gamify {one}" for one in lines), columns, TERM="dumb"
    )

    assert max(cell_len(line) for line in text.splitlines()) <= columns
    assert text == (DATA / f"looks_{columns}.txt").read_text("utf-8")


@pytest.mark.parametrize(
    "verb", ["participants get ada", "participants list", "participants explain ada points"]
)
def test_without_unicode_it_is_drawn_with_ascii(verb: str, filled: Place, call: Run) -> None:
    call("participants", "update", "ada", "bob", "--display-name", "Ada", "--yes")
    line = f"gamify {verb}"
    for name, value in [("LC_ALL", "C"), ("LANG", "C"), ("LANG", "en_US.ISO-8859-1")]:
        env = {"LANG": "", name: value}
        assert screen(filled, line, TERM="dumb", **env).isascii()
    assert not screen(filled, line, TERM="dumb").isascii()


@pytest.mark.parametrize(
    ("env", "has"),
    [
        ({}, True),
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE"}, True),
        ({"LANG": "C", "LC_ALL": "en_US.utf8"}, True),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "POSIX"}, False),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, False),
    ],
)
def test_the_locale_tells_whether_there_is_unicode(env: dict[str, str], has: bool) -> None:
    assert terminal.has_unicode(env) == has


def test_colour_can_be_forced_into_a_pipe(filled: Place) -> None:
    line = "gamify participants get ada -o table | cat"

    assert "\x1b[" not in screen(filled, line)
    assert "\x1b[" in screen(filled, line, FORCE_COLOR="1")
    assert "\x1b[" not in screen(filled, line, FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b[" in screen(filled, "NO_COLOR=1 gamify participants get ada --color always")


def test_a_fold_never_tears_what_is_one_character_to_the_reader(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"participant_id": "x", "display_name": FAMILY * 30, "attributes": {}}
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    for columns in range(20, 60):
        monkeypatch.setenv("COLUMNS", str(columns))
        Output(shapes.ROW, "table", ("participant_id", "display_name"), "never").many(iter([body]))
        text = capsys.readouterr().out
        assert text.count(FAMILY) == 30
        assert max(cell_len(line) for line in text.splitlines()) <= columns


PROBE = """
import os, re, sys, tty
terminal = os.open("/dev/tty", os.O_RDWR)
tty.setraw(terminal)
with open("widths", "w") as out:
    for text in sys.argv[1:]:
        os.write(terminal, b"\\r\\x1b[K" + text.encode() + b"\\x1b[6n")
        answer = b""
        while not answer.endswith(b"R"):
            answer += os.read(terminal, 1)
        print(int(re.search(rb";(\\d+)R", answer)[1]) - 1, file=out)
"""


def test_a_text_is_as_wide_on_a_terminal_as_it_is_taken_for(place: Place) -> None:
    tmux = [program("tmux", "tmux"), "-u", "-S", str(place.home / "tmux"), "-f", os.devnull]
    probe = place.home / "probe.py"
    probe.write_text(PROBE, "utf-8")
    done = "tmux wait-for -S probed"
    start = [*tmux, "new-session", "-d", "-c", str(place.home), "-x", "80", "-y", "24", "sh"]
    env = {**os.environ, **place.env, "TERM": "xterm-256color"}
    subprocess.run(start, env=env, check=True)
    words = " ".join(f"'{text}'" for text in WIDE)
    keys = f"{sys.executable} {probe} {words}; {done}"
    subprocess.run([*tmux, "send-keys", keys, "Enter"], env=env, check=True)
    subprocess.run([*tmux, "wait-for", "probed"], env=env, check=True, timeout=30)
    subprocess.run([*tmux, "kill-server"], env=env, check=True)

    shown = (place.home / "widths").read_text("utf-8").split()
    assert dict(zip(WIDE, map(int, shown), strict=True)) == {one: cell_len(one) for one in WIDE}


def test_what_is_free_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    change = {
        "change": "changed",
        "kind": "challenges",
        "code": "start",
        "member": "objectives",
        "before": [],
        "after": [{"id": "one", "target": 1}],
    }

    Output(shapes.CHANGE, "table", (), "never").many(iter([change]))

    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last[-2:] == ["[]", '[{"id":"one","target":1}]']
