"""The README compares gamify with other tools as benchmarks/comparison.toml has it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = tomllib.loads((ROOT / "benchmarks" / "comparison.toml").read_text("utf-8"))
BEHAVIOURS = DATA["behaviour"]
TOOLS = ("gh", "kubectl", "aws", "sqlite-utils")


def test_the_readme_shows_what_was_found() -> None:
    script = [sys.executable, ROOT / "benchmarks" / "comparison.py"]
    table = subprocess.run(script, capture_output=True, text=True, check=True).stdout

    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme.split("<!-- comparison -->\n")[1].split("<!-- /comparison -->")[0] == table
    assert len(table.splitlines()) == 2 + len(BEHAVIOURS)


def test_every_tool_has_its_evidence_for_every_behaviour() -> None:
    assert tuple(DATA["versions"]) == TOOLS
    for one in BEHAVIOURS:
        assert set(one) == {"section", "does", "gamify", "tests", *TOOLS}, one
        assert one["section"] in range(2, 7)
        for tool in TOOLS:
            assert {"stands", "says", "shows"} <= set(one[tool]), (one["does"], tool)
            assert one[tool].get("run") or one[tool].get("docs", "").startswith("https://")


def test_twenty_behaviours_are_compared_and_not_all_are_won() -> None:
    assert len({one["does"] for one in BEHAVIOURS}) == len(BEHAVIOURS) >= 20
    matched = [one for one in BEHAVIOURS if any(one[tool]["stands"] != "less" for tool in TOOLS)]
    beaten = [one for one in BEHAVIOURS if any(one[tool]["stands"] == "better" for tool in TOOLS)]
    assert len(matched) >= 4
    assert beaten


def test_what_gamify_does_is_held_by_tests_that_are_there() -> None:
    assert all(one["tests"] for one in BEHAVIOURS)
    tests = sorted({test for one in BEHAVIOURS for test in one["tests"]})

    collect = [sys.executable, "-m", "pytest", "--collect-only", "-qq", *tests]
    done = subprocess.run(collect, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
