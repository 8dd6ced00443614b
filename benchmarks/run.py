"""Measure everything and print one table; with --write, keep it in README.md, too."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
from pathlib import Path

import engine
import importing
import read
import serving
import startup
import stream
from figures import table

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- last run -->", "<!-- end -->"


def main() -> None:
    """Exits with 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in README.md")
    write = parser.parse_args().write
    figures = []
    for script in (startup, stream, read, engine, importing, serving):
        print(f"measuring: {script.__name__}", file=sys.stderr, flush=True)
        figures += script.figures()
    print(table(figures))
    if write:
        _keep(f"{machine()}\n\n{table(figures)}")
    if any(figure.met is False for figure in figures):
        sys.exit(1)


def machine() -> str:
    """What it ran on."""
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{platform.system()} on {os.cpu_count()} cores ({platform.machine()})."
    )


def _keep(text: str) -> None:
    before, rest = README.read_text(encoding="utf-8").split(_BEGIN)
    after = rest.split(_END)[1]
    README.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
