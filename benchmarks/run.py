"""Measure everything and print one table; with --write, keep it in README.md, too."""

from __future__ import annotations

import argparse
import sys
import time
from types import ModuleType

import awarding
import backing_up
import changing
import contention
import copying
import engine
import events
import exporting
import importing
import last_run
import replaying
import scale
import serving
import simulating
import startup
import stream
import undoing
from figures import Figure, require_all, table

SCRIPTS = (
    startup,
    stream,
    engine,
    scale,
    importing,
    events,
    exporting,
    copying,
    backing_up,
    changing,
    contention,
    replaying,
    awarding,
    serving,
    simulating,
    undoing,
)

SLOW = (startup, awarding, serving)
"""What takes long whatever its size, so that a quick run leaves it out."""


def main() -> None:
    """Exits with 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in README.md")
    parser.add_argument("--quick", action="store_true", help="see that it works, in a minute")
    parser.add_argument(
        "--only", nargs="+", metavar="SCRIPT", help="with --write, in the place of their rows"
    )
    options = parser.parse_args()
    if options.write and options.quick:
        parser.error("only a whole run is kept")
    start = time.monotonic()
    every = [one for one in SCRIPTS if not (options.quick and one in SLOW)]
    chosen = [one for one in every if options.only is None or one.__name__ in options.only]
    figures = [figure for script in chosen for figure in _measured(script)]
    print(table(figures))
    if options.write and options.only:
        note = f"Of {', '.join(options.only)} again: {last_run.machine()}"
        last_run.mend("last run", note, table(figures))
    elif options.write:
        minutes = (time.monotonic() - start) / 60
        took = f"{last_run.machine()} All of it took {minutes:.0f} minutes."
        last_run.keep("last run", f"{took}\n\n{table(figures)}")
    require_all(figures)


def _measured(script: ModuleType) -> list[Figure]:
    start = time.monotonic()
    print(f"measuring: {script.__name__}", file=sys.stderr, flush=True)
    found: list[Figure] = script.figures()
    print(f"  {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    main()
