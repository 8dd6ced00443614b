"""The one place where an error becomes an exit code."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, TextIO, cast

import typer

from gamify_cli.commands.base import Line
from gamify_cli.commands.root import Root
from gamify_cli.errors import (
    CLOSED_PIPE,
    GamifyError,
    Interrupted,
    Unavailable,
    UsageError,
)


def run(argv: list[str]) -> int:
    """Run one command line (without the program's name) and return its exit code."""
    line = Line(["gamify", *argv])
    try:
        try:
            _invoke(line, argv)
        finally:
            if line.context:
                line.context.close()
            sys.stdout.flush()
    except typer.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        return _fall_silent()
    except (Exception, KeyboardInterrupt) as error:
        return _fail(line, _in_our_words(line, error))
    return 0


def _invoke(line: Line, argv: list[str]) -> None:
    root = Root()
    with root.make_context("gamify", argv, obj=line) as ctx:
        root.invoke(ctx)


def _fail(line: Line, error: GamifyError) -> int:
    from gamify_cli import settings
    from gamify_cli.render.messages import Messages

    if line.given.get("debug"):
        import traceback

        traceback.print_exc()
    try:
        asked = settings.output(line.given, os.environ)
    except UsageError:
        asked = "json"
    messages = line.context.messages if line.context else Messages()
    messages.as_json = asked in ("json", "jsonl")
    messages.verbose = bool(line.given.get("verbose"))
    messages.error(error)
    return error.exit_code


def _in_our_words(line: Line, error: BaseException) -> GamifyError:
    """Whatever went wrong, as an error of ours."""
    match error:
        case GamifyError():
            if line.context:
                line.context.explain(error)
            return error
        case KeyboardInterrupt():
            return Interrupted("interrupted")
        case OSError(filename=None):  # a stream has no name
            _fall_silent()
            return Unavailable(f"cannot write the output: {error.strerror}")
    from gamify_cli.render import crash

    return crash.describe(error, line.argv, os.environ)


def _fall_silent() -> int:
    """A reader that went away is no error; keep Python from complaining about it at exit."""
    sys.stdout = _nowhere()
    return CLOSED_PIPE


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def main() -> NoReturn:
    """The console script."""
    # Anew, because PYTHONUNBUFFERED takes away the buffer that completes a write cut short.
    sys.stdout = _nowhere() if sys.stdout is None else _stream(sys.stdout.fileno())
    if sys.stderr is None:
        sys.stderr = _nowhere()
    cast(TextIOWrapper, sys.stderr).reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.set_int_max_str_digits(0)  # attributes have a limit of their own
    sys.exit(run(sys.argv[1:]))


def _stream(descriptor: int) -> TextIO:
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="\n", closefd=False)
