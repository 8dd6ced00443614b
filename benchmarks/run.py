"""Measure everything and print one table; with --write, keep it in README.md, too."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import ModuleType

import awarding
import engine
import exporting
import importing
import scale
import serving
import startup
import stream
from figures import Figure, require_all, table

README = Path(__file__).with_name("README.md")
SCRIPTS = (
    startup,
    stream,
    engine,
    scale,
    exporting,
    importing,
    awarding,
    serving,
)
_BEGIN, _END = "<!-- last run -->", "<!-- end -->"


def main() -> None:
    """Exits with 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in README.md")
    parser.add_argument("--quick", action="store_true", help="see that it works, in a minute")
    options = parser.parse_args()
    if options.write and options.quick:
        parser.error("only a whole run is kept")
    start = time.monotonic()
    figures = [figure for script in SCRIPTS for figure in _measured(script)]
    print(table(figures))
    if options.write:
        minutes = (time.monotonic() - start) / 60
        _keep(f"{machine()} All of it took {minutes:.0f} minutes.\n\n{table(figures)}")
    require_all(figures)


def _measured(script: ModuleType) -> list[Figure]:
    start = time.monotonic()
    print(f"measuring: {script.__name__}", file=sys.stderr, flush=True)
    found: list[Figure] = script.figures()
    print(f"  {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return found


def machine() -> str:
    """What it ran on, and when."""
    return (
        f"{date.today()}, commit {_told('git', 'rev-parse', '--short', 'HEAD')}. "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{_told('psql', '--version') or 'no PostgreSQL'}, "
        f"{platform.system()} on {os.cpu_count()} cores ({platform.machine()})."
    )


def _told(*command: str) -> str:
    """The first line that a command prints; nothing where it is not installed."""
    try:
        done = subprocess.run(
            command, cwd=README.parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.partition("\n")[0]


def _keep(text: str) -> None:
    before, rest = README.read_text(encoding="utf-8").split(_BEGIN)
    after = rest.split(_END)[1]
    README.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
