"""The root of the command tree, and the one place where an error becomes an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

import typer
from typer.core import TyperOption

from gamify_cli import __version__
from gamify_cli.commands import HIDDEN, LEAVES, NOUNS
from gamify_cli.commands.base import Group, Line, Verb, group_of, leaf_of
from gamify_cli.errors import GamifyError, InternalError, Interrupted, Unavailable, UsageError

CLOSED_PIPE = 141

SUMMARY = """Administer the participants of a gamification platform.

Examples:
    gamify participants create user_123 --display-name "Jane Doe"
    gamify participants get user_123
    gamify participants list --tier gold -o ids | gamify participants get -

Exit codes: 0, 1, 2, 3, 4, 5, 7, 8, 9, 10.
"""


class Root(Group):
    """Lists every noun from the registry, but imports only the one that runs."""

    def __init__(self) -> None:
        super().__init__(name="gamify", help=SUMMARY, rich_markup_mode=None)
        for name, summary in (NOUNS | LEAVES).items():
            self.add_command(Verb(name=name, help=summary, rich_markup_mode=None))
        self.params.append(_version_option())

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args[0] in HIDDEN:
            return args[0], load(args[0]), args[1:]
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(str(name)), rest


def load(name: str) -> Any:
    """The command of that name, with everything below it."""
    app = import_module(f"gamify_cli.commands.{HIDDEN.get(name, name)}").app
    return group_of(app) if name in NOUNS else leaf_of(app)


def _version_option() -> TyperOption:
    """--version, at the root alone."""

    def show(_ctx: Any, _param: Any, value: bool) -> None:
        if value:
            typer.echo(f"gamify {__version__}")
            raise typer.Exit

    return TyperOption(
        param_decls=["--version"],
        help="Show the version.",
        is_flag=True,
        default=False,
        expose_value=False,
        is_eager=True,
        callback=show,
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
        return _fail(line, _in_our_words(error))
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
    messages.error(error)
    return error.exit_code


def _in_our_words(error: BaseException) -> GamifyError:
    """Whatever went wrong, as an error of ours."""
    match error:
        case GamifyError():
            return error
        case KeyboardInterrupt():
            return Interrupted("interrupted")
        case typer.TyperException():
            return _usage(error)
        case OSError():
            _fall_silent()
            return Unavailable(f"cannot write the output: {error.strerror}")
    return InternalError(f"internal error: {type(error).__name__}: {error}")


def _usage(error: typer.TyperException) -> UsageError:
    """The parser's complaint in our words."""
    message = error.format_message().rstrip(".")
    possible = getattr(error, "possibilities", None)
    if possible:
        message = error.message
    hint = f"did you mean {' or '.join(sorted(possible))}?" if possible else None
    ctx = getattr(error, "ctx", None)
    if not hint and message.startswith("No such option"):
        hint = "an argument that begins with - goes after --"
    if not hint and ctx:
        hint = f"see: {ctx.command_path} --help"
    return UsageError(message[:1].lower() + message[1:], hint=hint)


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
