"""What a person sees: tables, cards and prompts on a real terminal."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import EXECUTABLE, Place, Run
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gamify_cli.domain import shapes
from gamify_cli.render import card
from gamify_cli.render.colors import readable
from gamify_cli.render.output import Output

DATA = Path(__file__).parent / "data"


def spawn(place: Place, line: str, columns: int = 80, **env: str) -> Any:
    """The executable in a terminal of its own, run by a shell so that pipes can stand before it."""
    return pexpect.spawn(
        "/bin/sh",
        ["-c", line],
        env={**place.env, "TERM": "xterm-256color", **env},
        cwd=str(place.home),
        dimensions=(50, columns),
        encoding="utf-8",
        timeout=20,
    )


def screen(place: Place, line: str, columns: int = 80, **env: str) -> str:
    child = spawn(place, line, columns, **env)
    text: str = child.read().replace("\r\n", "\n")
    child.close()
    return text


@pytest.fixture(autouse=True)
def ada(call: Run) -> None:
    call("participants", "create", "ada", "--display-name", "Ada", "--attr", "plan=premium")


def test_a_terminal_gets_a_card(place: Place) -> None:
    assert screen(place, "gamify participants get ada", TERM="dumb") == (
        "╭────────────────────────────────────────────────╮\n"
        "│ Ada  ada                                       │\n"
        "│ Points      0  earned 0 · spent 0              │\n"
        "│ Tier        none                               │\n"
        "│ Badges      none                               │\n"
        "│ Streak      none                               │\n"
        "│ Challenges  0 active · 0 completed             │\n"
        "│ Rewards     0 claimed                          │\n"
        "│ Events      0                                  │\n"
        "│ Seen        2026-02-14 first · 2026-02-14 last │\n"
        "│ Attributes  plan: premium                      │\n"
        "╰────────────────────────────────────────────────╯\n"
    )


def test_the_card_shows_all_that_the_documented_bodies_have(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for shape, name in [(shapes.PROFILE, "profile"), (shapes.STATE, "state")]:
        body = json.loads((DATA / f"{name}_response.json").read_text("utf-8"))
        Output(shape, "table", (), "never").one(body)

    assert capsys.readouterr().out == (DATA / "cards.txt").read_text("utf-8")


@pytest.mark.parametrize("columns", [30, 40, 80, 120])
@pytest.mark.parametrize("verb", ["get ada", "get ada 漢字", "list", "history ada", "state 漢字"])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(
    verb: str, columns: int, place: Place, call: Run
) -> None:
    name = "漢字 😀 " * 12 + "end"
    call("participants", "create", "漢字", "--display-name", name, "--attr", f"long={'y' * 150}")

    text = screen(place, f"gamify participants {verb}", columns, TERM="dumb")

    assert max(cell_len(line) for line in text.splitlines()) <= columns
    assert "…" not in text
    if verb == "get ada 漢字":
        assert "end" in text


@pytest.mark.parametrize(
    ("env", "codes"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_follows_the_terminal(env: dict[str, str], codes: bool, place: Place) -> None:
    assert ("\x1b[" in screen(place, "gamify participants get ada", **env)) == codes


def test_json_on_a_terminal_has_no_escape_codes(place: Place) -> None:
    assert "\x1b" not in screen(place, "gamify participants get ada --json")


@pytest.mark.parametrize(
    ("answer", "code", "end"),
    [
        ("y", 0, "deactivated ada"),
        ("YES", 0, "deactivated ada"),
        ("n", 10, "gamify: declined; nothing was done"),
        ("", 10, "gamify: declined; nothing was done"),
    ],
)
def test_a_confirmation_names_the_target_and_takes_the_answer(
    answer: str, code: int, end: str, place: Place, call: Run
) -> None:
    child = spawn(place, "exec gamify participants deactivate ada -o ids")

    child.expect_exact(f'Deactivate participant "ada" in profile local ({place.store})? [y/N] ')
    child.sendline(answer)
    child.expect_exact(end)
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == code
    active = json.loads(call("participants", "get", "ada").stdout)["is_active"]
    assert active == (code != 0)


def test_ids_on_stdin_are_counted_and_confirmed_on_the_terminal(place: Place, call: Run) -> None:
    call("participants", "create", "bob")
    child = spawn(place, "printf 'ada\\nbob\\n' | gamify participants update - --attr a=1 -o ids")

    child.expect_exact("Update 2 participants in profile local")
    child.sendline("y")
    child.expect_exact("updated bob")
    child.expect(pexpect.EOF)


def test_a_segment_is_confirmed_on_the_terminal(place: Place, call: Run) -> None:
    call("participants", "create", "bob")
    line = "gamify participants list -o ids | gamify points award - 50 --jq '.[].new_balance'"
    for answer, end in (("n", "declined; nothing was done"), ("y", "50\r\n50\r\n")):
        child = spawn(place, line)
        child.expect_exact(f"Award 50 points to 2 participants in profile local ({place.store})?")
        child.sendline(answer)
        child.expect_exact(end)
        child.expect(pexpect.EOF)


@pytest.mark.parametrize("arguments", [["ada", "ada"], ["-"]])
def test_where_nobody_can_answer_several_are_declined(
    arguments: list[str], place: Place, call: Run
) -> None:
    done = subprocess.run(
        [EXECUTABLE, "participants", "update", *arguments, "--attr", "a=1"],
        input=b"ada\nada\n",
        env=place.env,
        capture_output=True,
        start_new_session=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (10, b"")
    assert done.stderr == (
        b"gamify: update 2 participants needs a confirmation, and nobody can give it\n"
        b"  hint: add --yes if you mean it\n"
    )
    assert json.loads(call("participants", "history", "ada").stdout)[0]["number"] == 1


@pytest.mark.parametrize("never", ["--no-input", "GAMIFY_NO_INPUT=1"])
def test_a_prompt_can_be_forbidden(never: str, place: Place) -> None:
    option, variable = (never, "") if never.startswith("-") else ("", never)
    child = spawn(place, f"{variable} gamify participants deactivate ada {option}; echo code $?")

    child.expect_exact("needs a confirmation, and nobody can give it")
    child.expect_exact("code 10")


def test_ctrl_c_at_the_prompt_exits_130(place: Place) -> None:
    child = spawn(place, "exec gamify participants deactivate ada")

    child.expect_exact("[y/N] ")
    child.sendintr()
    child.expect_exact("gamify: interrupted")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 130


def test_ctrl_c_in_a_stream_tells_what_is_done(place: Place) -> None:
    child = spawn(place, "exec gamify participants get - -o ids")

    child.sendline("ada")
    child.expect_exact("ada\r\nada\r\n")
    child.sendintr()
    child.expect_exact("gamify: interrupted: 1 done, 0 failed")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 130


def test_a_closed_pipe_is_silent_and_exits_141(place: Place, call: Run) -> None:
    for number in range(30):
        call("participants", "create", f"p{number}", "--attr", f"x={'y' * 10_000}")
    for line in ("participants list --all -o jsonl", "participants list -o table", "--help"):
        shell = f"{{ gamify {line}; echo code $? >&2; }} | true"
        done = subprocess.run(
            ["/bin/bash", "-c", shell], env=place.env, capture_output=True, text=True, check=False
        )
        assert re.fullmatch(r"code (141|0)\n", done.stderr), done.stderr
        if "jsonl" in line:
            assert done.stderr == "code 141\n"


def test_a_full_disk_under_stdout_is_told(place: Place) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", "gamify participants get ada > /dev/full"],
        env=place.env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 7
    assert done.stderr == "gamify: cannot write the output: No space left on device\n"


def test_closed_streams_are_no_crash(place: Place) -> None:
    for line, code in [
        ("gamify participants get ada >&-", 0),
        ("gamify participants get nobody 2>&-", 3),
        ("gamify participants get - <&-", 2),
        ("gamify participants create --input - <&-", 2),
        ("gamify participants deactivate ada <&-", 10),
    ]:
        done = subprocess.run(
            ["/bin/sh", "-c", line], env=place.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, line
        assert "Traceback" not in done.stderr


def test_a_table_shows_every_character_at_every_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {
        "number": 12,
        "kind": "profile_changed",
        "data": {"attributes_patch": {"a_long_name_of_an_attribute": "and its 漢字 value"}},
        "occurred_at": "2026-02-14T10:00:00Z",
        "actor": "root",
        "operation": "op_43d3bd777647fb502aaabda3",
    }
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    for columns in range(30, 160):
        monkeypatch.setenv("COLUMNS", str(columns))
        Output(shapes.FACT, "table", (), "never").many(iter([row]))
        text = capsys.readouterr().out
        assert max(cell_len(line) for line in text.splitlines()) <= columns
        shown = Counter("".join(text.split()))
        for value in (*shapes.FACT.table, *map(str, row.values())):
            for character in set(value) - set(" {}'\"':,"):
                assert shown[character] >= value.count(character)
        assert sum(shown.values()) >= len("".join(shapes.FACT.table)) + 130


def test_messages_that_cannot_be_delivered_change_no_exit_code(place: Place, call: Run) -> None:
    for line, code in [
        ("gamify participants get nobody 2>/dev/full", 3),
        ("gamify participants create bob 2>/dev/full", 0),
        ("gamify participants bogus 2>/dev/full", 2),
    ]:
        done = subprocess.run(["/bin/sh", "-c", line], env=place.env, check=False)
        assert done.returncode == code, line
    assert call("participants", "exists", "bob").exit_code == 0


def test_ctrl_c_while_the_reader_is_slow_leaves_whole_rows(place: Place, call: Run) -> None:
    for number in range(60):
        call("participants", "create", f"p{number}", "--attr", f"x={'y' * 5_000}")
    for format_ in ("json", "jsonl"):
        child = subprocess.Popen(
            [EXECUTABLE, "participants", "list", "--all", "-o", format_],
            env=place.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        assert child.stdout
        first = child.stdout.read(1)
        child.send_signal(signal.SIGINT)
        rest, _ = child.communicate()
        text = (first + rest).decode()
        assert child.returncode in (0, 130)
        for row in [text] if format_ == "json" else text.splitlines():
            json.loads(row)


TIERS = """
name = "colors"
tiers = [{ code = "one", name = "One", level = 1, points_required = 0, color = "#FFD700" },
         { code = "two", name = "Two", level = 2, points_required = 20 }]
"""


def contrast(color: str) -> float:
    """That of `#RRGGBB` to black or to white, whichever is less, by WCAG 2.2."""
    shares = [part / 255 for part in bytes.fromhex(color[1:])]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares)
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return min(1.05 / (light + 0.05), (light + 0.05) / 0.05)


def foregrounds(text: str, word: str) -> list[str]:
    """The codes of color that stand before a word."""
    codes = re.findall(r"\x1b\[([\d;]*)m" + word, text)
    return [code.removeprefix("1;") for code in codes]


@pytest.mark.parametrize(
    ("color", "shown"),
    [("#FFD700", "38;2;161;135;0"), ("#FFFFFF", "39"), ("#000000", "39"), ("#c0c0c0", "39")],
)
def test_the_color_of_a_tier_is_readable_on_any_background(
    color: str, shown: str, place: Place, call: Run
) -> None:
    (place.home / "program.toml").write_text(TIERS.replace("#FFD700", color), "utf-8")
    call("program", "apply", "program.toml")
    call("points", "award", "ada", "10")
    line = "gamify participants get ada"

    seen = screen(place, line, COLORTERM="truecolor")
    few = screen(place, line, TERM="xterm")

    assert foregrounds(seen, "One") == foregrounds(seen, "█" * 10) == [shown]
    assert foregrounds(few, "One") == foregrounds(few, "█" * 10) == ["39"]


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_no_color_vanishes_on_black_or_on_white(parts: tuple[int, ...]) -> None:
    color = readable(f"#{bytes(parts).hex()}")

    assert contrast(color) > 3.4 if color != "default" else max(parts) - min(parts) <= 24


def test_no_mark_of_a_badge_vanishes_on_black_or_on_white() -> None:
    colors = [color for color in card.RARITIES.values() if color != "default"]

    assert len(colors) == 4
    assert min(map(contrast, colors)) > 3.3


def test_a_filtered_text_keeps_its_lines_on_a_terminal_but_never_acts(
    place: Place, call: Run
) -> None:
    call("participants", "create", "eve", "--display-name", "a\x1b[31m\n\tb\u202e")

    text = screen(place, "gamify participants get eve --jq '.display_name, [.display_name]'")

    assert text == 'a\\x1b[31m\n\tb\\u202e\n["a\\u001b[31m\\n\\tb\\u202e"]\n'


def test_ctrl_c_ends_an_expression_that_never_would(place: Place) -> None:
    child = spawn(place, "exec gamify participants get ada --jq '1, last(repeat(1))'")

    child.expect_exact("1\r\n")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()

    assert signal.SIGINT in (child.signalstatus, (child.exitstatus or 0) - 128)
