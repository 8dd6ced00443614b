"""What was measured last, where README.md has it."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import date
from pathlib import Path

from figures import aligned

_README = Path(__file__).with_name("README.md")


def machine() -> str:
    """What it ran on, and when."""
    return (
        f"{date.today()}, commit {_told('git', 'rev-parse', '--short', 'HEAD')}. "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{_told('psql', '--version') or 'no PostgreSQL'}, "
        f"{platform.system()} on {os.cpu_count()} cores ({platform.machine()})."
    )


def keep(name: str, text: str) -> None:
    """Replace what stands between the marks of that name."""
    before, rest = _README.read_text(encoding="utf-8").split(f"<!-- {name} -->")
    _, after = rest.split(f"<!-- end of {name} -->")
    marked = f"<!-- {name} -->\n\n{text}\n\n<!-- end of {name} -->"
    _README.write_text(f"{before}{marked}{after}", encoding="utf-8")


def mend(name: str, note: str, rows: str) -> None:
    """Put rows of a table in the place of those that begin alike, and a note before it."""
    text = _README.read_text(encoding="utf-8")
    kept = text.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0].strip()
    sums, _, lines = kept.partition("\n\n|")
    found = {_first(row): _cells(row) for row in rows.splitlines()[2:]}
    table = [found.pop(_first(line), _cells(line)) for line in f"|{lines}".splitlines()]
    del table[1]
    keep(name, f"{sums} {note}\n\n{aligned([*table, *found.values()])}")


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def _first(row: str) -> str:
    return _cells(row)[0]


def _told(*command: str) -> str:
    """The first line that a command prints; nothing where it is not installed."""
    try:
        done = subprocess.run(
            command, cwd=_README.parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.partition("\n")[0]
